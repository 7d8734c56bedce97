using Conformance.Engine.Planning;
using Conformance.Engine.Running;

namespace Conformance.Tests.Harness;

/// <summary>
/// Runs of one fixture on runtimes that must be here: their workers live from one to the next, as they do from cell to cell.
/// </summary>
internal sealed class WarmRuns : IAsyncDisposable
{
    private readonly WorkerPool _workers = new();

    /// <summary>Runs a plan against an embedded server.</summary>
    public async Task<RecordedRun> RunAsync(Plan plan, RunOptions? options = null)
    {
        var run = await new RecordedRun().RunAsync(plan, (options ?? new RunOptions()) with { Workers = _workers });
        Requirement.Present(run.Header!);
        return run;
    }

    public ValueTask DisposeAsync() => _workers.DisposeAsync();
}
