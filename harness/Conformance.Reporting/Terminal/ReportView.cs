using System.Globalization;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Model.Wasm;
using Conformance.Reporting.Documents;
using Spectre.Console;

namespace Conformance.Reporting.Terminal;

/// <summary>A report as people read it in a terminal: the matrix, what was not as expected, and the sum.</summary>
public sealed class ReportView(IAnsiConsole console)
{
    /// <summary>Modules × runtimes, with the agreement of each row.</summary>
    public void WriteMatrix(HeaderLine header, IReadOnlyCollection<CellLine> cells, IReadOnlyCollection<Agreement> agreements)
    {
        var table = new Table().Border(console.Profile.Capabilities.Unicode ? TableBorder.Rounded : TableBorder.Ascii);
        table.AddColumn("module");
        table.AddColumn("scenario");
        foreach (var runtime in header.Runtimes) table.AddColumn(new TableColumn(new Text(CellWords.Title(runtime))));
        table.AddColumn("agreement");
        foreach (var row in cells.GroupBy(c => (c.Module, c.Scenario)).OrderBy(g => g.Key.Module, StringComparer.Ordinal).ThenBy(g => g.Key.Scenario, StringComparer.Ordinal))
        {
            var agreement = agreements.FirstOrDefault(a => a.Module == row.Key.Module && a.Scenario == row.Key.Scenario);
            table.AddRow(
            [
                new Text(row.Key.Module),
                new Text(row.Key.Scenario),
                .. header.Runtimes.Select(r => row.FirstOrDefault(c => c.Runtime == r.Id) is { } cell ? new Text(CellWords.Summary(cell), StyleOf(cell.Verdict)) : new Text("–")),
                new Text(agreement is null ? "" : CellWords.Of(agreement), agreement?.Verdict?.IsUnexpected() == true ? StyleOf(agreement.Verdict.Value) : agreement?.Result == AgreementResult.Unanimous ? Style.Plain : new Style(Color.Yellow)),
            ]);
        }

        console.Write(table);
    }

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
                size.Module, Bytes(size.Raw), size.Optimised is { } optimised ? $"{Bytes(optimised)} ({Share(optimised - size.Raw, size.Raw)})" : "–", Bytes(size.Gzip), Bytes(size.Brotli),
                Largest(size.Sections, size.Raw, largest), Largest(size.Functions, size.Raw, largest),
            }.Select(text => new Text(text))]);
        }

        console.Write(table);
        foreach (var why in sizes.Where(size => size.NotOptimised is not null).GroupBy(size => size.NotOptimised, size => size.Module))
            Line(new Style(Color.Yellow), $"not optimised: {string.Join(", ", why)}: {why.Key}");
    }

    /// <summary>How much of WASI each runtime provides, and what some lack or have with another type; nothing where nobody was asked.</summary>
    public void WriteAtlas(IReadOnlyCollection<AtlasLine> runtimes)
    {
        if (runtimes.Count == 0) return;
        var table = new Table().Border(console.Profile.Capabilities.Unicode ? TableBorder.Rounded : TableBorder.Ascii);
        table.AddColumns(["functions", .. runtimes.Select(runtime => runtime.Runtime)]);
        var remarks = new List<string>();
        foreach (var name in runtimes.First().Functions.Select(row => row.Module).Distinct())
        {
            var asked = runtimes.Select(runtime => (runtime.Runtime, Rows: runtime.Functions.Where(row => row.Module == name).ToList())).ToList();
            table.AddRow([new Text($"{name} ({asked[0].Rows.Count})"), .. asked.Select(runtime => new Text(Provided(runtime.Rows)))]);
            foreach (var (runtime, rows) in asked)
            {
                // Of a namespace that a runtime does not have at all, each function would be a remark.
                if (rows.Any(IsProvided) && rows.Where(row => row.Provider == Provider.Missing).ToList() is { Count: > 0 } missing) remarks.Add($"{name}: {runtime} lacks {string.Join(", ", missing.Select(row => row.Name))}");
                foreach (var row in rows.Where(row => row.Provider == Provider.Mismatch)) remarks.Add($"{name}: {runtime} has {row.Name} as {row.Found}, not {row.Type}");
            }
        }

        console.Write(table);
        foreach (var remark in remarks) Line(new Style(Color.Yellow), remark);
    }

    /// <summary>Every agreement that is not unanimous, in words.</summary>
    public void WriteDisagreements(IEnumerable<Agreement> agreements)
    {
        foreach (var agreement in agreements.Where(a => a.Result is AgreementResult.Split or AgreementResult.Poisoned))
            Line(new Style(Color.Yellow), $"{CellWords.Of(agreement)}: {agreement.Module} · {agreement.Scenario}: {agreement.Sentence}");
    }

    /// <summary>Every agreement that is not as its manifest declares it: which groups were expected, and which were seen.</summary>
    public void WriteUnexpected(IEnumerable<Agreement> agreements)
    {
        foreach (var agreement in agreements.Where(a => a.Verdict?.IsUnexpected() == true))
        {
            Line(StyleOf(agreement.Verdict!.Value), $"{agreement.Verdict.Value.Word()}: agreement · {agreement.Module} · {agreement.Scenario}");
            foreach (var departure in agreement.Departures ?? [])
            {
                Field($"{departure.What} expected", departure.Expected);
                Field($"{departure.What} observed", departure.Observed);
            }

            Field("words", agreement.Sentence);
            Field("declared", agreement.Reason);
        }
    }

    /// <summary>Every runtime that could not be used, once, with what to do.</summary>
    public void WriteUnavailable(HeaderLine header)
    {
        foreach (var runtime in header.Runtimes.Where(r => r.Unavailable is not null))
            Line(new Style(Color.Yellow), $"unavailable: {runtime.Id}: {runtime.Unavailable!.Reason}; to have it: {runtime.Unavailable.Remedy}");
    }

    /// <summary>Every cell with an unexpected verdict: what was expected and observed, the runtime's words, the command that shows it again.</summary>
    public void WriteUnexpected(IEnumerable<CellLine> cells)
    {
        foreach (var cell in cells.Where(c => c.Verdict.IsUnexpected())) WriteFailure(cell);
    }

    /// <summary>One line for a cell that has ended.</summary>
    public void WriteProgress(CellLine cell) =>
        Line(StyleOf(cell.Verdict), $"{cell.Verdict.Word(),-11} {cell.Runtime} · {cell.Module} · {cell.Scenario}{Tail(cell)}");

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
        Line(Style.Plain, $"{footer.Cells} cells in {seconds} s: {verdicts}{(footer.Complete ? "" : " (stopped at the first unexpected)")}; {server}");
    }

    /// <summary>All that is known of a cell.</summary>
    public void WriteCell(CellLine cell)
    {
        Line(StyleOf(cell.Verdict), $"{cell.Verdict.Word()}: {cell.Runtime} · {cell.Module} · {cell.Scenario}");
        Field("phase", cell.Phase.Word());
        Field("code", cell.Code);
        Field("text", cell.Text);
        Field("counts", $"guest {cell.Counts.Guest?.ToString(CultureInfo.InvariantCulture) ?? "none"}, host {cell.Counts.Host?.ToString(CultureInfo.InvariantCulture) ?? "none"}, server {cell.Counts.Server?.ToString(CultureInfo.InvariantCulture) ?? "none"}");
        Field("journal", string.Join(", ", cell.Journal.Requests.Select(r => $"{r.Value} × {r.Key}")) + (cell.Journal.Preflights > 0 ? $", {cell.Journal.Preflights} × preflight" : ""));
        Field("calls", string.Join(", ", cell.HostCalls.Select(c => $"{c.Times} × {c.Module}::{c.Name}{(c.Returned is { } r ? $" = {r}" : "")}{(c.Error is { } e ? $" ({e})" : "")}")));
        Field("requests", string.Join(", ", cell.Requests?.Select(r => $"{r.Value} × {r.Key}") ?? []));
        Field("page", cell.Page);
        Field("exit", cell.Exit?.ToString(CultureInfo.InvariantCulture));
        Field("result", cell.Result);
        Field("stdout", Excerpt(cell.Stdout));
        Field("stderr", Excerpt(cell.Stderr));
        Field("worker", cell.WorkerStderr);
        Field("times", $"compile {Ms(cell.TimingsMs.Compile)}, link {Ms(cell.TimingsMs.Link)}, run {Ms(cell.TimingsMs.Run)}");
        Field("reason", cell.Reason);
        Field("link", cell.Link);
        Field("remedy", cell.Remedy);
        Field("attachments", string.Join(", ", cell.Attachments?.Select(a => $"{a.Name}: {a.Path}") ?? []));
        if (cell.Ledger.IsEmpty) return;
        var table = new Table().Border(console.Profile.Capabilities.Unicode ? TableBorder.Rounded : TableBorder.Ascii).AddColumns("import", "kind", "type", "provider", "verdict");
        foreach (var row in cell.Ledger)
        {
            table.AddRow(
                new Text($"{row.Module}::{row.Name}{(row.Times > 1 ? $" ({row.Times} ×)" : "")}"),
                new Text(row.Kind.ToString().ToLowerInvariant()),
                new Text(row.Type),
                new Text(row.Provider.ToString().ToLowerInvariant() + (row.Found is { } found ? $": {found}" : "") + (row.Note is { } note ? $", {note}" : "")),
                new Text((row.Code ?? "links") + (row.Text is { } text ? $": {FirstLine(text)}" : ""), row.IsFulfilled ? Style.Plain : new Style(Color.Red)));
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

        if (cell.Other is { } other) Field("flaky", $"attempt {other.Attempt} of the same cell: {other.Verdict.Word()}{Tail(other.Observation)}");
        Field("words", cell.Text);
        Field("declared", cell.Reason);
        Field("stderr", Excerpt(cell.Stderr));
        Field("worker", cell.WorkerStderr);
        Field("repro", cell.Repro);
    }

    private static bool IsProvided(LedgerRow row) => row.IsFulfilled;

    private static string Provided(List<LedgerRow> rows) => rows.Count(IsProvided) switch
    {
        0 => "none",
        var some => (some == rows.Count ? "all" : $"{some}") + (rows.Any(row => row.IsFulfilled && row.Code == OutcomeCodes.Unchecked) ? ", unchecked" : ""),
    };

    /// <summary>Why a runtime is unavailable is told once, at the end.</summary>
    private static string Tail(Observation cell) => cell.Code == OutcomeCodes.Unavailable ? "" : cell.Code is { } code ? $": {code}{(cell.Text is { } text ? $": {FirstLine(text)}" : "")}" : $": {cell.Counts}";

    private void Field(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value)) Line(Style.Plain, $"  {name}: {value.TrimEnd().ReplaceLineEndings(Environment.NewLine + "    ")}");
    }

    /// <summary>In a log, whole lines: they are searched and copied.</summary>
    private void Line(Style style, string text)
    {
        if (console.Profile.Capabilities.Ansi) console.Write(new Paragraph(text + Environment.NewLine, style) { Overflow = Overflow.Fold });
        else console.Profile.Out.Writer.WriteLine(text);
    }

    private static string Visible(string text) => text.Replace("\n", "\\n", StringComparison.Ordinal);

    private static string FirstLine(string text) => text.Split('\n', 2)[0].TrimEnd();

    private static string Excerpt(CapturedText text) => text.Truncated ? $"{text.Text}… ({text.Bytes} bytes in all)" : text.Text;

    private static string Bytes(long bytes) => bytes.ToString("N0", CultureInfo.InvariantCulture);

    private static string Share(long part, long whole) => (100.0 * part / whole).ToString("+0;-0;0", CultureInfo.InvariantCulture) + " %";

    private static string Largest(IEnumerable<WasmPart> parts, long whole, int count) =>
        string.Join(", ", parts.OrderByDescending(part => part.Bytes).Take(count).Select(part => $"{part.Name} {Share(part.Bytes, whole).TrimStart('+')}"));

    private static string Ms(double? milliseconds) => milliseconds is { } ms ? ms.ToString("0.###", CultureInfo.InvariantCulture) + " ms" : "none";

    private static Style StyleOf(Verdict verdict) => verdict switch
    {
        Verdict.Pass => new Style(Color.Green),
        Verdict.Xfail => new Style(Color.Olive),
        Verdict.Skipped or Verdict.Unavailable => new Style(Color.Yellow),
        _ => new Style(Color.Red),
    };
}
