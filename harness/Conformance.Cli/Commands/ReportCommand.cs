using System.CommandLine;
using Conformance.Engine;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Formats;

namespace Conformance.Cli.Commands;

/// <summary><c>conformance report FILE --format F</c>: a report in another form.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var file = ReportFiles.Argument("report");
        var format = ReportFiles.Format("Which form");
        format.Required = true;
        var output = new Option<string?>("--out", "-o") { Description = "The file to write; stdout where there is none." };
        var history = HistoryCommand.Database("With html: the history whose trend is shown.", required: false);
        var command = new Command("report", "Write a report in a form for people or for other programs.") { file, format, output, history };
        command.SetAction(parsed =>
        {
            var (report, path) = ReportFiles.Read(parsed.GetRequiredValue(file));
            var document = new ReportDocument(report)
            {
                Folder = Path.GetDirectoryName(Path.GetFullPath(path)),
                Trend = parsed.GetValue(history) is { } database ? HistoryCommand.Trend(database) : [],
            };
            ReportFiles.Write(ReportFormats.ByName(parsed.GetRequiredValue(format)), document, parsed.GetValue(output));
            if (document.Incomplete is { } incomplete) Console.Error.WriteLine($"conformance: {path}: {incomplete}");
            return (int)ExitCode.AsExpected;
        });
        return command;
    }
}
