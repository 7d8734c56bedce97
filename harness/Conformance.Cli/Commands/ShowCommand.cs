using System.CommandLine;
using Conformance.Engine;
using Conformance.Engine.Comparing;
using Conformance.Reporting.Jsonl;
using Conformance.Reporting.Terminal;
using Spectre.Console;

namespace Conformance.Cli.Commands;

/// <summary><c>conformance show FILE</c>: a report as the run that wrote it ended.</summary>
internal static class ShowCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("report") { Description = "A report.jsonl, or the folder that holds one." };
        var full = new Option<bool>("--cells") { Description = "Show every cell with its ledger." };
        var largest = new Option<int>("--sizes") { Description = "Show how large the modules are, with so many of their largest sections and functions.", HelpName = "largest" };
        var command = new Command("show", "Show a report.") { file, full, largest };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(file);
            if (Directory.Exists(path)) path = Path.Combine(path, ReportWriter.FileName);
            if (!File.Exists(path)) throw new ConformanceException(ExitCode.WrongUsage, $"{path}: there is no such report");
            var report = Report.Read(path);
            var view = new ReportView(AnsiConsole.Console);
            if (parsed.GetValue(full))
            {
                foreach (var cell in report.Cells) view.WriteCell(cell);
            }

            var agreements = report.Footer?.Agreements ?? Comparison.Agreements(report.Cells);
            view.WriteUnexpected(report.Cells);
            view.WriteUnexpected(agreements);
            view.WriteMatrix(report.Header, report.Cells, agreements);
            view.WriteDisagreements(agreements);
            view.WriteUnavailable(report.Header);
            if (parsed.GetValue(largest) is var shown and > 0) view.WriteSizes(report.Sizes, shown);
            view.WriteAtlas(report.Atlas);
            view.WriteSum(report.Header, report.Footer);
            return (int)ExitCode.AsExpected;
        });
        return command;
    }
}
