using System.Text.Json;
using Conformance.Model.Observations;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Wording;

namespace Conformance.Reporting.Badge;

/// <summary>A badge as shields.io's endpoint reads it: https://shields.io/badges/endpoint-badge.</summary>
public sealed class BadgeFormat : IReportFormat
{
    /// <inheritdoc/>
    public string Name => "badge";

    /// <inheritdoc/>
    public string FileName => "badge.json";

    /// <inheritdoc/>
    public void Write(ReportDocument document, Stream output)
    {
        var (message, color) = Summarise(document);
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteNumber("schemaVersion", 1);
        json.WriteString("label", "wasm conformance");
        json.WriteString("message", message);
        json.WriteString("color", color);
        if (color == "red") json.WriteBoolean("isError", true);
        json.WriteEndObject();
    }

    private static (string Message, string Color) Summarise(ReportDocument document)
    {
        if (document.Incomplete is not null) return ("partial", "lightgrey");
        if (document.Diff is { } diff) return (diff.Sum, diff.HasRegressions ? "red" : "brightgreen");
        var cells = document.Report.Cells;
        var red = cells.Verdicts.Keys.Any(verdict => verdict.IsUnexpected())
            || document.Agreements.Any(agreement => agreement.Verdict?.IsUnexpected() == true);
        return (CellWording.Verdicts(cells),
            red ? "red" : cells.Verdicts.Keys.Any(verdict => verdict is Verdict.Unavailable or Verdict.NotRun) ? "yellow" : "brightgreen");
    }
}
