using System.Collections.Immutable;
using Conformance.Engine.Judging;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Machine;
using Conformance.Manifests;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Model.Runtimes;

namespace Conformance.Engine.Updating;

/// <summary>What a run would make of one module's manifest.</summary>
/// <param name="Path">The manifest.</param>
/// <param name="Before">Its text.</param>
/// <param name="After">Its text with what was observed; equal where nothing can be changed.</param>
/// <param name="NeedsReason">Departures that it declares anew: each needs a reason and a link.</param>
/// <param name="Left">What is unexpected and stays so, and why.</param>
public sealed record ManifestUpdate(string Path, string Before,
    string After, ImmutableArray<string> NeedsReason, ImmutableArray<string> Left);

/// <summary>Why departures are declared.</summary>
public sealed record Grounds(string Reason, string Link)
{
    /// <summary>What stands where a reason and a link are wanted and none were given: to be shown, not to be kept.</summary>
    public static Grounds Wanted { get; } = new("say why", "say where to read more");

    /// <summary>What stands in a manifest that nobody wrote, until somebody says more.</summary>
    public static Grounds Tried { get; } = new("as conformance try saw it; nobody has said why yet", "nowhere yet: say where to read more");
}

/// <summary>
/// Turns what a run observed into what the manifests expect, and changes nothing else in them. What says nothing of a runtime (a crash, a
/// time limit, a flaky cell, a lost server) is never expected.
/// </summary>
public static class ExpectationUpdate
{
    /// <param name="plan">What was run.</param>
    /// <param name="runtimes">All runtimes that there are, for entries may be about others too.</param>
    /// <param name="header">Of the run's report.</param>
    /// <param name="cells">What was observed.</param>
    /// <param name="agreements">As they were judged.</param>
    /// <param name="grounds">For new departures.</param>
    /// <returns>An update for each module that has something unexpected.</returns>
    /// <exception cref="ManifestException">A manifest can't be read any more.</exception>
    public static ImmutableArray<ManifestUpdate> Create(
        Plan plan, ImmutableArray<RuntimeManifest> runtimes,
            HeaderLine header, IReadOnlyCollection<CellLine> cells, IReadOnlyCollection<Agreement> agreements, Grounds grounds)
    {
        var updates = ImmutableArray.CreateBuilder<ManifestUpdate>();
        foreach (var module in plan.Modules)
        {
            // In the order of the runtimes, whatever the order in which the cells ended.
            var observed = cells.Where(cell => cell.Module == module.Id).OrderBy(cell => cell.Runtime, StringComparer.Ordinal).ToList();
            var judged = agreements.Where(agreement => agreement.Module == module.Id).ToList();
            if (!observed.Any(cell => cell.Verdict.IsUnexpected()) && !judged.Any(agreement => agreement.Verdict?.IsUnexpected() == true))
                continue;

            var text = ModuleManifestReader.ReadText(module);
            if (Sha256.HexOfFile(module.ManifestPath) != header.Modules.First(info => info.Id == module.Id).ManifestSha256)
            {
                updates.Add(new ManifestUpdate(module.ManifestPath,
                    text, text, [], [$"{module.Id}: its manifest was changed while the run went on; run again"]));
                continue;
            }

            var update = new ModuleUpdate(module, runtimes, header, text, grounds);
            foreach (var (i, scenario) in module.Scenarios.Index())
            {
                update.Change(i, [.. observed.Where(cell => cell.Scenario == scenario.Id)],
                    judged.FirstOrDefault(agreement => agreement.Scenario == scenario.Id));
            }

            updates.Add(Proven(update, runtimes, header, observed));
        }

        return updates.ToImmutable();
    }

    /// <summary>
    /// Reads the changed manifest and judges the same observations by it: whatever is unexpected still is told, whether the update knew of
    /// it or not.
    /// </summary>
    private static ManifestUpdate Proven(ModuleUpdate update,
        ImmutableArray<RuntimeManifest> runtimes, HeaderLine header, List<CellLine> observed)
    {
        var module = update.Module;
        var changed = update.Text;
        Plan again;
        try
        {
            module = ModuleManifestReader.Read(module.ManifestPath, changed);
            // All runtimes: what is declared of those that did not run must be good too.
            again = Plan.Make([module], runtimes, CellFilter.Everything);
        }
        catch (Exception e) when (e is ManifestException or ConformanceException)
        {
            return new ManifestUpdate(module.ManifestPath, update.Before,
                update.Before, [], [$"{module.Id}: what was observed can't be written into this manifest; do it by hand ({e.Message})"]);
        }

        var versions = header.Runtimes.ToDictionary(runtime => runtime.Id, runtime => runtime.Version, StringComparer.Ordinal);
        var left = new List<string>();
        foreach (var line in observed.Where(cell => cell.Verdict.WasRun()))
        {
            var cell = again.Cells.First(cell => cell.Scenario.Id == line.Scenario && cell.Runtime.Id == line.Runtime);
            var judgement = Judge.Decide(cell, line.Observation,
                Circumstances.Here(header.Server.Variant, versions.GetValueOrDefault(line.Runtime)));
            if (line.Verdict == Verdict.Flaky || judgement.Verdict.IsUnexpected())
                left.Add(Left(cell.Scenario, line.Runtime, judgement.Departures));
        }

        foreach (var agreement in AgreementJudge.DecideAll(again, observed, Circumstances.Here(header.Server.Variant, runtimeVersion: null),
            versions).Where(agreement => agreement.Verdict?.IsUnexpected() == true))
        {
            left.Add(Left(module.Scenarios.First(scenario => scenario.Id == agreement.Scenario),
                ModuleUpdate.Agreeing, agreement.Departures ?? []));
        }

        return new ManifestUpdate(module.ManifestPath, update.Before, changed, update.NeedsReason, [.. left]);

        string Left(Scenario scenario, string what, ImmutableArray<Departure> departures) =>
            $"{module.Id} · {scenario.Id} · {what}: {update.WhyLeft(scenario, what) ?? string.Join("; ", departures.Select(departure => $"{departure.What}: expected {departure.Expected}, observed {departure.Observed}"))}";
    }
}
