using System.Collections.Concurrent;
using Conformance.Machine;
using Conformance.Model;
using Conformance.Model.Runtimes;

namespace Conformance.Engine.Releases;

/// <summary>Is told of the releases that a run, or a setup, fetches.</summary>
public interface ISetupListener
{
    /// <summary>Who is told how far one of them is.</summary>
    IInstallationProgress OnBegin(RuntimeManifest runtime);

    /// <summary>A release is in its folder.</summary>
    void OnInstalled(RuntimeManifest runtime, string folder);

    /// <param name="runtime">What could not be installed.</param>
    /// <param name="why">In one line.</param>
    void OnFailed(RuntimeManifest runtime, string why);
}

/// <summary>
/// Fetches the releases that runtimes' manifests pin, several at once, each once: what could not be had is remembered, and a host that
/// nobody answers at is asked once.
/// </summary>
/// <param name="mirror">Whose server to take all archives from, by the paths that their own URLs have; null takes those.</param>
/// <param name="listener">Is told.</param>
public sealed class ReleaseSetup(Uri? mirror, ISetupListener listener)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<string?>>> _attempts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _unreachable = new(StringComparer.Ordinal);

    /// <summary>Whether there is a release of it for this platform.</summary>
    public static bool Knows(RuntimeManifest runtime) => runtime.Release?.Archives.ContainsKey(Platform.Name) == true;

    /// <summary>Where an archive is taken from.</summary>
    /// <param name="archive">What a manifest pins.</param>
    /// <param name="mirror">The server to take it from instead of its own; null takes that.</param>
    public static string SourceOf(ReleaseArchive archive, Uri? mirror) =>
        mirror is null ? archive.Url : mirror.AbsoluteUri.TrimEnd('/') + new Uri(archive.Url).PathAndQuery;

    /// <summary>Installs a runtime's release, unless it is there; asked again, it answers what it found the first time.</summary>
    /// <param name="runtime">One that <see cref="Knows"/> a release.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Null where it is installed; else why not, in one line.</returns>
    public Task<string?> EnsureAsync(RuntimeManifest runtime, CancellationToken cancellation) =>
        _attempts.GetOrAdd(runtime.Id, _ => new Lazy<Task<string?>>(() => TryAsync(runtime, cancellation))).Value;

    private async Task<string?> TryAsync(RuntimeManifest runtime, CancellationToken cancellation)
    {
        var installer = new ReleaseInstaller(runtime.Id, runtime.Release!, ConformanceHome.Within(runtime.ReleaseName)!);
        if (installer.IsInstalled) return null;
        var source = SourceOf(installer.Archive!, mirror);
        var host = new Uri(source).Authority;
        string why;
        try
        {
            if (!_unreachable.TryGetValue(host, out why!))
            {
                await installer.InstallOrFailAsync(source, again: false, listener.OnBegin(runtime), cancellation).ConfigureAwait(false);
                listener.OnInstalled(runtime, installer.Folder);
                return null;
            }
        }
        catch (DownloadException e)
        {
            why = e.Message;
            if (e.IsUnreachable)
            {
                _unreachable.TryAdd(host,
                why = $"{host} can't be reached: {(e.InnerException?.InnerException ?? e.InnerException)!.Message.TrimEnd('.')}");
            }
        }
        catch (ConformanceException e)
        {
            why = e.Message;
        }

        listener.OnFailed(runtime, why);
        return why;
    }
}
