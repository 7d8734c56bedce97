using System.Collections.Immutable;
using Conformance.Model;
using Conformance.Model.Comparing;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Jsonl;
using Conformance.Reporting.Wording;

namespace Conformance.Reporting.Diffing;

/// <summary>What became of a cell or an agreement.</summary>
public enum ChangeKind
{
    /// <summary>It was as expected and is not any more, or is not known any more.</summary>
    Regression,

    /// <summary>It was unexpected, and is as expected.</summary>
    Fix,

    /// <summary>Something else than before, no better and no worse: other expectations, another failure.</summary>
    Changed,

    /// <summary>It was not there before.</summary>
    Added,

    /// <summary>It is not there any more.</summary>
    Removed,
}

/// <summary>How kinds of change are written.</summary>
public static class ChangeKinds
{
    /// <summary>The word of a kind, such as <c>regression</c>.</summary>
    public static string Word(this ChangeKind kind) => kind.ToString().ToLowerInvariant();
}

/// <summary>A cell that is not as it was.</summary>
/// <param name="Id">Which cell.</param>
/// <param name="Kind">What became of it.</param>
/// <param name="Before">Null where it was added.</param>
/// <param name="After">Null where it was removed.</param>
/// <param name="Words">The change in one line.</param>
public sealed record CellChange(CellId Id, ChangeKind Kind, CellLine? Before, CellLine? After, string Words)
{
    /// <summary>The module's id.</summary>
    public string Module => Id.Row.Module;

    /// <summary>The scenario's id.</summary>
    public string Scenario => Id.Row.Scenario;

    /// <summary>The runtime's id.</summary>
    public string Runtime => Id.Runtime;
}

/// <summary>An agreement that is not as it was.</summary>
/// <param name="Row">What it is about.</param>
/// <param name="Kind">What became of it.</param>
/// <param name="NewSplit">True where all agreed before, and part now, declared or not.</param>
/// <param name="Before">As it was.</param>
/// <param name="After">As it is.</param>
/// <param name="Words">The change in one line.</param>
public sealed record AgreementChange(RowId Row, ChangeKind Kind, bool NewSplit, Agreement Before, Agreement After, string Words)
{
    /// <summary>The module's id.</summary>
    public string Module => Row.Module;

    /// <summary>The scenario's id.</summary>
    public string Scenario => Row.Scenario;
}

/// <summary>What changed from one report to another.</summary>
/// <param name="Before">The earlier report's header.</param>
/// <param name="After">The later report's header.</param>
/// <param name="Cells">Cells that changed, regressions first.</param>
/// <param name="Agreements">Agreements of scenarios in both reports that changed, regressions first.</param>
/// <param name="Compared">How many cells were held against each other.</param>
/// <param name="NotCompared">Modules that stand in both reports with other bytes, in words: what changed there is nobody's
/// regression.</param>
/// <param name="Notes">What else is not the same: versions, expectations, the harness.</param>
public sealed record ReportDiff(
    HeaderLine Before, HeaderLine After, ImmutableArray<CellChange> Cells,
        ImmutableArray<AgreementChange> Agreements, int Compared, ImmutableArray<string> NotCompared, ImmutableArray<string> Notes)
{
    /// <summary>Whether anything is worse than before.</summary>
    public bool HasRegressions => Cells.Any(change => change.Kind == ChangeKind.Regression)
        || Agreements.Any(change => change.Kind == ChangeKind.Regression);

    /// <summary>How many of what, in one line.</summary>
    public string Sum
    {
        get
        {
            var counts = Enum.GetValues<ChangeKind>().Select(kind => (kind, Count: Cells.Count(c => c.Kind == kind)))
                .Where(pair => pair.Count > 0).Select(pair => $"{pair.Count} {Word(pair.kind, pair.Count)}");
            var splits = Agreements.Count(a => a.NewSplit);
            var parted = Agreements.Count(a => a.Kind == ChangeKind.Regression);
            var all = counts.Concat(splits > 0 ? [$"{splits} new {(splits == 1 ? "split" : "splits")}"] : Array.Empty<string>())
                .Concat(parted > 0 ? [$"{parted} {(parted == 1 ? "agreement" : "agreements")} not as declared any more"]
                    : Array.Empty<string>());
            return $"{Compared} cells compared: {(string.Join(", ", all) is { Length: > 0 } words ? words : "no change")}";
        }
    }

    /// <summary>Compares two reports where their provenance allows it.</summary>
    /// <exception cref="IncomparableReportsException">It does not; with every reason.</exception>
    public static ReportDiff Between(Report before, Report after)
    {
        var reasons = Provenance.Refusals(before, after).ToImmutableArray();
        if (!reasons.IsEmpty) throw new IncomparableReportsException(reasons);

        var otherBytes = Provenance.ModulesWithOtherBytes(before.Header, after.Header);
        Dictionary<CellId, int> Compared(CellList cells) => Enumerable.Range(0, cells.Length)
            .Where(index => !otherBytes.ContainsKey(cells.IdOf(index).Row.Module)).ToDictionary(cells.IdOf);
        var (old, current) = (Compared(before.Cells), Compared(after.Cells));
        var compared = old.Keys.Count(current.ContainsKey);
        if (compared == 0) throw new IncomparableReportsException([.. otherBytes.Values.DefaultIfEmpty("they have no cell in common")]);

        var cells = current
            .Select(cell => Change(old.TryGetValue(cell.Key, out var then) ? before.Cells[then] : null, after.Cells[cell.Value]))
            .Concat(old.Where(cell => !current.ContainsKey(cell.Key)).Select(cell => Change(before.Cells[cell.Value], null)))
            .OfType<CellChange>();
        var agreements = before.Footer!.Agreements.Where(agreement => !otherBytes.ContainsKey(agreement.Module)).ToDictionary(a => a.Row);
        return new ReportDiff(
            before.Header,
            after.Header,
            [.. cells.OrderBy(c => c.Kind).ThenBy(c => c.Id)],
            [.. after.Footer!.Agreements.Select(a => agreements.TryGetValue(a.Row, out var earlier) ? Change(earlier, a) : null)
                .OfType<AgreementChange>().OrderBy(a => a.Kind).ThenBy(a => a.Row)],
            compared,
            [.. otherBytes.Values],
            [.. Provenance.Notes(before.Header, after.Header)]);
    }

    private static CellChange? Change(CellLine? before, CellLine? after)
    {
        var cell = after ?? before!;
        CellChange Changed(ChangeKind kind, string words) => new(cell.Id, kind, before, after, words);
        if (before is null) return Changed(ChangeKind.Added, $"new: {CellWording.Summary(cell)}");
        if (after is null) return Changed(ChangeKind.Removed, $"gone: it was {CellWording.Summary(cell)}");
        if (before.Verdict == after.Verdict && Comparison.Agree(before.Observation, after.Observation)) return null;
        var (from, to) = (CellWording.Summary(before), CellWording.Summary(after));
        // Where both look alike in a few words, what differs is in what they printed or called, or in what was expected of them.
        var words = from == to ? $"{to}, but {Comparison.Differences(before.Observation, after.Observation)} differ"
            : CellWording.Short(before) == CellWording.Short(after) && CellWording.Why(after) is { } why ? $"{from} → {to}: {why}"
            : $"{from} → {to}";
        return Changed(before.Verdict == Verdict.Pass && after.IsInapplicable ? ChangeKind.Regression : Kind(before.Verdict, after.Verdict),
            words);
    }

    private static AgreementChange? Change(Agreement before, Agreement after)
    {
        if (before.Result == after.Result && before.Verdict == after.Verdict
            && before.Phase == after.Phase && Show(before.Groups) == Show(after.Groups))
        {
            return null;
        }
        // A runtime that only one of them has is no change of how the others agree.
        var both = before.Groups.SelectMany(group => group)
            .Intersect(after.Groups.SelectMany(group => group)).ToHashSet(StringComparer.Ordinal);
        var (then, now) = (Among(both, before.Groups), Among(both, after.Groups));
        var othersOnly = both.Count < Math.Max(before.Groups.Sum(group => group.Length), after.Groups.Sum(group => group.Length))
            && Show(then) == Show(now);
        if (othersOnly && Red(before) == Red(after)
            && (before.Result == AgreementResult.Poisoned) == (after.Result == AgreementResult.Poisoned))
        {
            return null;
        }

        var kind = Red(after) && !Red(before) ? ChangeKind.Regression : Red(before) && !Red(after) ? ChangeKind.Fix : ChangeKind.Changed;
        var newSplit = before.Result == AgreementResult.Unanimous && after.Result == AgreementResult.Split && !othersOnly;
        return new AgreementChange(after.Row, kind, newSplit, before,
            after, $"{CellWording.Describe(before)} ({Show(before.Groups)}) → {CellWording.Describe(after)} ({Show(after.Groups)}): {after.Sentence}");
    }

    /// <summary>The groups as they are among some runtimes, in the order of groups.</summary>
    private static ImmutableArray<ImmutableArray<string>> Among(
        IReadOnlySet<string> runtimes, ImmutableArray<ImmutableArray<string>> groups) =>
        [.. groups.Select(group => group.Where(runtimes.Contains).ToImmutableArray())
            .Where(group => !group.IsEmpty).OrderByDescending(group => group.Length).ThenBy(group => group[0], StringComparer.Ordinal)];

    /// <summary>What is not run any more is not known any more: a runtime that is gone would otherwise be a silent pass.</summary>
    private static ChangeKind Kind(Verdict before, Verdict after) => (before, after) switch
    {
        _ when after.IsUnexpected() && !before.IsUnexpected() => ChangeKind.Regression,
        _ when after is Verdict.Unavailable or Verdict.NotRun && before.WasRun() => ChangeKind.Regression,
        _ when before.IsUnexpected() && !after.IsUnexpected() => ChangeKind.Fix,
        _ => ChangeKind.Changed,
    };

    private static bool Red(Agreement agreement) => agreement.Verdict?.IsUnexpected() == true;

    private static string Show(ImmutableArray<ImmutableArray<string>> groups) =>
        string.Join(" | ", groups.Select(group => string.Join(", ", group)));

    private static string Word(ChangeKind kind, int count) => kind switch
    {
        ChangeKind.Regression when count > 1 => "regressions",
        ChangeKind.Fix when count > 1 => "fixes",
        _ => kind.Word(),
    };
}

/// <summary>Two reports that can't be held against each other.</summary>
/// <param name="reasons">Every reason.</param>
public sealed class IncomparableReportsException(ImmutableArray<string> reasons)
    : Exception($"the reports can't be compared: {string.Join("; ", reasons)}")
{
    /// <summary>Every reason.</summary>
    public ImmutableArray<string> Reasons { get; } = reasons;
}
