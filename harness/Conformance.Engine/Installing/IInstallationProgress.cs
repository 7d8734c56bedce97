namespace Conformance.Engine.Installing;

/// <summary>Is told how far the installation of one thing is. What is told of several comes from several threads.</summary>
public interface IInstallationProgress
{
    /// <summary>Bytes are about to come.</summary>
    /// <param name="source">The URL or file.</param>
    /// <param name="bytes">Its whole size; null where the server does not say.</param>
    /// <param name="had">How many of them an earlier attempt has left here.</param>
    void OnFetching(string source, long? bytes, long had);

    /// <param name="bytes">How much is here.</param>
    void OnFetched(long bytes);

    /// <summary>The digest is the pinned one.</summary>
    /// <param name="bytes">The size of what is unpacked.</param>
    void OnUnpacking(long bytes);

    /// <summary>A program does it, such as apt-get.</summary>
    /// <param name="words">What it does.</param>
    void OnCommand(string words);

    /// <summary>Another process is installing the same: it is waited for.</summary>
    void OnWaiting();
}
