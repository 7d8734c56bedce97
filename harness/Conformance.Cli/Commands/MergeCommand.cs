using System.CommandLine;
using Conformance.Engine;
using Conformance.Model.Reports;
using Conformance.Reporting.Jsonl;
using Conformance.Reporting.Merging;

namespace Conformance.Cli.Commands;

/// <summary><c>conformance merge A B …</c>: one report of the parts of a sharded run.</summary>
internal static class MergeCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>(
            "parts")
        {
            Description = "The reports of all parts (or the folders that hold them), in any order.",
            Arity = ArgumentArity.OneOrMore
        };
        var output = new Option<string>("--out", "-o")
        {
            Description = "The folder for the one report.jsonl.",
            DefaultValueFactory = _ => "conformance-report",
        };
        var command = new Command("merge",
            "Make one report of the parts of a run that was spread by --shard, or say why they do not fit.") { files, output };
        command.SetAction(parsed =>
        {
            var parts = parsed.GetRequiredValue(files).Select(name => (name, ReportFiles.Read(name))).ToList();
            var merged = ReportMerge.Merge([.. parts.Select(part => (part.name, part.Item2.Report))]);
            var folder = parsed.GetRequiredValue(output);
            using var owned = ReportFiles.Own(folder);
            ReportFiles.WriteReport(merged, folder, [.. parts.Select(part => Path.GetDirectoryName(Path.GetFullPath(part.Item2.Path))!)]);
            Console.WriteLine(
                $"report: {Path.Combine(folder, ReportWriter.FileName)} ({merged.Cells.Length} cells of {parts.Count} parts)");
            return (int)ExitCode.AsExpected;
        });
        return command;
    }
}
