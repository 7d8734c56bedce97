using Conformance.Engine.Workers;
using Conformance.Model.Runtimes;
using Conformance.Protocol;

namespace Conformance.Engine.Running;

/// <summary>What a runtime is on this machine.</summary>
/// <param name="Identity">Null where it can't be used.</param>
/// <param name="Description">One line: its version, or why it can't be used and what to do.</param>
public sealed record RuntimeProbe(InitializeResult? Identity, string Description)
{
    /// <summary>Starts a worker, asks it who it is, and ends it.</summary>
    public static async Task<RuntimeProbe> AskAsync(RuntimeManifest runtime, RunOptions options, CancellationToken cancellation)
    {
        try
        {
            await using var worker = await WorkerPool.StartAsync(runtime, options, cancellation).ConfigureAwait(false);
            var identity = worker.Identity;
            return new RuntimeProbe(identity, $"{identity.Version} ({identity.Engine}; {string.Join(", ", identity.Features)})");
        }
        catch (RuntimeMissingException e)
        {
            return new RuntimeProbe(null, $"unavailable: {e.Unavailability.Reason}; to have it: {e.Unavailability.Remedy}");
        }
        catch (WorkerFailureException e)
        {
            return new RuntimeProbe(null, $"broken: {e.Message}; {e.Stderr.Trim()}");
        }
    }
}
