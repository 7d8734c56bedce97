using System.Globalization;
using System.Xml;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Diffing;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Wording;

namespace Conformance.Reporting.Svg;

/// <summary>
/// The matrix as a picture for a README: a row for each scenario, a column for each runtime, light or dark as its reader has it. It loads
/// nothing and runs nothing.
/// </summary>
public sealed class SvgFormat : IReportFormat
{
    private const string Namespace = "http://www.w3.org/2000/svg";

    private const int RowHeight = 26;
    private const int CharacterWidth = 7;
    private const int Gap = 6;
    private const int Margin = 16;
    private const int HeadHeight = 64;
    private const int FootHeight = 40;

    /// <summary>Colours by class; the second of each pair is for dark backgrounds. Text on them keeps a contrast of 4.5.</summary>
    private const string Style = """
        text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #1f2430 }
        .title { font: 600 15px ui-sans-serif, system-ui, sans-serif } .muted { fill: #5b6372 }
        .page { fill: #ffffff } .pass { fill: #d3f0dc } .xfail { fill: #dfe7f7 } .none { fill: #eceef2 } .red { fill: #ffd3cf } .same { fill: #d3f0dc } .split { fill: #ffe6b8 } .fixed { fill: #c9f2f0 }
        @media (prefers-color-scheme: dark) { text { fill: #e6e9ef } .muted { fill: #a3acbb } .page { fill: #12151c } .pass { fill: #17452a } .xfail { fill: #26375c } .none { fill: #262b36 } .red { fill: #6b1d1a } .same { fill: #17452a } .split { fill: #5c4310 } .fixed { fill: #0f4a4a } }
        """;

    /// <inheritdoc/>
    public string Name => "svg";

    /// <inheritdoc/>
    public string FileName => "matrix.svg";

    /// <inheritdoc/>
    public void Write(ReportDocument document, Stream output)
    {
        var rows = Rows(document);
        var runtimes = document.Report.Header.Runtimes;
        string[] heads = ["module · scenario", "agreement", .. runtimes.Select(CellWording.Title)];
        var widths = heads.Select((head, column) =>
            (CharacterWidth * rows.Select(row => row.Texts[column].Length).Append(head.Length).Max()) + (3 * Gap)).ToArray();
        var title = Title(document);
        var foot = $"{document.Report.Header.Started.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC · harness {document.Report.Header.Harness.Split('+')[0]} · {document.Report.Header.Machine.Architecture}";
        var width = Math.Max((2 * Margin) + widths.Sum() + (Gap * (widths.Length - 1)), (2 * Margin) + (9 * title.Length));
        var height = HeadHeight + (rows.Count * RowHeight) + FootHeight;
        using var xml = SafeXml.Begin(output);
        xml.WriteStartElement("svg", Namespace);
        Attributes(xml, ("viewBox", $"0 0 {width} {height}"),
            ("width", $"{width}"), ("height", $"{height}"), ("role", "img"), ("aria-labelledby", "title"));
        xml.WriteStartElement("title", Namespace);
        xml.WriteAttributeString("id", "title");
        xml.WriteString(title);
        xml.WriteEndElement();
        xml.WriteElementString("style", Namespace, Style);
        Rectangle(xml, 0, 0, width, height, "page");
        Text(xml, Margin, 26, title, "title");
        for (int column = 0, x = Margin; column < heads.Length; x += widths[column++] + Gap)
            Text(xml, x + Gap, HeadHeight - 10, heads[column], "muted");
        for (var i = 0; i < rows.Count; i++)
        {
            for (int column = 0, x = Margin; column < heads.Length; x += widths[column++] + Gap)
            {
                var y = HeadHeight + (i * RowHeight);
                if (rows[i].Classes[column].Length > 0) Rectangle(xml, x, y, widths[column], RowHeight - 4, rows[i].Classes[column]);
                Text(xml, x + Gap, y + 15, rows[i].Texts[column], "");
            }
        }

        Text(xml, Margin, height - 14, foot, "muted");
        xml.WriteEndElement();
    }

    private static List<Row> Rows(ReportDocument document)
    {
        var runtimes = document.Report.Header.Runtimes;
        var agreements = document.Agreements.ToDictionary(a => a.Row);
        var changed = document.Diff?.Cells.ToDictionary(c => c.Id);
        var parted = document.Diff?.Agreements.Select(a => a.Row).ToHashSet();
        var rows = document.Report.Rows
            .Where(row => changed is null || parted!.Contains(row.Key) || row.Any(cell => changed.ContainsKey(cell.Id)));
        return [.. rows.Select(row =>
        {
            var cells = row.ToDictionary(cell => cell.Runtime, StringComparer.Ordinal);
            var agreement = agreements.GetValueOrDefault(row.Key);
            return new Row(
                [$"{row.Key.Module} · {row.Key.Scenario}", agreement is null ? "" : CellWording.Describe(agreement),
                    .. runtimes.Select(runtime => cells.TryGetValue(runtime.Id, out var cell) ? CellWording.Summary(cell) : "–")],
                ["", agreement is null ? "" : Class(agreement),
                    .. runtimes.Select(runtime => !cells.TryGetValue(runtime.Id, out var cell) ? "none"
                    : changed is null ? Class(cell.Verdict)
                    : changed.TryGetValue(cell.Id, out var change) ? Class(change.Kind) : "")]);
        })];
    }

    private static string Title(ReportDocument document) =>
        document.Incomplete ?? document.Diff?.Sum ?? $"WebAssembly conformance: {CellWording.Verdicts(document.Report.Cells)}";

    private static string Class(Agreement agreement) => agreement.Verdict?.IsUnexpected() == true ? "red" : agreement.Result switch
    {
        AgreementResult.Unanimous => "same",
        AgreementResult.Split => "split",
        _ => "none",
    };

    private static string Class(Verdict verdict) => verdict switch
    {
        Verdict.Pass => "pass",
        Verdict.Xfail => "xfail",
        Verdict.Skipped or Verdict.Unavailable or Verdict.NotRun => "none",
        _ => "red",
    };

    private static string Class(ChangeKind kind) => kind switch
    {
        ChangeKind.Regression => "red",
        ChangeKind.Fix => "fixed",
        _ => "split",
    };

    private static void Rectangle(XmlWriter xml, int x, int y, int width, int height, string style)
    {
        xml.WriteStartElement("rect", Namespace);
        Attributes(xml, ("x", $"{x}"), ("y", $"{y}"), ("width", $"{width}"), ("height", $"{height}"), ("rx", "4"), ("class", style));
        xml.WriteEndElement();
    }

    private static void Text(XmlWriter xml, int x, int y, string text, string style)
    {
        xml.WriteStartElement("text", Namespace);
        Attributes(xml, ("x", $"{x}"), ("y", $"{y}"));
        if (style.Length > 0) xml.WriteAttributeString("class", style);
        xml.WriteString(text);
        xml.WriteEndElement();
    }

    private static void Attributes(XmlWriter xml, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        foreach (var (name, value) in attributes) xml.WriteAttributeString(name, value);
    }

    /// <param name="Texts">Of each column.</param>
    /// <param name="Classes">Of each column; empty for a plain background.</param>
    private sealed record Row(string[] Texts, string[] Classes);
}
