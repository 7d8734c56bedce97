using System.CommandLine;
using Conformance.Engine;
using Conformance.Machine;
using Conformance.Manifests;
using Conformance.Model.Reports;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Formats;
using Conformance.Reporting.Jsonl;

namespace Conformance.Cli;

/// <summary>Reports as commands are given them, and documents as commands write them.</summary>
internal static class ReportFiles
{
    private const string Description = "A report.jsonl, or the folder that holds one.";

    public static Argument<string> Argument(string name, string? description = null) =>
        new(name) { Description = description ?? Description };

    public static Option<string> Format(string description)
    {
        var format = new Option<string>("--format", "-f") { Description = Describe(description) };
        format.AcceptOnlyFromAmong([.. ReportFormats.Names]);
        return format;
    }

    public static Option<string[]> Formats(string description)
    {
        var formats = new Option<string[]>("--format", "-f") { Description = Describe(description) };
        formats.AcceptOnlyFromAmong([.. ReportFormats.Names]);
        return formats;
    }

    private static string Describe(string description) => $"{description}: {string.Join(", ", ReportFormats.Names)}.";

    /// <exception cref="CommandException">There is no such report.</exception>
    /// <exception cref="ReportFormatException">It is none.</exception>
    public static (Report Report, string Path) Read(string path)
    {
        if (Directory.Exists(path)) path = Path.Combine(path, ReportWriter.FileName);
        if (!File.Exists(path)) throw new CommandException(ExitCode.WrongUsage, $"{path}: there is no such report");
        return (ReportReader.Read(path), path);
    }

    /// <summary>Takes a folder to write a report in, with all that is derived from it, until it is disposed of.</summary>
    /// <exception cref="CommandException">Somebody else writes in it, or it can't be written.</exception>
    public static FolderLock Own(string folder)
    {
        try
        {
            return FolderLock.Take(folder);
        }
        catch (FolderTakenException e)
        {
            throw new CommandException(ExitCode.Environment, $"--out {e.Message}; name another folder, or wait", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.WrongUsage, $"--out {folder}: no report can be written there: {e.Message}", e);
        }
    }

    /// <summary>Writes a document to a file, or to stdout where none is named.</summary>
    /// <exception cref="CommandException">It can't be written.</exception>
    public static void Write(IReportFormat format, ReportDocument document, string? path)
    {
        if (path is null)
        {
            using var output = Console.OpenStandardOutput();
            format.Write(document, output);
            return;
        }

        try
        {
            ReportFormats.WriteFile(format, document, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Environment, $"--out {path}: it can't be written: {e.Message}", e);
        }
    }

    /// <summary>Writes a document in several formats into a folder, each by its own name, and says where.</summary>
    /// <exception cref="CommandException">One can't be written.</exception>
    public static void WriteAll(IEnumerable<IReportFormat> formats, ReportDocument document, string folder)
    {
        foreach (var format in formats)
        {
            var path = Path.Combine(folder, format.FileName);
            Write(format, document, path);
            Console.WriteLine($"{format.Name}: {path}");
        }
    }

    /// <summary>Writes a report that was made of others, with the attachments that lie beside those.</summary>
    /// <exception cref="CommandException">It can't be written.</exception>
    public static void WriteReport(Report report, string folder, IEnumerable<string> partFolders)
    {
        try
        {
            Directory.CreateDirectory(folder);
            ReportFormats.RemoveFrom(folder);
            foreach (var file in report.Cells.SelectMany(cell => cell.Run.Attachments ?? []).Select(attachment => attachment.Path))
            {
                var target = Path.Combine(folder, file);
                if (partFolders.Select(part => InnerPath.Find(part, file)).FirstOrDefault(found => found is not null) is not { } source
                    || Path.GetFullPath(source) == Path.GetFullPath(target))
                {
                    continue;
                }

                // A link in the way would lead the copy elsewhere.
                for (var above = Path.GetDirectoryName(target); above is not null && above.Length > folder.Length;
                    above = Path.GetDirectoryName(above))
                {
                    if (new DirectoryInfo(above).LinkTarget is not null) Directory.Delete(above);
                }

                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                if (new FileInfo(target).LinkTarget is not null) File.Delete(target);
                File.Copy(source, target, overwrite: true);
            }

            ReportWriter.Write(report, folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Environment, $"--out {folder}: no report can be written there: {e.Message}", e);
        }
    }

    /// <summary>The configuration that is named, else the current folder's, else none.</summary>
    /// <exception cref="ManifestException">It is wrong.</exception>
    public static RunConfiguration Configuration(string? path) =>
        path is not null || File.Exists(RunConfigurationReader.FileName)
            ? RunConfigurationReader.Read(path ?? RunConfigurationReader.FileName, ReportFormats.Names) : RunConfiguration.None;
}
