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
        var cells = new RecordedCells();
        var sizes = ImmutableArray.CreateBuilder<SizeLine>();
        var atlas = ImmutableArray.CreateBuilder<AtlasLine>();
        var seen = new HashSet<CellId>();
        HashSet<string>? runtimes = null, modules = null;
        var last = 0;
        using (var file = File.OpenRead(path))
        {
            foreach (var line in WholeLines.Of(file))
            {
                last = line.Number;
                if (line.Length == 0) continue;
                try
                {
                    AddLine(line);
                }
                catch (Exception e) when (e is JsonException or InvalidOperationException)
                {
                    throw new ReportFormatException($"{path}:{last}: not a line of a report: {e.Message}", e);
                }
            }
        }

        if (header is null) throw new ReportFormatException($"{path}:1: not a report: it has no header line");
        if (footer is not null && Falsehood(header, cells, footer) is { } falsehood)
            throw new ReportFormatException($"{path}:{last}: {falsehood}");
        cells.ReadFrom(path, 0);
        return new Report(header, cells, sizes.ToImmutable(), atlas.ToImmutable(), footer);

        void AddLine(WholeLine line)
        {
            switch (TypeOf(line))
            {
                case ReportLineTypes.Header when header is null:
                    header = MissingValue.Checked(line.Read(ModelJson.Readable.HeaderLine));
                    break;
                case ReportLineTypes.Header: throw new JsonException("a second header");
                case var _ when header is null: throw new JsonException("a report begins with a header line");
                case var _ when footer is not null: throw new JsonException("a line after the footer");
                case ReportLineTypes.Cell: AddCell(line.Read(ModelJson.Readable.CellLine)!, line); break;
                case ReportLineTypes.Size:
                    sizes.Add(MissingValue.Checked(line.Read(ModelJson.Readable.SizeLine)));
                    break;
                case ReportLineTypes.Atlas:
                    atlas.Add(MissingValue.Checked(line.Read(ModelJson.Readable.AtlasLine)));
                    break;
                case ReportLineTypes.Footer:
                    footer = MissingValue.Checked(line.Read(ModelJson.Readable.FooterLine));
                    break;
                default: break; // a type of line that a later schema adds
            }
        }

        void AddCell(CellLine cell, WholeLine line)
        {
            if (!seen.Add(cell.Id)) throw new JsonException($"the cell {cell.Id} is there already");
            runtimes ??= [.. header.Runtimes.Select(runtime => runtime.Id)];
            modules ??= [.. header.Modules.Select(module => module.Id)];
            if (!runtimes.Contains(cell.Runtime)) throw new JsonException($"the header does not name the runtime of the cell {cell.Id}");
            if (!modules.Contains(cell.Module)) throw new JsonException($"the header does not name the module of the cell {cell.Id}");
            if (cell.Run.Attachments?.FirstOrDefault(file => !InnerPath.IsInner(file.Path)) is { } outer)
                throw new JsonException($"the attachment {outer.Path} of the cell {cell.Id} leads out of the report's folder");
            cells.Add(cell, line.Position, line.Length);
        }
    }

    /// <summary>
    /// What a footer says that its cells do not: lines that were lost, though the last one was not, or a sum that is made up.
    /// </summary>
    private static string? Falsehood(HeaderLine header, CellList cells, FooterLine footer)
    {
        if (footer.Cells != cells.Length) return $"the footer counts {footer.Cells} cells, and there are {cells.Length}";
        var counted = cells.Verdicts.ToDictionary(verdict => verdict.Key.Word(), verdict => verdict.Value, StringComparer.Ordinal);
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

    private static string? TypeOf(WholeLine line)
    {
        var reader = new Utf8JsonReader(line.Bytes.Span, isFinalBlock: line.IsHeld, default);
        if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isType = reader.ValueTextEquals("type"u8);
                reader.Read();
                if (!isType)
                {
                    // One that is too long to be held says first what it is.
                    if (!reader.TrySkip()) break;
                    continue;
                }

                var type = reader.GetString();
                // What no reader of lines looks at is JSON all the same.
                while (line.IsHeld && reader.Read()) reader.Skip();
                return type;
            }
        }

        throw new JsonException("a line is an object with a \"type\"");
    }
}

/// <summary>A file that is not a report; the message has file and line.</summary>
public sealed class ReportFormatException(string message, Exception? inner = null) : FormatException(message, inner);
