using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Conformance.Engine;
using Conformance.History;
using Conformance.Machine;
using Conformance.Model;
using Conformance.Model.Reports;
using Conformance.Reporting.Diffing;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Formats;
using Conformance.Reporting.Jsonl;
using Conformance.Reporting.Trends;
using Conformance.Reporting.Wording;

namespace Conformance.Cli;

/// <summary>
/// A folder of nights: <c>nights/&lt;time&gt;/</c> with a report and its forms each, <c>history.db</c>, and the newest night's page,
/// summary, badge and picture on top. A night that was cut short is a report without a footer in a folder of its own, and nothing on top:
/// the next night passes over it.
/// </summary>
internal sealed class Nightly(string folder)
{
    public const string HistoryFile = "history.db";

    private const string Nights = "nights";

    private const string NameFormat = "yyyy-MM-dd'T'HHmmss.fff'Z'";

    /// <summary>What lies on top besides the forms of the report: these come and go with what there is to say.</summary>
    private const string DiffFile = "diff.md", DiffPage = "diff.html", IssueFile = "issue.md";

    /// <summary>A year and a day.</summary>
    private const int NightsShown = 366;

    /// <summary>
    /// Where a night keeps its report: after all that are there, whatever the clock says. Nights are in the order in which they ran, or one
    /// with a clock that was ahead would swallow all that follow.
    /// </summary>
    /// <param name="started">When it began, by its clock.</param>
    public string FolderOf(DateTimeOffset started)
    {
        var name = NameOf(started.UtcDateTime);
        if (NightFolders() is not [.., var newest] || string.CompareOrdinal(name, Path.GetFileName(newest)) > 0)
            return Path.Combine(folder, Nights, name);
        Console.Error.WriteLine($"conformance: the clock is behind the night before: it began at {name}, that one at {Path.GetFileName(newest)}; nights are kept in the order in which they run");
        return Path.Combine(folder, Nights, NameOf(TimeOf(newest).AddMilliseconds(1)));
    }

    /// <summary>Where the report of a night that ran elsewhere is kept: where it is already, if it is.</summary>
    public string FolderOf(Report report)
    {
        var same = Path.Combine(folder, Nights, NameOf(report.Header.Started.UtcDateTime));
        return Directory.Exists(same) ? same : FolderOf(report.Header.Started);
    }

    /// <summary>Makes everything of a night's report.</summary>
    /// <param name="report">The night's report, whole.</param>
    /// <param name="night">Its folder below this one.</param>
    /// <param name="keep">How many nights' folders stay.</param>
    /// <returns>Unexpected where the night was, or is worse than the last good one.</returns>
    public ExitCode Conclude(Report report, string night, int keep)
    {
        var exit = ShownRun.ExitOf(report);
        var (history, failure) = AddToHistory();
        var good = LastGoodBefore(night);
        var document = new ReportDocument(report) { Folder = night, Trend = history };
        ReportFiles.WriteAll(ReportFormats.All, document, night);
        var (diff, words) = Compare(good, report);
        Console.WriteLine(words);
        foreach (var band in TrendBand.Of(history).Where(band => band.IsOutside))
            Console.WriteLine($"warning: not as in the nights before: {band.Words}");
        if (diff is not null)
        {
            var changes = document with { Diff = diff };
            ReportFiles.Write(ReportFormats.ByName("markdown"), changes, Path.Combine(night, DiffFile));
            ReportFiles.Write(ReportFormats.ByName("html"), changes, Path.Combine(night, DiffPage));
        }

        if (diff?.HasRegressions == true) exit = ExitCode.Unexpected;
        if (exit == ExitCode.Unexpected)
            WholeFile.Write(Path.Combine(night, IssueFile), stream => stream.Write(Encoding.UTF8.GetBytes(Issue(document, diff, words))));
        Publish(night);
        Prune(night, good?.Folder, keep);
        // The night is kept with all its forms; without its history it is not as it should be.
        return failure is null ? exit : throw failure;
    }

    /// <summary>
    /// Every whole night that the history does not have yet: one that was killed between its report and this has waited for it.
    /// </summary>
    private (ImmutableArray<TrendNight> Nights, HistoryException? Failure) AddToHistory()
    {
        try
        {
            using var history = HistoryDatabase.Open(Path.Combine(folder, HistoryFile), create: true);
            var waiting = NightFolders().Reverse()
                .Select(night => (Report: Whole(night), Path: Path.Combine(night, ReportWriter.FileName)))
                .Where(night => night.Report is not null).TakeWhile(night => !history.Has(night.Path)).Reverse().ToList();
            foreach (var (report, path) in waiting) history.Add(report!, path, inSequence: true);
            return (history.Trend(NightsShown), null);
        }
        catch (HistoryException e)
        {
            return ([], e);
        }
    }

    /// <summary>The newest whole night before one in which nothing was unexpected.</summary>
    private (Report Report, string Folder)? LastGoodBefore(string night) =>
        NightFolders().Reverse().SkipWhile(other => string.CompareOrdinal(Path.GetFileName(other), Path.GetFileName(night)) >= 0)
        .Select(other => (Report: Whole(other), Folder: other))
            .Where(other => other.Report is { } report && ShownRun.ExitOf(report) == ExitCode.AsExpected)
        .Select(other => ((Report, string)?)(other.Report!, other.Folder)).FirstOrDefault();

    private static (ReportDiff? Diff, string Words) Compare((Report Report, string Folder)? good, Report report)
    {
        if (good is null) return (null, "there is no good night to compare with yet");
        try
        {
            var diff = ReportDiff.Between(good.Value.Report, report);
            return (diff, $"since the last good night, {Path.GetFileName(good.Value.Folder)}: {diff.Sum}");
        }
        catch (IncomparableReportsException e)
        {
            return (null, $"not compared with the last good night, {Path.GetFileName(good.Value.Folder)}: {string.Join("; ", e.Reasons)}");
        }
    }

    /// <summary>A title on the first line, and the text of an issue below it.</summary>
    private static string Issue(ReportDocument document, ReportDiff? diff, string words)
    {
        using var text = new MemoryStream();
        ReportFormats.ByName("markdown").Write(diff is { HasRegressions: true } ? document with { Diff = diff } : document, text);
        var day = document.Report.Header.Started.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var title = diff is { HasRegressions: true } ? $"Conformance regressed in the night of {day}: {diff.Sum}"
            : $"Conformance was not as expected in the night of {day}: {CellWording.Verdicts(document.Report.Cells)}";
        return $"{title}\n\n{words[..1].ToUpperInvariant()}{words[1..]}.\n\n{Encoding.UTF8.GetString(text.ToArray())}";
    }

    /// <summary>The night's forms on top of the folder; what this night does not have is taken away from there.</summary>
    private void Publish(string night)
    {
        foreach (var file in ReportFormats.All.Select(format => format.FileName).Concat([DiffFile, DiffPage, IssueFile]))
        {
            var (source, target) = (Path.Combine(night, file), Path.Combine(folder, file));
            if (File.Exists(source)) WholeFile.Write(target, stream => stream.Write(File.ReadAllBytes(source)));
            else File.Delete(target);
        }
    }

    /// <summary>The oldest nights go, but not the last good one: the next night is held against it.</summary>
    private void Prune(string night, string? good, int keep)
    {
        foreach (var old in NightFolders().Reverse().Skip(keep).Where(other => other != good && other != night))
            Directory.Delete(old, recursive: true);
    }

    /// <summary>All nights, oldest first.</summary>
    private ImmutableArray<string> NightFolders()
    {
        var nights = Path.Combine(folder, Nights);
        return Directory.Exists(nights) ? [.. Directory.GetDirectories(nights).Where(IsNight).Order(StringComparer.Ordinal)] : [];
    }

    private static bool IsNight(string path) =>
        DateTime.TryParseExact(Path.GetFileName(path), NameFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    private static string NameOf(DateTime utc) => utc.ToString(NameFormat, CultureInfo.InvariantCulture);

    private static DateTime TimeOf(string night) => DateTime.ParseExact(Path.GetFileName(night), NameFormat,
        CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    /// <summary>A night's report, where it is whole.</summary>
    private static Report? Whole(string night)
    {
        var path = Path.Combine(night, ReportWriter.FileName);
        try
        {
            return File.Exists(path) && ReportReader.Read(path) is { IsComplete: true } report ? report : null;
        }
        catch (ReportFormatException)
        {
            // Killed before its first line was out: it is told as what it is where somebody asks for it.
            return null;
        }
    }
}
