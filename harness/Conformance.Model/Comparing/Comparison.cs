using System.Collections.Immutable;
using System.Globalization;
using Conformance.Model.Observations;
using Conformance.Model.Reports;

namespace Conformance.Model.Comparing;

/// <summary>
/// Compares what runtimes saw of the same module and scenario, by the <see cref="ComparisonPolicy"/>. All agreements are made here.
/// </summary>
public static class Comparison
{
    private static readonly ImmutableArray<PartRule> Compared = [.. ComparisonPolicy.Parts.Where(part => part.Value is not null)];

    /// <summary>The agreements of a run, one per module and scenario, in the order of the cells.</summary>
    public static ImmutableArray<Agreement> Agreements(IEnumerable<CellLine> cells) =>
        [.. cells.GroupBy(cell => cell.Id.Row).Select(group => Agree(group.Key.Module, group.Key.Scenario, [.. group]))];

    /// <summary>Whether the same was seen twice, as far as runtimes must agree.</summary>
    public static bool Agree(Observation a, Observation b) => First(a, b) is null;

    /// <summary>The names of the parts in which two observations differ, of those that runtimes must agree on.</summary>
    public static string Differences(Observation a, Observation b) =>
        string.Join(", ", Compared.Where(part => !Equals(part.Value!(a), part.Value(b))).Select(part => part.Name));

    /// <summary>What was seen, in a few words.</summary>
    public static string Describe(Observation cell)
    {
        if (cell.Outcome.Code is { } code) return $"{code} at {cell.Outcome.Phase.Word()}";
        if (CountedNothing(cell)) return cell.Run.Result is { } result ? $"gave {result}" : "ran to its end";
        var counts = cell.Counts;
        return counts.Guest == counts.Host && counts.Host == counts.Server
            ? $"counted {Show(counts.Guest)} three ways"
            : $"the guest read {Show(counts.Guest)}, {(counts.Host is { } sent ? $"the host sent {Show(sent)}, " : "")}the server counted {Show(counts.Server)}";
    }

    private static Agreement Agree(string module, string scenario, ImmutableArray<CellLine> cells)
    {
        var outside = string.Concat(cells.Where(cell => cell.IsInapplicable).OrderBy(cell => cell.Runtime, StringComparer.Ordinal)
            .GroupBy(cell => cell.Reason, cell => cell.Runtime).Select(same => $"; not applicable to {Join(same)}: {same.Key}"));
        var agreement = new Agreement
        {
            Module = module,
            Scenario = scenario,
            Result = AgreementResult.Unsupported,
            Groups = [],
            Phase = null,
            Sentence = $"no runtime ran it{outside}",
        };
        var run = cells.Where(cell => cell.Verdict.WasRun()).OrderBy(cell => cell.Runtime, StringComparer.Ordinal).ToList();
        if (run.Count == 0) return agreement;

        var groups = Groups(run);
        var lost = run.Select(cell => (cell.Runtime, Why: Poison(cell, run))).Where(cell => cell.Why is not null).ToList();
        if (lost.Count > 0)
        {
            return agreement with
            {
                Result = AgreementResult.Poisoned,
                Groups = groups,
                Sentence = "not comparable: " + string.Join("; ", lost.Select(cell => $"{cell.Runtime} {cell.Why}")) + outside,
            };
        }

        if (groups.Length == 1)
        {
            return agreement with
            {
                Result = AgreementResult.Unanimous,
                Groups = groups,
                Sentence = $"{Join(groups[0])}: {Describe(run[0].Observation)}{outside}",
            };
        }

        var first = groups.Select(group => run.First(cell => cell.Runtime == group[0])).ToList();
        var phase = first.Skip(1)
            .Select(other => First(first[0].Observation, other.Observation)!.PartsAt!(first[0].Observation, other.Observation)).Min();
        return agreement with
        {
            Result = AgreementResult.Split,
            Groups = groups,
            Phase = phase,
            Sentence = string.Join("; ", groups.Zip(Descriptions(first), (group, words) => $"{Join(group)}: {words}"))
                + PreflightRemark(first) + outside,
        };
    }

    /// <summary>Of guests that have nothing to do with counters.</summary>
    private static bool CountedNothing(Observation cell) => cell.Counts is { Guest: null, Host: null or 0, Server: null or 0 };

    /// <summary>The first part in which two observations differ; null where they agree.</summary>
    private static PartRule? First(Observation a, Observation b) => Compared.FirstOrDefault(part => !Equals(part.Value!(a), part.Value(b)));

    /// <summary>Why a cell can't be compared, or null.</summary>
    private static string? Poison(CellLine cell, IReadOnlyList<CellLine> all) =>
        ComparisonPolicy.Poisons.FirstOrDefault(rule => rule.Applies(cell, all)) is { } rule ? $"{rule.Words(cell)}: {rule.Reason}" : null;

    private static ImmutableArray<ImmutableArray<string>> Groups(List<CellLine> cells)
    {
        var groups = new List<List<CellLine>>();
        foreach (var cell in cells)
        {
            if (groups.Find(group => Agree(group[0].Observation, cell.Observation)) is { } same) same.Add(cell);
            else groups.Add([cell]);
        }

        return [.. groups.Select(group => group.Select(cell => cell.Runtime).ToImmutableArray())
            .OrderByDescending(group => group.Length).ThenBy(group => group[0], StringComparer.Ordinal)];
    }

    /// <summary>
    /// What each of several observations that part was; where that is the same in a few words, with the parts in which they differ, and
    /// with nothing else where nobody counted.
    /// </summary>
    /// <param name="cells">One of each group.</param>
    public static IEnumerable<string> Descriptions(IReadOnlyList<CellLine> cells)
    {
        if (cells.Select(cell => Describe(cell.Observation)).Distinct().Count() == cells.Count)
            return cells.Select(cell => Describe(cell.Observation));
        var parts = Compared.Where(part => part.Name is not ("phase" or "code" or "counts")
            && cells.Select(cell => part.Value!(cell.Observation)).Distinct().Count() > 1).ToList();
        var nothingCounted = cells.All(cell => cell.Outcome.Code is null && CountedNothing(cell.Observation));
        return cells.Select(cell => string.Join(", ", parts.Select(part =>
            PartExcerpt.Describe(part.Name, part.Value!(cell.Observation), cells.Select(other => part.Value(other.Observation))))
            .Prepend(nothingCounted ? null : Describe(cell.Observation)).OfType<string>()));
    }

    /// <summary>The difference that the article's server makes, where it is the one.</summary>
    private static string PreflightRemark(IEnumerable<CellLine> cells)
    {
        var counted = cells.Where(cell => cell.Observation.Journal.CountedPreflights > 0).ToList();
        return counted.Count == 0 ? "" : " (" + string.Join("; ", counted.Select(cell =>
            $"the server counted {cell.Observation.Journal.CountedPreflights} CORS preflights (OPTIONS) of {cell.Runtime} as increments"))
                + ")";
    }

    private static string Show(long? count) => count?.ToString(CultureInfo.InvariantCulture) ?? "nothing";

    private static string Join(IEnumerable<string> runtimes) => string.Join(", ", runtimes);
}
