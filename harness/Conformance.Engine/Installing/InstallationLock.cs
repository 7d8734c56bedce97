using Conformance.Machine;

namespace Conformance.Engine.Installing;

/// <summary>What one process at a time may install.</summary>
internal static class InstallationLock
{
    /// <summary>As long as another process may take.</summary>
    private static readonly TimeSpan LongestOther = TimeSpan.FromMinutes(30);

    /// <summary>Waits for its turn: another process may be installing the same.</summary>
    /// <param name="path">The file that stands for it.</param>
    /// <param name="who">Who is waited for, at the beginning of a sentence.</param>
    /// <param name="onWaiting">Is called once where somebody else holds it.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="EnvironmentException">The other one did not end.</exception>
    public static async Task<FileStream> TakeAsync(string path, string who, Action onWaiting, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(LongestOther);
        try
        {
            return await ProcessLock.TakeAsync(path, onWaiting, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new EnvironmentException($"{who} has been running for {LongestOther.TotalMinutes:0} minutes", e);
        }
    }
}
