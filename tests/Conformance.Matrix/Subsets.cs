using System.Collections.Immutable;
using Conformance.Engine.Judging;
using Conformance.Engine.Planning;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Jsonl;

namespace Conformance.Matrix;

/// <summary>A report as it would be where only some of its runtimes were there: judged anew, and alone.</summary>
internal static class Subsets
{
    /// <param name="plan">What was run.</param>
    /// <param name="report">The whole report.</param>
    /// <param name="runtimes">Those that are there.</param>
    public static Report Take(Plan plan, Report report, IReadOnlySet<string> runtimes)
    {
        var there = new Plan(plan.Modules, [.. plan.Runtimes.Where(runtime => runtimes.Contains(runtime.Id))],
            [.. plan.Cells.Where(cell => runtimes.Contains(cell.Runtime.Id))]);
        var cells = there.Cells.ToDictionary(cell => cell.Id);
        var versions = report.Header.Runtimes.ToDictionary(runtime => runtime.Id, runtime => runtime.Version, StringComparer.Ordinal);
        var variant = report.Header.Server.Variant;
        ImmutableArray<CellLine> lines = [.. report.Cells.Where(line => runtimes.Contains(line.Runtime))
            .Select(line => Judged(cells[line.Id], line, Circumstances.Here(variant, versions[line.Runtime])))];
        var footer = FooterLine.Create(lines,
            AgreementJudge.DecideAll(there, lines, Circumstances.Here(variant, runtimeVersion: null), versions),
            TimeSpan.FromMilliseconds(1), complete: true);
        return report with
        {
            Header = report.Header with { Runtimes = [.. report.Header.Runtimes.Where(runtime => runtimes.Contains(runtime.Id))] },
            Cells = lines,
            Footer = footer,
        };
    }

    /// <summary>Everything in a report that nobody declared, in words.</summary>
    public static IEnumerable<string> Unexpected(Report report) =>
        report.Cells.Where(cell => cell.Verdict.IsUnexpected())
            .Select(cell => $"{cell.Verdict.Word()} {cell.Module}/{cell.Scenario}/{cell.Runtime}: {string.Join("; ", cell.Departures)}")
            .Concat(report.Footer!.Agreements.Where(agreement => agreement.Verdict?.IsUnexpected() == true).Select(
                agreement => $"{agreement.Verdict} {agreement.Module}/{agreement.Scenario}: {string.Join("; ", agreement.Departures ?? [])}: {agreement.Sentence}"));

    private static CellLine Judged(Cell cell, CellLine line, Circumstances circumstances)
    {
        var judgement = Judge.Skipped(cell, circumstances)
            ?? Judge.Decide(cell, line.Observation, circumstances, line.IsInapplicable ? line.Reason : null);
        return line with
        {
            Verdict = judgement.Verdict,
            Departures = judgement.Departures,
            Reason = judgement.Reason,
            Link = judgement.Link,
        };
    }
}
