using System.Collections.Immutable;
using System.Globalization;
using Conformance.Model.Observations;
using Conformance.Model.Reports;

namespace Conformance.Engine.Comparing;

/// <summary>Compares what runtimes saw of the same module and scenario. All agreements are made here.</summary>
public static class Comparison
{
    /// <summary>The agreements of a run, one per module and scenario, in the order of the cells.</summary>
    public static ImmutableArray<Agreement> Agreements(IEnumerable<CellLine> cells) =>
        [.. cells.GroupBy(cell => (cell.Module, cell.Scenario)).Select(group => Agree(group.Key.Module, group.Key.Scenario, [.. group]))];

    /// <summary>Whether the same was seen twice, as far as runtimes must agree.</summary>
    public static bool Agree(Observation a, Observation b) => Normalised(a) == Normalised(b);

    /// <summary>What was seen, in a few words.</summary>
    public static string Describe(Observation cell)
    {
        if (cell.Code is { } code) return $"{code} at {cell.Phase.ToString().ToLowerInvariant()}";
        var counts = cell.Counts;
        return counts.Guest == counts.Host && counts.Host == counts.Server
            ? $"counted {Show(counts.Guest)} three ways"
            : $"the guest read {Show(counts.Guest)}, {(counts.Host is { } sent ? $"the host sent {Show(sent)}, " : "")}the server counted {Show(counts.Server)}";
    }

    private static Agreement Agree(string module, string scenario, ImmutableArray<CellLine> cells)
    {
        var agreement = new Agreement { Module = module, Scenario = scenario, Result = AgreementResult.Unsupported, Groups = [], Phase = null, Sentence = "no runtime ran it" };
        var run = cells.Where(cell => cell.Verdict.WasRun()).OrderBy(cell => cell.Runtime, StringComparer.Ordinal).ToList();
        if (run.Count == 0) return agreement;

        var lost = run.Where(cell => Poison(cell) is not null).ToList();
        if (lost.Count > 0)
        {
            return agreement with
            {
                Result = AgreementResult.Poisoned,
                Groups = Groups(run),
                Sentence = "not comparable: " + string.Join("; ", lost.Select(cell => $"{cell.Runtime} {Poison(cell)}")),
            };
        }

        var groups = Groups(run);
        if (groups.Length == 1)
            return agreement with { Result = AgreementResult.Unanimous, Groups = groups, Sentence = $"{Join(groups[0])}: {Describe(run[0])}" };

        var first = groups.Select(group => run.First(cell => cell.Runtime == group[0])).ToList();
        var phase = first.Skip(1).Select(other => PartingPhase(first[0], other)).Min();
        return agreement with
        {
            Result = AgreementResult.Split,
            Groups = groups,
            Phase = phase,
            Sentence = string.Join("; ", groups.Zip(first, (group, cell) => $"{Join(group)}: {Describe(cell)}")) + PreflightRemark(first),
        };
    }

    /// <summary>Why a cell can't be compared, or null. A limit of ours that a guest ran into says nothing of the runtime, nor does what changes from one time to the next.</summary>
    private static string? Poison(CellLine cell) => cell.Code switch
    {
        OutcomeCodes.TimedOut => "ran out of time",
        OutcomeCodes.HostCallFailed => "could not reach the counter server",
        _ when cell.Verdict == Verdict.Flaky => $"is flaky ({Describe(cell)}, then {Describe(cell.Other!.Observation)})",
        _ when cell.Counts.Server is null && cell.Code is null => "lost its counter server",
        _ => null,
    };

    private static ImmutableArray<ImmutableArray<string>> Groups(IEnumerable<CellLine> cells) =>
    [
        .. cells.GroupBy(cell => Normalised(cell)).Select(group => group.Select(cell => cell.Runtime).ToImmutableArray())
            .OrderByDescending(group => group.Length).ThenBy(group => group[0], StringComparer.Ordinal),
    ];

    /// <summary>What must be equal for two runtimes to agree. Words, times and the ledger's details are each runtime's own.</summary>
    private static (Phase Phase, string? Code, Counts Counts, int? Exit, string? Result, string Stdout, string Calls) Normalised(Observation cell) => (
        cell.Phase,
        cell.Code,
        cell.Counts,
        cell.Exit,
        cell.Result,
        cell.Stdout.Text,
        string.Join(' ', cell.HostCalls.Select(call => $"{call.Module}::{call.Name}*{call.Times}={call.Returned}")));

    /// <summary>The earliest phase at which two observations differ: where one of them stopped, else where what they saw was made.</summary>
    private static Phase PartingPhase(CellLine a, CellLine b)
    {
        if (a.Phase != b.Phase) return a.Phase < b.Phase ? a.Phase : b.Phase;
        if (a.Code != b.Code) return a.Phase;
        return a.Counts != b.Counts && a.Counts.Host == b.Counts.Host ? Phase.Observe : Phase.Run;
    }

    /// <summary>The difference that the article's server makes, where it is the one.</summary>
    private static string PreflightRemark(IEnumerable<CellLine> cells)
    {
        var counted = cells.Where(cell => cell.Journal.CountedPreflights > 0).ToList();
        return counted.Count == 0 ? "" : " (" + string.Join("; ", counted.Select(cell =>
            $"the server counted {cell.Journal.CountedPreflights} CORS preflights (OPTIONS) of {cell.Runtime} as increments")) + ")";
    }

    private static string Show(long? count) => count?.ToString(CultureInfo.InvariantCulture) ?? "nothing";

    private static string Join(IEnumerable<string> runtimes) => string.Join(", ", runtimes);
}
