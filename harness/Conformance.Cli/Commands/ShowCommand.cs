using System.CommandLine;
using Conformance.Engine;
using Conformance.Model.Observations;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Terminal;
using Spectre.Console;

namespace Conformance.Cli.Commands;

/// <summary><c>conformance show FILE</c>: a report as the run that wrote it ended.</summary>
internal static class ShowCommand
{
    public static Command Create()
    {
        var file = ReportFiles.Argument("report");
        var settings = new RunSettings();
        var full = new Option<bool>("--cells") { Description = "Show every cell with its ledger." };
        var largest = new Option<int>("--sizes")
        {
            Description = "Show how large the modules are, with so many of their largest sections and functions.",
            HelpName = "largest",
        };
        var check = new Option<bool>("--check")
        {
            Description = "Exit as its run did, or would have: 1 where something is unexpected, or the report is partial.",
        };
        var command = new Command("show", "Show a report.") { file, full, largest, check };
        settings.AddAll(command);
        command.SetAction(parsed =>
        {
            var (report, _) = ReportFiles.Read(parsed.GetRequiredValue(file));
            var view = new ReportView(AnsiConsole.Console);
            if (parsed.GetValue(full))
            {
                foreach (var cell in report.Cells) view.WriteCell(cell);
            }

            var agreements = new ReportDocument(report).Agreements;
            view.WriteUnexpected(report.Cells.Of(verdict => verdict.IsUnexpected()));
            view.WriteNotRun(report.Cells.Of(verdict => verdict == Verdict.NotRun));
            view.WriteUnexpected(agreements);
            view.WriteMatrix(report.Header, report.Cells, agreements);
            view.WriteDisagreements(agreements);
            view.WriteUnavailable(report.Header, settings.All(parsed));
            if (parsed.GetValue(largest) is var shown and > 0) view.WriteSizes(report.Sizes, shown);
            view.WriteAtlas(report.Atlas);
            view.WriteSum(report.Header, report.Footer);
            if (!parsed.GetValue(check)) return (int)ExitCode.AsExpected;
            return (int)(report.IsComplete ? ShownRun.ExitOf(report) : ExitCode.Unexpected);
        });
        return command;
    }
}
