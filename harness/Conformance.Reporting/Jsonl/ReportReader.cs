using System.Collections.Immutable;
using System.Text.Json;
using Conformance.Model;
using Conformance.Model.Reports;

namespace Conformance.Reporting.Jsonl;

/// <summary>Reads <c>report.jsonl</c>.</summary>
public static class ReportReader
{
    /// <summary>Reads a report by replaying its lines. A last line without its end, as a killed writer leaves it, is left out.</summary>
    /// <exception cref="ReportFormatException">It is not a report; with file and line.</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    public static Report Read(string path)
    {
        HeaderLine? header = null;
        FooterLine? footer = null;
        var cells = ImmutableArray.CreateBuilder<CellLine>();
        var sizes = ImmutableArray.CreateBuilder<SizeLine>();
        var atlas = ImmutableArray.CreateBuilder<AtlasLine>();
        var text = File.ReadAllText(path);
        var seen = new HashSet<CellId>();
        var whole = text.EndsWith('\n');
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length == 0 || (i == lines.Length - 1 && !whole)) continue;
            try
            {
                switch (TypeOf(lines[i]))
                {
                    case ReportLineTypes.Header when header is null:
                        header = JsonSerializer.Deserialize(lines[i],
                        ModelJson.Readable.HeaderLine); break;
                    case ReportLineTypes.Header: throw new JsonException("a second header");
                    case var _ when header is null: throw new JsonException("a report begins with a header line");
                    case ReportLineTypes.Cell: AddCell(JsonSerializer.Deserialize(lines[i], ModelJson.Readable.CellLine)!); break;
                    case ReportLineTypes.Size: sizes.Add(JsonSerializer.Deserialize(lines[i], ModelJson.Readable.SizeLine)!); break;
                    case ReportLineTypes.Atlas: atlas.Add(JsonSerializer.Deserialize(lines[i], ModelJson.Readable.AtlasLine)!); break;
                    case ReportLineTypes.Footer: footer = JsonSerializer.Deserialize(lines[i], ModelJson.Readable.FooterLine); break;
                    default: break; // a type of line that a later schema adds
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                throw new ReportFormatException($"{path}:{i + 1}: not a line of a report: {e.Message}", e);
            }
        }

        // Lines that were lost, though the last one was not.
        if (footer is not null && footer.Cells != cells.Count)
        {
            throw new ReportFormatException(
            $"{path}:{lines.Length - 1}: the footer counts {footer.Cells} cells, and there are {cells.Count}");
        }

        if (header is null) throw new ReportFormatException($"{path}:1: not a report: it has no header line");
        return new Report(header, cells.ToImmutable(), sizes.ToImmutable(), atlas.ToImmutable(), footer);

        void AddCell(CellLine cell)
        {
            if (!seen.Add(cell.Id)) throw new JsonException($"the cell {cell.Id} is there already");
            cells.Add(cell);
        }
    }

    private static string? TypeOf(string line)
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("type", out var type)
            ? type.GetString()
            : throw new JsonException("a line is an object with a \"type\"");
    }
}

/// <summary>A file that is not a report; the message has file and line.</summary>
public sealed class ReportFormatException(string message, Exception? inner = null) : FormatException(message, inner);
