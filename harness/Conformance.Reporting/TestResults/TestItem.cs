using System.Collections.Immutable;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Diffing;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Terminal;
using Conformance.Reporting.Wording;

namespace Conformance.Reporting.TestResults;

/// <summary>What test tools know of a result.</summary>
public enum TestOutcome
{
    /// <summary>As expected, or as declared.</summary>
    Passed,

    /// <summary>As nobody declared it.</summary>
    Failed,

    /// <summary>It failed without coming to a result: a crash, a time limit.</summary>
    Errored,

    /// <summary>Not run, or not comparable.</summary>
    Skipped,
}

/// <summary>A cell, an agreement or a change as the formats of test tools have it.</summary>
/// <param name="Suite">The runtime, or what there is instead of one.</param>
/// <param name="Group">The module.</param>
/// <param name="Name">The scenario.</param>
/// <param name="Outcome">The verdict, as test tools know it.</param>
/// <param name="Verdict">The verdict's own word.</param>
/// <param name="Message">One line; null where there is nothing to say.</param>
/// <param name="Details">All that is known; null where it passed.</param>
/// <param name="Milliseconds">Engine time; null where none was spent.</param>
/// <param name="Attempts">How often it was run.</param>
/// <param name="Output">What the guest printed.</param>
public sealed record TestItem(string Suite, string Group, string Name, TestOutcome Outcome,
    string Verdict, string? Message, string? Details, double? Milliseconds = null, int Attempts = 1, string Output = "")
{
    /// <summary>The suite of agreements.</summary>
    public const string Agreement = "agreement";

    /// <summary>The suite of what is wrong with the report as a whole.</summary>
    public const string Report = "report";

    /// <summary>Unique in a report.</summary>
    public string FullName => $"{Suite} · {Group} · {Name}";

    /// <summary>Everything in a document, in its order: cells, then agreements; a report that is not whole begins with an error.</summary>
    public static ImmutableArray<TestItem> From(ReportDocument document) =>
    [
        .. document.Incomplete is { } incomplete ? [new TestItem(Report,
            "report.jsonl", "is complete", TestOutcome.Errored, "incomplete", incomplete, incomplete)] : Array.Empty<TestItem>(),
        .. document.Diff is { } diff
            ? diff.Cells.Select(From).Concat(diff.Agreements.Select(From))
            : document.Report.Cells.Select(From).Concat(document.Agreements.Where(agreement => agreement.Verdict is not null).Select(From)),
    ];

    private static TestItem From(CellLine cell) => new(
        cell.Runtime, cell.Module, cell.Scenario, OutcomeOf(cell.Verdict), cell.Verdict.Word(), CellWording.Why(cell),
        cell.Verdict.IsUnexpected() ? PlainText.Render(view => view.WriteUnexpected([cell]))
            : cell.Verdict == Model.Observations.Verdict.NotRun ? cell.Reason : null,
        CellWording.Milliseconds(cell), cell.Attempts, cell.Run.Stdout.Text);

    private static TestItem From(Agreement agreement)
    {
        var unexpected = agreement.Verdict!.Value.IsUnexpected();
        return new TestItem(
            Agreement, agreement.Module, agreement.Scenario, OutcomeOf(agreement.Verdict.Value),
                agreement.Verdict.Value.Word(), agreement.Sentence,
            unexpected ? PlainText.Render(view => view.WriteUnexpected([agreement])) : null);
    }

    private static TestItem From(CellChange change) => new(
        change.Runtime, change.Module, change.Scenario, change.Kind == ChangeKind.Regression ? TestOutcome.Failed : TestOutcome.Passed,
            change.Kind.Word(), change.Words,
        change is { Kind: ChangeKind.Regression, After: { } cell }
            ? $"{change.Words}\n{PlainText.Render(view => view.WriteUnexpected([cell]))}" : null);

    private static TestItem From(AgreementChange change) => new(
        Agreement, change.Module, change.Scenario, change.Kind == ChangeKind.Regression ? TestOutcome.Failed : TestOutcome.Passed,
            change.Kind.Word(), change.Words,
        change.Kind == ChangeKind.Regression ? change.Words : null);

    private static TestOutcome OutcomeOf(Verdict verdict) => verdict switch
    {
        Model.Observations.Verdict.Pass or Model.Observations.Verdict.Xfail => TestOutcome.Passed,
        Model.Observations.Verdict.Skipped or Model.Observations.Verdict.Unavailable => TestOutcome.Skipped,
        Model.Observations.Verdict.Crashed or Model.Observations.Verdict.TimedOut
            or Model.Observations.Verdict.NotRun => TestOutcome.Errored,
        _ => TestOutcome.Failed,
    };
}
