using System.Text;
using System.Text.RegularExpressions;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Model.Runtimes;
using Conformance.Reporting.Diffing;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Formats;
using Conformance.Reporting.Jsonl;
using Conformance.UnitTests.Reports;

namespace Conformance.UnitTests.Snapshots;

/// <summary>Every form of a report, over one report that has one of everything: as it was.</summary>
[TestFixture]
public sealed partial class ReportSnapshotTests
{
    private static readonly IEnumerable<string> Formats = ReportFormats.Names;

    /// <summary>
    /// The sample, and besides: a runtime that is not there, one for which a guest is not applicable, an import that nobody checks.
    /// </summary>
    private static Report Sample
    {
        get
        {
            var report = SampleReport.Everything.With(
                cell => cell is { Module: "counter-go", Runtime: "wasmer" } ? Named(SampleReport.Inapplicable(), cell)
                : cell is { Module: "counter-c", Runtime: "wasmtime" } ? cell.Imports([.. cell.Observation.Ledger, Unchecked])
                : cell);
            return report with
            {
                Header = report.Header with
                {
                    Runtimes = [.. report.Header.Runtimes, new RuntimeInfo("wamr", null, null, null, new string('b', 64),
                        [], [], new Unavailability("libiwasm.so is not here (runtime.toml:3)", "./conformance setup wamr"))],
                },
                Sizes = SampleReport.Everything.Sizes,
                Atlas = SampleReport.Everything.Atlas,
            };
        }
    }

    /// <summary>An engine that links what does not fit, and warns.</summary>
    private static LedgerRow Unchecked => SampleReport.Passing.Cells[0].Observation.Ledger[0] with
    {
        Name = "main.other",
        Provider = Provider.Mismatch,
        Found = "(i32) -> ()",
        Code = OutcomeCodes.Unchecked,
        Text = "warning: main.other does not fit",
    };

    [TestCaseSource(nameof(Formats))]
    public void A_report_is_written_as_it_was(string format) =>
        Approved.Match(Written(format, new ReportDocument(Sample)), $"report.{format}");

    [TestCaseSource(nameof(Formats))]
    public void A_diff_is_written_as_it_was(string format)
    {
        var diff = ReportDiff.Between(SampleReport.Passing, Sample);
        Approved.Match(Written(format, new ReportDocument(Sample) { Diff = diff }), $"diff.{format}");
    }

    [TestCaseSource(nameof(Formats))]
    public void A_report_that_was_cut_short_is_written_as_it_was(string format) =>
        Approved.Match(Written(format, new ReportDocument(Sample with { Footer = null })), $"partial.{format}");

    [Test]
    public void Its_lines_are_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        Approved.Match(File.ReadAllText(Sample.Write(folder, "report")), "report.jsonl");
    }

    [TestCase(120)]
    [TestCase(80)]
    [TestCase(50)]
    public void The_terminal_shows_what_it_showed(int width) => Approved.Match(TestTerminal.Show(width, view =>
    {
        var report = Sample;
        view.WriteMatrix(report.Header, report.Cells, report.Footer!.Agreements);
        view.WriteDisagreements(report.Footer.Agreements);
        view.WriteUnexpected(report.Cells.Where(cell => cell.Verdict.IsUnexpected()));
        view.WriteUnexpected(report.Footer.Agreements.Where(agreement => agreement.Verdict?.IsUnexpected() is true));
        view.WriteUnavailable(report.Header, whole: true);
        view.WriteSum(report.Header, report.Footer);
        foreach (var cell in report.Cells) view.WriteCell(cell);
    }), $"terminal.{width}");

    private static CellLine Named(CellLine cell, CellLine like) => cell with { Id = like.Id, Repro = like.Repro };

    private static string Written(string format, ReportDocument document)
    {
        using var output = new MemoryStream();
        ReportFormats.ByName(format).Write(document, output);
        var text = Encoding.UTF8.GetString(output.ToArray());
        // The page's program and style are source files of their own; what a report puts into it is here.
        return format == "html" ? string.Join('\n', PageData().Matches(text).Select(match => match.Value)) : text;
    }

    [GeneratedRegex("<(title|script type=\"application/json\").*?</(title|script)>", RegexOptions.Singleline)]
    private static partial Regex PageData();
}
