using System.CommandLine;
using Conformance.Engine;
using Conformance.Reporting.Diffing;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Formats;
using Conformance.Reporting.Terminal;
using Spectre.Console;

namespace Conformance.Cli.Commands;

/// <summary><c>conformance diff A B</c>: what changed from one report to another.</summary>
internal static class DiffCommand
{
    public static Command Create()
    {
        var before = ReportFiles.Argument("before", "The earlier report.jsonl, or the folder that holds it.");
        var after = ReportFiles.Argument("after", "The later report.jsonl, or the folder that holds it.");
        var format = ReportFiles.Format("Write it in a form instead of showing it");
        var output = new Option<string?>("--out", "-o") { Description = "With --format: the file to write; stdout where there is none." };
        var command = new Command("diff", "Tell what changed from one report to another: exit code 1 where something got worse.") { before,
            after, format, output };
        command.Validators.Add(result =>
        {
            if (result.GetValue(output) is not null && result.GetValue(format) is null) result.AddError("--out is for --format");
        });
        command.SetAction(parsed =>
        {
            var (earlier, _) = ReportFiles.Read(parsed.GetRequiredValue(before));
            var (later, path) = ReportFiles.Read(parsed.GetRequiredValue(after));
            var diff = ReportDiff.Between(earlier, later);
            if (parsed.GetValue(format) is { } name)
            {
                ReportFiles.Write(ReportFormats.ByName(name), new ReportDocument(later)
                {
                    Diff = diff,
                    Folder = Path.GetDirectoryName(Path.GetFullPath(path))
                }, parsed.GetValue(output));
            }
            else
            {
                new DiffView(AnsiConsole.Console).Write(diff);
            }

            return (int)(diff.HasRegressions ? ExitCode.Unexpected : ExitCode.AsExpected);
        });
        return command;
    }
}
