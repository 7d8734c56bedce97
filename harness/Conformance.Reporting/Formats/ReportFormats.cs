using System.Collections.Immutable;
using Conformance.Machine;
using Conformance.Model;
using Conformance.Reporting.Badge;
using Conformance.Reporting.Ctrf;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Html;
using Conformance.Reporting.Jsonl;
using Conformance.Reporting.Junit;
using Conformance.Reporting.Markdown;
using Conformance.Reporting.Sarif;
using Conformance.Reporting.Svg;
using Conformance.Reporting.Trx;

namespace Conformance.Reporting.Formats;

/// <summary>All formats, and how their files are written.</summary>
public static class ReportFormats
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<IReportFormat> All { get; } =
        [new HtmlFormat(), new JunitFormat(), new TrxFormat(),
            new SarifFormat(), new CtrfFormat(), new MarkdownFormat(), new BadgeFormat(), new SvgFormat()];

    /// <summary>Their names, for flags and configurations.</summary>
    public static ImmutableArray<string> Names { get; } = [.. All.Select(format => format.Name)];

    /// <exception cref="KeyNotFoundException">There is no such format.</exception>
    public static IReportFormat ByName(string name) =>
        All.FirstOrDefault(format => format.Name == name) ?? throw new KeyNotFoundException($"no format is called {name}");

    /// <summary>Writes a document beside its place and then into it: whatever happens meanwhile, what is found there is whole.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void WriteFile(IReportFormat format, ReportDocument document, string path) =>
        WholeFile.Write(path, stream => format.Write(document, stream));

    /// <summary>
    /// Begins the report of a run in a folder. What an earlier run derived from its report goes, so that it does not stand beside the
    /// report of a run that was cut short.
    /// </summary>
    /// <exception cref="IOException">It can't be written there.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written there.</exception>
    public static ReportWriter Begin(string folder)
    {
        RemoveFrom(folder);
        return new ReportWriter(folder);
    }

    /// <summary>
    /// Removes the files that were derived from a folder's report. Where there is no report, such files are somebody's own.
    /// </summary>
    /// <exception cref="IOException">One can't be removed.</exception>
    public static void RemoveFrom(string folder)
    {
        if (!File.Exists(Path.Combine(folder, ReportWriter.FileName))) return;
        foreach (var format in All) File.Delete(Path.Combine(folder, format.FileName));
    }
}
