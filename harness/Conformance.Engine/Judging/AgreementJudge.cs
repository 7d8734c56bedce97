using System.Collections.Immutable;
using Conformance.Engine.Planning;
using Conformance.Model.Comparing;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using DotNet.Globbing;

namespace Conformance.Engine.Judging;

/// <summary>
/// Holds agreements against what the manifests declare: a split with its groups, or, where there is none, the outcomes of the runtimes:
/// those that are expected to show the same are one group. So runtimes that part where nothing was declared are red though each of their
/// cells is as expected, and so is a declared split that does not happen.
/// </summary>
public static class AgreementJudge
{
    /// <summary>The judged agreements of a run, in the plan's order.</summary>
    /// <param name="plan">What was run.</param>
    /// <param name="cells">What was seen, in any order.</param>
    /// <param name="here">What declarations may depend on, whatever the runtime.</param>
    /// <param name="versions">Of the runtimes that ran, by id.</param>
    public static ImmutableArray<Agreement> DecideAll(Plan plan,
        IReadOnlyCollection<CellLine> cells, Circumstances here, IReadOnlyDictionary<string, string?> versions)
    {
        var rows = new AgreementFold(plan, here, versions.GetValueOrDefault);
        foreach (var cell in cells) rows.Add(cell);
        return rows.Decided();
    }

    /// <param name="agreement">What was seen.</param>
    /// <param name="row">The plan's cells of its row.</param>
    /// <param name="here">What declarations may depend on, whatever the runtime.</param>
    /// <param name="version">Of a runtime that ran, by its id.</param>
    internal static Agreement Decide(Agreement agreement, IReadOnlyList<Cell> row, Circumstances here, Func<string, string?> version)
    {
        var versions = row.ToDictionary(cell => cell.Runtime.Id, cell => version(cell.Runtime.Id), StringComparer.Ordinal);
        var expectations = row.ToDictionary(cell => cell.Runtime.Id,
            cell => Judge.ExpectedOf(cell, here with { RuntimeVersion = versions[cell.Runtime.Id] }), StringComparer.Ordinal);
        return Decide(agreement, expectations, row[0].Scenario.Splits.FirstOrDefault(here.Meet), versions, here.Today);
    }

    /// <param name="agreement">What was seen.</param>
    /// <param name="expectations">Of every runtime of the run, by id.</param>
    /// <param name="split">The split that is declared in these circumstances, or null.</param>
    /// <param name="versions">Of the runtimes that ran, by id.</param>
    /// <param name="today">What an expiry date is held against.</param>
    public static Agreement Decide(Agreement agreement, IReadOnlyDictionary<string, Expectation> expectations,
        DeclaredSplit? split, IReadOnlyDictionary<string, string?> versions, DateOnly today)
    {
        // What is poisoned has its red cells; nobody's agreement needs no verdict.
        if (agreement.Result is AgreementResult.Poisoned or AgreementResult.Unsupported) return agreement;
        ImmutableArray<ImmutableArray<string>> expected =
        [
            .. agreement.Groups.SelectMany(group => group).Order(StringComparer.Ordinal).GroupBy(
                runtime => split is null ? Outcome(expectations[runtime]) : GroupOf(split, runtime, versions.GetValueOrDefault(runtime)))
                .Select(group => group.ToImmutableArray()).OrderByDescending(group => group.Length)
                    .ThenBy(group => group[0], StringComparer.Ordinal),
        ];
        var parted = expected.Length > 1;
        var departures = Departures(agreement, expected, parted ? split : null, PhaseOf(split, expected, expectations, versions), today)
            .ToImmutableArray();
        return agreement with
        {
            Expected = expected,
            Departures = departures.IsEmpty ? null : departures,
            Reason = parted ? split?.Reason : null,
            Link = parted ? split?.Link : null,
            Verdict = departures.IsEmpty ? (parted ? Verdict.Xfail : Verdict.Pass) : parted
                && agreement.Result == AgreementResult.Unanimous ? Verdict.Xpass : Verdict.Fail,
        };
    }

    /// <summary>
    /// The place of the first group that a runtime is declared to be in; -1 where it is in none, and so expected to be alone.
    /// </summary>
    private static int GroupOf(DeclaredSplit split, string runtime, string? version) => split.Groups.ToList().FindIndex(group =>
        group.Any(member => Glob.Parse(member.Runtime).IsMatch(runtime)
            && (member.RuntimeVersion is null || member.RuntimeVersion.Contains(version))));

    /// <summary>
    /// Where the groups that are here are to part: where the split says, if a runtime of each is here; else, for those that are, where the
    /// first of them is declared to end. Null is anywhere: nothing is said, or all that are here are to get through.
    /// </summary>
    private static Phase? PhaseOf(DeclaredSplit? split, ImmutableArray<ImmutableArray<string>> here,
        IReadOnlyDictionary<string, Expectation> expectations, IReadOnlyDictionary<string, string?> versions)
    {
        if (split?.Phase is not { } all) return null;
        if (Enumerable.Range(0, split.Groups.Length)
            .All(group => here.Any(members => GroupOf(split, members[0], versions.GetValueOrDefault(members[0])) == group)))
        {
            return all;
        }

        return here.SelectMany(group => group).Select(runtime => expectations[runtime].Fails?.Phase)
            .Where(phase => phase < Phase.Observe).Min();
    }

    private static IEnumerable<Departure> Departures(Agreement agreement, ImmutableArray<ImmutableArray<string>> expected,
        DeclaredSplit? split, Phase? phase, DateOnly today)
    {
        if (split?.Until is { } until && until < today) yield return Departure.Expired(until, today);
        if (!expected.Select(Show).ToHashSet(StringComparer.Ordinal).SetEquals(agreement.Groups.Select(Show)))
            yield return new Departure("groups", Show(expected), Show(agreement.Groups));
        else if (split is not null && (phase ?? agreement.Phase) != agreement.Phase)
            yield return new Departure("phase", phase!.Value.Word(), agreement.Phase is { } parted ? parted.Word() : "none");
        // Fewer groups part no earlier than all of them.
        else if (split?.Phase is { } earliest && agreement.Phase < earliest)
            yield return new Departure("phase", $"{earliest.Word()} or later", agreement.Phase.Value.Word());
    }

    /// <summary>
    /// What two runtimes must be expected to show alike to be expected in one group. Which import a runtime names first is its own; reasons
    /// are for people.
    /// </summary>
    private static object Outcome(Expectation expectation) => expectation.Fails is { } fails
        ? new Expectation { Fails = fails with { Import = null } }
        : expectation with { Reason = null, Link = null, Until = null };

    private static string Show(ImmutableArray<ImmutableArray<string>> groups) => string.Join(" | ", groups.Select(Show));

    private static string Show(ImmutableArray<string> group) => string.Join(", ", group.Order(StringComparer.Ordinal));
}
