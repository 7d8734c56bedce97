using System.Globalization;
using System.Text;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Diffing;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Wording;
using Conformance.Wasm;

namespace Conformance.Reporting.Markdown;

/// <summary>
/// GitHub's Markdown, for the step summary of a CI run, a pull request or an issue. A step summary has room for a megabyte: a matrix that
/// is larger is cut, and says so.
/// </summary>
public sealed class MarkdownFormat : IReportFormat
{
    /// <summary>What GitHub takes for one step is 1 MiB; the rest of the document has its room beside the table.</summary>
    private const int TableLimit = 600_000;

    /// <summary>Of unexpected cells and changes.</summary>
    private const int DetailLimit = 200_000;

    /// <inheritdoc/>
    public string Name => "markdown";

    /// <inheritdoc/>
    public string FileName => "summary.md";

    /// <inheritdoc/>
    public void Write(ReportDocument document, Stream output)
    {
        using var writer = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true)
        {
            NewLine = "\n",
        };
        if (document.Diff is { } diff) WriteDiff(writer, diff);
        else WriteReport(writer, document);
    }

    private static void WriteReport(StreamWriter writer, ReportDocument document)
    {
        var (header, cells) = (document.Report.Header, document.Report.Cells);
        writer.WriteLine("## WebAssembly conformance");
        writer.WriteLine();
        if (document.Incomplete is { } incomplete) writer.WriteLine($"> [!CAUTION]\n> {MarkdownText.Plain(incomplete)}\n");
        var seconds = document.Report.Footer is { } footer
            ? $" in {(footer.ElapsedMs / 1000).ToString("0.0", CultureInfo.InvariantCulture)} s" : "";
        writer.WriteLine($"{cells.Length} cells{seconds}: {CellWording.Verdicts(cells)}. Counter server: {MarkdownText.Plain(header.Server.Hosting)}, {MarkdownText.Plain(header.Server.Variant)}. {MarkdownText.Plain(header.Machine.Os)}, {MarkdownText.Plain(header.Machine.Architecture)}, harness {MarkdownText.Code(header.Harness)}.");
        writer.WriteLine();
        WriteMatrix(writer, document);
        WriteUnexpected(writer, document);
        var parted = document.Agreements.Where(a => a.Result is AgreementResult.Split or AgreementResult.Poisoned).ToList();
        if (parted.Count > 0)
        {
            writer.WriteLine("### Where they part");
            writer.WriteLine();
            Limited(writer, DetailLimit, parted,
                a => $"- {CellWording.Describe(a)}: **{MarkdownText.Plain(a.Module)}** · {MarkdownText.Plain(a.Scenario)}: {MarkdownText.Plain(a.Sentence)}\n");
        }

        var missing = header.Runtimes.Where(runtime => runtime.Unavailable is not null).ToList();
        if (missing.Count == 0) return;
        writer.WriteLine("### Unavailable");
        writer.WriteLine();
        foreach (var runtime in missing) writer.WriteLine($"- **{MarkdownText.Plain(runtime.Id)}**: {MarkdownText.Plain(runtime.Unavailable!.Reason)}{(runtime.Unavailable.Remedy is { } remedy ? $". To have it: {MarkdownText.Plain(remedy)}" : "")}");
    }

    private static void WriteMatrix(StreamWriter writer, ReportDocument document)
    {
        var runtimes = document.Report.Header.Runtimes;
        var agreements = document.Agreements.ToDictionary(a => a.Row);
        writer.WriteLine(
            $"| module | scenario | agreement | {string.Join(" | ", runtimes.Select(runtime => MarkdownText.Plain(CellWording.Title(runtime))))} |");
        writer.WriteLine($"| --- | --- | --- |{string.Concat(Enumerable.Repeat(" --- |", runtimes.Length))}");
        var rows = document.Report.Rows.ToList();
        Limited(writer, TableLimit, rows, row =>
        {
            var byRuntime = row.ToDictionary(cell => cell.Runtime, StringComparer.Ordinal);
            var agreement = agreements.TryGetValue(row.Key, out var found) ? $"{Icon(found)} {CellWording.Describe(found)}" : "";
            return $"| {MarkdownText.Plain(row.Key.Module)} | {MarkdownText.Plain(row.Key.Scenario)} | {agreement} | {string.Join(" | ", runtimes.Select(runtime => byRuntime.TryGetValue(runtime.Id, out var cell) ? $"{Icon(cell.Verdict)} {MarkdownText.Plain(CellWording.Summary(cell))}" : "–"))} |\n";
        });
    }

    private static void WriteUnexpected(StreamWriter writer, ReportDocument document)
    {
        var cells = document.Report.Cells.Of(verdict => verdict.IsUnexpected()).ToList();
        var agreements = document.Agreements.Where(a => a.Verdict?.IsUnexpected() == true).ToList();
        List(writer, "Not run", [.. CellWording.NotRun(document.Report.Cells.Of(verdict => verdict == Verdict.NotRun))]);
        if (cells.Count + agreements.Count == 0) return;
        writer.WriteLine("### Unexpected");
        writer.WriteLine();
        Limited(writer, DetailLimit, cells, Unexpected);
        Limited(writer, DetailLimit, agreements, a => $"- {Icon(a)} agreement of **{MarkdownText.Plain(a.Module)}** · {MarkdownText.Plain(a.Scenario)}: {MarkdownText.Plain(string.Join("; ", (a.Departures ?? []).Select(d => $"{d.What}: expected {d.Expected}, observed {d.Observed}")))}: {MarkdownText.Plain(a.Sentence)}\n");
    }

    private static string Unexpected(CellLine cell) =>
        $"- {Icon(cell.Verdict)} **{MarkdownText.Plain(cell.Runtime)}** · {MarkdownText.Plain(cell.Module)} · {MarkdownText.Plain(cell.Scenario)}: {cell.Verdict.Word()}: {MarkdownText.Plain(CellWording.Why(cell) ?? "")}<br>{MarkdownText.Code(cell.Repro)}\n";

    private static void WriteDiff(StreamWriter writer, ReportDiff diff)
    {
        writer.WriteLine(
            $"## What changed since {diff.Before.Started.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC");
        writer.WriteLine();
        writer.WriteLine($"{diff.Sum}.");
        writer.WriteLine();
        foreach (var kind in Enum.GetValues<ChangeKind>())
        {
            var cells = diff.Cells.Where(change => change.Kind == kind).ToList();
            var agreements = diff.Agreements.Where(change => change.Kind == kind).ToList();
            if (cells.Count + agreements.Count == 0) continue;
            writer.WriteLine($"### {Heading(kind)}");
            writer.WriteLine();
            Limited(writer, DetailLimit, cells, change => $"- **{MarkdownText.Plain(change.Runtime)}** · {MarkdownText.Plain(change.Module)} · {MarkdownText.Plain(change.Scenario)}: {MarkdownText.Plain(change.Words)}{(kind == ChangeKind.Regression && change.After is { } cell ? $": {MarkdownText.Plain(CellWording.Why(cell) ?? "")}<br>{MarkdownText.Code(cell.Repro)}" : "")}\n");
            Limited(writer, DetailLimit, agreements, change => $"- agreement of **{MarkdownText.Plain(change.Module)}** · {MarkdownText.Plain(change.Scenario)}{(change.NewSplit ? ", a new split" : "")}: {MarkdownText.Plain(change.Words)}\n");
        }

        List(writer, "Not compared", diff.NotCompared);
        List(writer, "What else is not the same", diff.Notes);
    }

    private static void List(StreamWriter writer, string heading, IReadOnlyCollection<string> lines)
    {
        if (lines.Count == 0) return;
        writer.WriteLine($"### {heading}");
        writer.WriteLine();
        foreach (var line in lines) writer.WriteLine($"- {MarkdownText.Plain(line)}");
        writer.WriteLine();
    }

    /// <summary>Writes items until there is no more room, says how many were left out, and ends with an empty line.</summary>
    private static void Limited<T>(StreamWriter writer, int limit, List<T> items, Func<T, string> write)
    {
        var written = 0;
        for (var i = 0; i < items.Count; i++)
        {
            var text = write(items[i]);
            if ((written += text.Length) > limit)
            {
                writer.WriteLine($"\n… and {items.Count - i} more, for which there is no room here: the report has them all.");
                break;
            }

            writer.Write(text);
        }

        if (items.Count > 0) writer.WriteLine();
    }

    private static string Heading(ChangeKind kind) => kind switch
    {
        ChangeKind.Regression => "Regressions",
        ChangeKind.Fix => "Fixes",
        _ => kind.ToString(),
    };

    private static string Icon(Agreement agreement) => agreement.Verdict?.IsUnexpected() == true ? "❌" : agreement.Result switch
    {
        AgreementResult.Unanimous => "🟰",
        AgreementResult.Split => "🔀",
        _ => "❔",
    };

    private static string Icon(Verdict verdict) => verdict switch
    {
        Verdict.Pass => "✅",
        Verdict.Xfail => "☑️",
        Verdict.Skipped or Verdict.Unavailable => "⚪",
        Verdict.NotRun => "🚧",
        Verdict.Crashed => "💥",
        Verdict.TimedOut => "⏱️",
        Verdict.Flaky => "🎲",
        _ => "❌",
    };
}
