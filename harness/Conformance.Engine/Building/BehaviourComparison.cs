using System.Collections.Immutable;
using Conformance.CounterServer;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Engine.Servers;
using Conformance.Model.Comparing;
using Conformance.Model.Counters;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Model.Runtimes;

namespace Conformance.Engine.Building;

/// <summary>
/// Holds two builds of a module against each other by what is seen of them: every scenario on every runtime that is here.
/// </summary>
/// <param name="Runtimes">Those that ran both; none where none is here.</param>
/// <param name="Differences">Where the builds part, in words.</param>
public sealed record BehaviourComparison(ImmutableArray<string> Runtimes, ImmutableArray<string> Differences)
{
    /// <param name="committed">The module.</param>
    /// <param name="builtPath">The other build.</param>
    /// <param name="builtSha256">SHA-256 of the other build.</param>
    /// <param name="runtimes">To run them on.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<BehaviourComparison> MakeAsync(ModuleManifest committed,
        string builtPath, string builtSha256, ImmutableArray<RuntimeManifest> runtimes, CancellationToken cancellation)
    {
        if (runtimes.IsEmpty) return new BehaviourComparison([], []);
        var built = committed with { Id = committed.Id + "-rebuilt", WasmPath = builtPath, Sha256 = builtSha256 };
        await using var server = await EmbeddedCounterServer.StartAsync(ServerVariant.Correct, 0, null, cancellation).ConfigureAwait(false);
        ImmutableArray<ModuleManifest> both = [committed, built];
        var plan = new Plan(both, runtimes,
            [.. from module in both from scenario in module.Scenarios from runtime in runtimes select new Cell(module, scenario, runtime)]);
        var report = await new MatrixRun(plan, server, new RunOptions()).RunAsync(cancellation).ConfigureAwait(false);
        var pairs = report.Cells.Where(cell => cell.Verdict != Verdict.Unavailable).GroupBy(cell => (cell.Runtime, cell.Scenario))
            .OrderBy(pair => pair.Key).Select(
                pair => (Before: pair.Single(c => c.Module == committed.Id), After: pair.Single(c => c.Module == built.Id))).ToList();
        return new BehaviourComparison(
            [.. pairs.Select(pair => pair.Before.Runtime).Distinct()],
            [.. pairs.Where(pair => !Comparison.Agree(pair.Before.Observation, pair.After.Observation)).Select(
                pair => $"{pair.Before.Scenario} on {pair.Before.Runtime}: {Comparison.Describe(pair.Before.Observation)} before, {Comparison.Describe(pair.After.Observation)} now")]);
    }
}
