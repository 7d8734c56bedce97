using System.Collections.Immutable;
using System.Text.Json;
using Conformance.Machine;
using Conformance.Model;
using Conformance.Model.Observations;
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
        HashSet<string>? runtimes = null, modules = null;
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
                        header = MissingValue.Checked(JsonSerializer.Deserialize(lines[i], ModelJson.Readable.HeaderLine));
                        break;
                    case ReportLineTypes.Header: throw new JsonException("a second header");
                    case var _ when header is null: throw new JsonException("a report begins with a header line");
                    case var _ when footer is not null: throw new JsonException("a line after the footer");
                    case ReportLineTypes.Cell: AddCell(JsonSerializer.Deserialize(lines[i], ModelJson.Readable.CellLine)!); break;
                    case ReportLineTypes.Size:
                        sizes.Add(MissingValue.Checked(JsonSerializer.Deserialize(lines[i], ModelJson.Readable.SizeLine)));
                        break;
                    case ReportLineTypes.Atlas:
                        atlas.Add(MissingValue.Checked(JsonSerializer.Deserialize(lines[i], ModelJson.Readable.AtlasLine)));
                        break;
                    case ReportLineTypes.Footer:
                        footer = MissingValue.Checked(JsonSerializer.Deserialize(lines[i], ModelJson.Readable.FooterLine));
                        break;
                    default: break; // a type of line that a later schema adds
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                throw new ReportFormatException($"{path}:{i + 1}: not a line of a report: {e.Message}", e);
            }
        }

        if (header is null) throw new ReportFormatException($"{path}:1: not a report: it has no header line");
        if (footer is not null && Falsehood(header, cells, footer) is { } falsehood)
            throw new ReportFormatException($"{path}:{lines.Length - 1}: {falsehood}");
        return new Report(header, cells.ToImmutable(), sizes.ToImmutable(), atlas.ToImmutable(), footer);

        void AddCell(CellLine cell)
        {
            if (!seen.Add(cell.Id)) throw new JsonException($"the cell {cell.Id} is there already");
            runtimes ??= [.. header.Runtimes.Select(runtime => runtime.Id)];
            modules ??= [.. header.Modules.Select(module => module.Id)];
            if (!runtimes.Contains(cell.Runtime)) throw new JsonException($"the header does not name the runtime of the cell {cell.Id}");
            if (!modules.Contains(cell.Module)) throw new JsonException($"the header does not name the module of the cell {cell.Id}");
            if (cell.Run.Attachments?.FirstOrDefault(file => !InnerPath.IsInner(file.Path)) is { } outer)
                throw new JsonException($"the attachment {outer.Path} of the cell {cell.Id} leads out of the report's folder");
            cells.Add(cell);
        }
    }

    /// <summary>
    /// What a footer says that its cells do not: lines that were lost, though the last one was not, or a sum that is made up.
    /// </summary>
    private static string? Falsehood(HeaderLine header, IReadOnlyCollection<CellLine> cells, FooterLine footer)
    {
        if (footer.Cells != cells.Count) return $"the footer counts {footer.Cells} cells, and there are {cells.Count}";
        var counted = cells.GroupBy(cell => cell.Verdict.Word(), StringComparer.Ordinal)
            .ToDictionary(same => same.Key, same => same.Count(), StringComparer.Ordinal);
        foreach (var (verdict, count) in footer.Verdicts)
        {
            if (counted.GetValueOrDefault(verdict) != count)
                return $"the footer counts {count} {verdict}, and there are {counted.GetValueOrDefault(verdict)}";
        }

        if (footer.Agreements.FirstOrDefault(agreement => agreement is { Result: AgreementResult.Split, Phase: null }) is { } split)
            return $"the footer says that {split.Module}/{split.Scenario} is split, and not at which phase";
        return footer.Agreements.FirstOrDefault(agreement => header.Modules.All(module => module.Id != agreement.Module)) is { } foreign
            ? $"the footer has an agreement of {foreign.Module}, which the header does not name" : null;
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
