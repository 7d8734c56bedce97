using Conformance.Engine.Planning;
using Conformance.Model.Observations;

namespace Conformance.Engine.Running;

/// <summary>Where the files of a cell are: in a folder of its own, below the report's.</summary>
internal static class CellAttachments
{
    private const string Name = "attachments";

    /// <summary>
    /// The absolute path of a cell's folder, which is made by who puts something there; null where nobody keeps a report.
    /// </summary>
    public static string? Folder(RunOptions options, Cell cell) =>
        options.ReportFolder is { } report ? Path.GetFullPath(Path.Combine(report, Name, cell.Id.ToString())) : null;

    /// <summary>A worker's answer with its files as the report names them.</summary>
    public static RunResult InReport(RunResult result, Cell cell) =>
        result.Attachments is { } files
            ? result with { Attachments = [.. files.Select(file => file with { Path = $"{Name}/{cell.Id}/{file.Path}" })] } : result;
}
