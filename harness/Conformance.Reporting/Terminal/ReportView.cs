using System.Globalization;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Wording;
using Conformance.Wasm;
using Spectre.Console;

namespace Conformance.Reporting.Terminal;

/// <summary>A report as people read it in a terminal: the matrix, what was not as expected, and the sum.</summary>
public sealed class ReportView(IAnsiConsole console)
{
    /// <summary>Modules × runtimes that are there, what differs first, in the form that fits the console's width.</summary>
    public void WriteMatrix(HeaderLine header, CellList cells, IReadOnlyCollection<Agreement> agreements) =>
        new MatrixView(console, header, cells, agreements).Write();

    /// <summary>How large modules are, and what takes the space.</summary>
    /// <param name="sizes">A row each.</param>
    /// <param name="largest">How many of the largest sections and functions to show.</param>
    public void WriteSizes(IReadOnlyCollection<SizeLine> sizes, int largest)
    {
        var table = new Table().Border(console.Profile.Capabilities.Unicode ? TableBorder.Rounded : TableBorder.Ascii);
        table.AddColumns("module", "raw", "wasm-opt -Oz", "gzip", "brotli", "largest sections", "largest functions");
        for (var i = 1; i <= 4; i++) table.Columns[i].RightAligned();
        foreach (var size in sizes)
        {
            table.AddRow([.. new[]
            {
                size.Module, Bytes(size.Raw), size.Optimised is { } optimised
                    ? $"{Bytes(optimised)} ({Share(optimised - size.Raw, size.Raw)})" : "–", Bytes(size.Gzip), Bytes(size.Brotli),
                Largest(size.Sections, size.Raw, largest), Largest(size.Functions, size.Raw, largest),
            }.Select(text => new Text(text))]);
        }

        console.Write(table);
        foreach (var why in sizes.Where(size => size.NotOptimised is not null).GroupBy(size => size.NotOptimised, size => size.Module))
            Line(new Style(Color.Yellow), $"not optimised: {string.Join(", ", why)}: {why.Key}");
    }

    /// <summary>
    /// How much of WASI each runtime provides, runtimes that answered alike together, and what some lack or have with another type; nothing
    /// where nobody was asked.
    /// </summary>
    public void WriteAtlas(IReadOnlyCollection<AtlasLine> runtimes)
    {
        if (runtimes.Count == 0) return;
        foreach (var name in runtimes.First().Functions.Select(row => row.Module).Distinct())
        {
            var asked = runtimes.Select(runtime => (runtime.Runtime, Rows: runtime.Functions.Where(row => row.Module == name).ToList()))
                .ToList();
            Line(Style.Plain, $"{name} ({asked[0].Rows.Count} functions)");
            foreach (var alike in asked.GroupBy(runtime => (Provided: Provided(runtime.Rows),
                Remarks: string.Join("; ", Remarks(runtime.Rows))), runtime => runtime.Runtime))
            {
                console.WriteFolded(
                    $"  {string.Join(", ", alike)}: {alike.Key.Provided}{(alike.Key.Remarks.Length > 0 ? $"; {alike.Key.Remarks}" : "")}",
                    alike.Key.Remarks.Length > 0 ? new Style(Color.Yellow) : Style.Plain);
            }
        }
    }

    /// <summary>Every agreement that is not unanimous, in words.</summary>
    public void WriteDisagreements(IEnumerable<Agreement> agreements)
    {
        foreach (var agreement in agreements.Where(a => a.Result is AgreementResult.Split or AgreementResult.Poisoned))
        {
            console.WriteFolded($"{CellWording.Describe(agreement)}: {agreement.Module} · {agreement.Scenario}: {agreement.Sentence}",
                new Style(Color.Yellow));
        }
    }

    /// <summary>Every agreement that is not as its manifest declares it: which groups were expected, and which were seen.</summary>
    public void WriteUnexpected(IEnumerable<Agreement> agreements)
    {
        foreach (var agreement in agreements.Where(a => a.Verdict?.IsUnexpected() == true))
        {
            Line(StyleOf(agreement.Verdict!.Value),
                $"{agreement.Verdict.Value.Word()}: agreement · {agreement.Module} · {agreement.Scenario}");
            foreach (var departure in agreement.Departures ?? [])
            {
                Field($"{departure.What} expected", departure.Expected);
                Field($"{departure.What} observed", departure.Observed);
            }

            Field("words", agreement.Sentence);
            Field("declared", agreement.Reason);
        }
    }

    /// <summary>
    /// Every runtime that could not be used: all in one line with the reason in a few words, or each in a line of its own with the whole
    /// reason and what to do.
    /// </summary>
    /// <param name="header">The report's.</param>
    /// <param name="whole">True: a line each.</param>
    public void WriteUnavailable(HeaderLine header, bool whole)
    {
        var missing = header.Runtimes.Where(r => r.Unavailable is not null).ToList();
        if (missing.Count == 0) return;
        // Where there is nothing else to say, it is all that matters.
        if (whole || missing.Count == header.Runtimes.Length)
        {
            foreach (var runtime in missing)
            {
                Line(new Style(Color.Yellow),
                $"unavailable: {runtime.Id}: {runtime.Unavailable!.Reason}; to have it: {runtime.Unavailable.Remedy}");
            }

            return;
        }

        var reasons = missing.GroupBy(runtime => CellWording.InFewWords(runtime.Unavailable!.Reason), runtime => runtime.Id)
            .Select(same => $"{string.Join(", ", same)} ({same.Key})");
        console.WriteFolded($"unavailable: {string.Join(", ", reasons)}; --all says more, doctor what to do", new Style(Color.Yellow));
    }

    /// <summary>Why cells were not run, in a line for each reason.</summary>
    public void WriteNotRun(IEnumerable<CellLine> cells)
    {
        foreach (var line in CellWording.NotRun(cells)) Line(StyleOf(Verdict.NotRun), $"{Verdict.NotRun.Word()}: {line}");
    }

    /// <summary>
    /// Every cell with an unexpected verdict: what was expected and observed, the runtime's words, the command that shows it again.
    /// </summary>
    public void WriteUnexpected(IEnumerable<CellLine> cells)
    {
        foreach (var cell in cells.Where(c => c.Verdict.IsUnexpected())) WriteFailure(cell);
    }

    /// <summary>One line for a cell that has ended.</summary>
    public void WriteProgress(CellLine cell) =>
        Line(StyleOf(cell.Verdict), $"{cell.Verdict.Word(),-11} {cell.Runtime} · {cell.Module} · {cell.Scenario}{Tail(cell.Observation)}");

    /// <summary>How far a run is.</summary>
    public void WriteProgress(int ended, int cells, int unexpected) =>
        Line(Style.Plain, $"{ended} of {cells} cells{(unexpected > 0 ? $", {unexpected} unexpected" : "")}");

    /// <summary>That modules are measured now, and what that takes.</summary>
    public void WriteMeasuring(int modules) =>
        Line(Style.Plain, $"measuring the {(modules == 1 ? "size of 1 module" : $"sizes of {modules} modules")}: a minute for ten megabytes");

    /// <summary>The last lines: verdicts, the server, the time.</summary>
    public void WriteSum(HeaderLine header, FooterLine? footer)
    {
        var server = $"server: {header.Server.Hosting}, {header.Server.Variant}{(header.Server.Why is { } why ? $" ({why})" : "")}";
        if (footer is null)
        {
            Line(new Style(Color.Red), $"partial report: the run was cut short; {server}");
            return;
        }

        var verdicts = string.Join(", ", footer.Verdicts.Select(v => $"{v.Value} {v.Key}"));
        var seconds = (footer.ElapsedMs / 1000).ToString("0.0", CultureInfo.InvariantCulture);
        console.WriteFolded(
            $"{footer.Cells} cells in {seconds} s: {verdicts}{(footer.Complete ? "" : " (stopped at the first unexpected)")}; {server}");
    }

    /// <summary>All that is known of a cell.</summary>
    public void WriteCell(CellLine cell)
    {
        Line(StyleOf(cell.Verdict), $"{cell.Verdict.Word()}: {cell.Runtime} · {cell.Module} · {cell.Scenario}");
        Field("phase", cell.Outcome.Phase.Word());
        Field("code", cell.Outcome.Code);
        Field("text", cell.Run.Text);
        Field("counts", $"guest {cell.Observation.Counts.Guest?.ToString(CultureInfo.InvariantCulture) ?? "none"}, host {cell.Observation.Counts.Host?.ToString(CultureInfo.InvariantCulture) ?? "none"}, server {cell.Observation.Counts.Server?.ToString(CultureInfo.InvariantCulture) ?? "none"}");
        Field("journal", string.Join(", ", cell.Observation.Journal.Requests.Select(r => $"{r.Value} × {r.Key}"))
            + (cell.Observation.Journal.Preflights > 0 ? $", {cell.Observation.Journal.Preflights} × preflight" : ""));
        Field("calls", string.Join(", ", cell.Run.HostCalls.Select(
            c => $"{c.Times} × {c.Module}::{c.Name}{(c.Returned is { } r ? $" = {r}" : "")}{(c.Error is { } e ? $" ({e})" : "")}")));
        Field("requests", string.Join(", ", cell.Run.Requests?.Select(r => $"{r.Value} × {r.Key}") ?? []));
        Field("page", cell.Run.Page);
        Field("exit", cell.Run.Exit?.ToString(CultureInfo.InvariantCulture));
        Field("result", cell.Run.Result);
        Field("stdout", Excerpt(cell.Run.Stdout));
        Field("stderr", Excerpt(cell.Run.Stderr));
        Field("worker", cell.Observation.WorkerStderr);
        Field("times", $"compile {Ms(cell.Run.TimingsMs.Compile)}, link {Ms(cell.Run.TimingsMs.Link)}, run {Ms(cell.Run.TimingsMs.Run)}");
        Field("reason", cell.Reason);
        Field("link", cell.Link);
        Field("remedy", cell.Remedy);
        Field("attachments", string.Join(", ", cell.Run.Attachments?.Select(a => $"{a.Name}: {a.Path}") ?? []));
        if (cell.Observation.Ledger.IsEmpty) return;
        var table = new Table().Border(console.Profile.Capabilities.Unicode ? TableBorder.Rounded : TableBorder.Ascii)
            .AddColumns("import", "kind", "type", "provider", "verdict");
        foreach (var row in cell.Observation.Ledger)
        {
            table.AddRow(
                new Text($"{row.Module}::{row.Name}{(row.Times > 1 ? $" ({row.Times} ×)" : "")}"),
                new Text(row.Kind.ToString().ToLowerInvariant()),
                new Text(row.Type),
                new Text(row.Provider.Word() + (row.Found is { } found ? $": {found}" : "") + (row.Note is { } note ? $", {note}" : "")),
                new Text((row.Code ?? "links") + (row.Text is { } text ? $": {FirstLine(text)}" : ""),
                    row.IsFulfilled ? Style.Plain : new Style(Color.Red)));
        }

        console.Write(table);
    }

    private void WriteFailure(CellLine cell)
    {
        Line(StyleOf(cell.Verdict), $"{cell.Verdict.Word()}: {cell.Runtime} · {cell.Module} · {cell.Scenario}");
        foreach (var departure in cell.Departures)
        {
            Field($"{departure.What} expected", Visible(departure.Expected));
            Field($"{departure.What} observed", Visible(departure.Observed));
        }

        if (cell.Other is { } other)
            Field("flaky", $"attempt {other.Attempt} of the same cell: {other.Verdict.Word()}{Tail(other.Observation)}");
        Field("words", cell.Run.Text);
        Field("declared", cell.Reason);
        Field("stderr", Excerpt(cell.Run.Stderr));
        Field("worker", cell.Observation.WorkerStderr);
        Field("repro", cell.Repro);
    }

    private static IEnumerable<string> Remarks(List<LedgerRow> rows)
    {
        // Of a namespace that a runtime does not have at all, each function would be a remark.
        if (rows.Any(row => row.IsFulfilled) && rows.Where(row => row.State is ImportState.Missing or ImportState.Refused)
            .ToList() is { Count: > 0 } missing)
        {
            yield return $"lacks {string.Join(", ", missing.Select(row => row.Name))}";
        }

        foreach (var row in rows.Where(row => row.State == ImportState.Misfit))
            yield return $"has {row.Name} as {row.Found}, not {row.Type}";
    }

    private static string Provided(List<LedgerRow> rows) => rows.Count(row => row.IsFulfilled) switch
    {
        0 => "none",
        var some => (some == rows.Count ? "all" : $"{some}") + (rows.Any(row => row.State == ImportState.Unchecked) ? ", unchecked" : ""),
    };

    /// <summary>Why a runtime is unavailable is told once, at the end.</summary>
    private static string Tail(Observation cell) => cell.Outcome.Code == OutcomeCodes.Unavailable
        ? "" : cell.Outcome.Code is { } code ? $": {code}{(cell.Run.Text is { } text ? $": {FirstLine(text)}" : "")}" : $": {cell.Counts}";

    private void Field(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            Line(Style.Plain, $"  {name}: {value.TrimEnd().ReplaceLineEndings(Environment.NewLine + "    ")}");
    }

    /// <summary>In a log, whole lines: they are searched and copied.</summary>
    private void Line(Style style, string text)
    {
        text = TextName.Seen(text);
        if (console.Profile.Capabilities.Ansi) console.Write(new Paragraph(text + Environment.NewLine, style) { Overflow = Overflow.Fold });
        else console.Profile.Out.Writer.WriteLine(text);
    }

    private static string Visible(string text) => text.Replace("\n", "\\n", StringComparison.Ordinal);

    private static string FirstLine(string text) => text.Split('\n', 2)[0].TrimEnd();

    private static string Excerpt(CapturedText text) => text.Truncated ? $"{text.Text}… ({text.Bytes} bytes in all)" : text.Text;

    private static string Bytes(long bytes) => bytes.ToString("N0", CultureInfo.InvariantCulture);

    private static string Share(long part, long whole) => (100.0 * part / whole).ToString("+0;-0;0", CultureInfo.InvariantCulture) + " %";

    private static string Largest(IEnumerable<WasmPart> parts, long whole, int count) =>
        string.Join(", ", parts.OrderByDescending(part => part.Bytes)
            .Take(count).Select(part => $"{part.Name} {Share(part.Bytes, whole).TrimStart('+')}"));

    private static string Ms(double? milliseconds) =>
        milliseconds is { } ms ? ms.ToString("0.###", CultureInfo.InvariantCulture) + " ms" : "none";

    /// <summary>The colour of a verdict.</summary>
    internal static Style StyleOf(Verdict verdict) => verdict switch
    {
        Verdict.Pass => new Style(Color.Green),
        Verdict.Xfail => new Style(Color.Olive),
        Verdict.Skipped or Verdict.Unavailable => new Style(Color.Yellow),
        _ => new Style(Color.Red),
    };
}
