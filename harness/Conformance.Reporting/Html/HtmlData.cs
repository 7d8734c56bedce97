using System.Text.Json;
using System.Text.Json.Nodes;
using Conformance.Machine;
using Conformance.Model;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Diffing;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Trends;
using Conformance.Reporting.Wording;

namespace Conformance.Reporting.Html;

/// <summary>
/// A document as the page reads it (web/src/data.js): an index of what the matrix shows, and the rest row by row, read when it is asked
/// for. Rows of ledgers, which are mostly alike, are kept once. JSON is escaped by default so that nothing in it ends the script element
/// that it stands in.
/// </summary>
internal sealed class HtmlData
{
    private const int MostPictureBytes = 16 << 20;

    /// <summary>A browser needs half a minute for a hundred thousand elements.</summary>
    private const int MostParts = 2500;

    private readonly ReportDocument _document;
    private readonly List<CellRow> _rows;
    private readonly Dictionary<LedgerRow, int> _ledger = [];
    private readonly Dictionary<string, int> _refused = new(StringComparer.Ordinal);

    public HtmlData(ReportDocument document)
    {
        _document = document;
        _rows = [.. document.Report.Rows];
        Title = document.Diff is null ? "WebAssembly conformance" : "WebAssembly conformance: what changed";
    }

    public string Title { get; }

    /// <summary>How many rows are read at once when one is asked for.</summary>
    private int RowsInPart => _rows.Count <= MostParts ? 1 : 100;

    /// <summary>Everything else, each part with its element's id.</summary>
    public IEnumerable<(string Id, JsonNode Json)> Details()
    {
        for (var i = 0; i < _rows.Count; i += RowsInPart)
        {
            var rows = _rows.Skip(i).Take(RowsInPart)
                .Select(row => (JsonNode)new JsonArray([.. Columns(row).Select(cell => cell is null ? null : Whole(cell))]));
            yield return ($"row-{i}", RowsInPart == 1 ? rows.Single() : new JsonArray([.. rows]));
        }

        if (!_document.Report.Atlas.IsEmpty)
        {
            yield return ("atlas", new JsonArray([.. _document.Report.Atlas.Select(
                line => new JsonObject { ["runtime"] = line.Runtime, ["functions"] = Numbers(line.Functions) })]));
        }
        // Last, when all rows have their number.
        yield return ("ledger", new JsonArray([.. _ledger.Keys.Select(Import)]));
    }

    /// <summary>Writes what is needed at once, row by row: there may be more than anybody holds.</summary>
    public void WriteIndex(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (var (name, value) in (JsonObject)JsonSerializer.SerializeToNode(_document.Report.Header, ModelJson.Default.HeaderLine)!)
            Write(name, value);
        var agreements = _document.Agreements.ToDictionary(agreement => agreement.Row);
        var changes = _document.Diff?.Cells.ToDictionary(change => change.Id);
        var parted = _document.Diff?.Agreements.ToDictionary(change => change.Row);
        json.WriteString("title", Title);
        json.WriteString("incomplete", _document.Incomplete);
        Write("words", Vocabulary());
        Write("elapsedMs", _document.Report.Footer?.ElapsedMs);
        if (RowsInPart > 1) json.WriteNumber("rowsInPart", RowsInPart);
        json.WriteStartArray("rows");
        foreach (var row in _rows)
        {
            Row(row, agreements.GetValueOrDefault(row.Key), parted?.GetValueOrDefault(row.Key), changes).WriteTo(json);
            json.Flush();
        }

        json.WriteEndArray();
        Write("refused", new JsonArray([.. _refused.Keys.Select(name => (JsonNode)name)]));
        Write("sizes", new JsonArray([.. _document.Report.Sizes.Select(Size)]));
        Write("trend", JsonSerializer.SerializeToNode(_document.Trend, HtmlJson.Default.ImmutableArrayTrendNight));
        var bands = TrendBand.Of(_document.Trend);
        if (!bands.IsEmpty) Write("bands", JsonSerializer.SerializeToNode(bands, HtmlJson.Default.ImmutableArrayTrendBand));
        if (_document.Diff is { } diff) Write("diff", Diff(diff));
        json.WriteEndObject();

        void Write(string name, JsonNode? value)
        {
            json.WritePropertyName(name);
            if (value is null) json.WriteNullValue();
            else value.WriteTo(json);
        }
    }

    private JsonNode Row(IGrouping<RowId, CellLine> row,
        Agreement? agreement, AgreementChange? parted, Dictionary<CellId, CellChange>? changes)
    {
        var json = new JsonObject
        {
            ["module"] = row.Key.Module,
            ["scenario"] = row.Key.Scenario,
            ["agreement"] = agreement is null ? null : JsonSerializer.SerializeToNode(agreement, ModelJson.Default.Agreement),
            ["cells"] = new JsonArray(
                [.. Columns(row).Select(cell => cell is null ? null : Short(cell, changes?.GetValueOrDefault(cell.Id)))]),
        };
        if (parted is null) return json;
        json["change"] = parted.Kind.Word();
        json["newSplit"] = parted.NewSplit;
        return json;
    }

    /// <summary>What the matrix, its filter and the charts need of a cell.</summary>
    private JsonNode Short(CellLine cell, CellChange? change)
    {
        var json = new JsonObject
        {
            ["verdict"] = cell.Verdict.Word(),
            ["phase"] = cell.Outcome.Phase.Word(),
            ["shown"] = CellWording.OnThePage(cell)
        };
        if (cell.Outcome.Code is { } code) json["code"] = code;
        if (cell.IsInapplicable) json["inapplicable"] = cell.Reason;
        if (cell.Run.Text is { } text) json["text"] = text.Split('\n', 2)[0].TrimEnd();
        if (cell.Observation.Counts is not { Guest: null, Host: null, Server: null })
            json["counts"] = new JsonArray(cell.Observation.Counts.Guest, cell.Observation.Counts.Host, cell.Observation.Counts.Server);
        if (CellWording.Milliseconds(cell) is not null)
            json["times"] = new JsonArray(cell.Run.TimingsMs.Compile, cell.Run.TimingsMs.Link, cell.Run.TimingsMs.Run);
        var refused = cell.Observation.Ledger.Where(row => !row.IsFulfilled)
            .Select(row => (JsonNode)Number(_refused, $"{row.Module}::{row.Name}")).ToArray();
        if (refused.Length > 0) json["refused"] = new JsonArray(refused);
        if (change is null) return json;
        json["change"] = change.Kind.Word();
        if (change.Before is { } before) json["before"] = CellWording.Summary(before);
        return json;
    }

    /// <summary>The vocabulary, each in the order of weight: the page has none of its own.</summary>
    private static JsonObject Vocabulary() => new()
    {
        ["verdicts"] = Array(Verdicts.ByWeight.Select(verdict => verdict.Word())),
        ["verdictDescriptions"] = Array(Verdicts.ByWeight.Select(verdict => verdict.Description())),
        ["unexpected"] = Array(Verdicts.ByWeight.Where(verdict => verdict.IsUnexpected()).Select(verdict => verdict.Word())),
        ["notRun"] = Array(Verdicts.ByWeight.Where(verdict => !verdict.WasRun()).Select(verdict => verdict.Word())),
        ["agreements"] = Array(AgreementResults.ByWeight.Select(result => result.Word())),
        ["agreementDescriptions"] = Array(AgreementResults.ByWeight.Select(result => result.Description())),
        ["phases"] = Array(Enum.GetValues<Phase>().Select(phase => phase.Word())),
        ["changes"] = Array(Enum.GetValues<ChangeKind>().Select(kind => kind.Word())),
    };

    private static JsonArray Array(IEnumerable<string> words) => new([.. words.Select(word => (JsonNode)word)]);

    /// <summary>A row of a ledger with what is said of it.</summary>
    private static JsonObject Import(LedgerRow row)
    {
        var json = (JsonObject)JsonSerializer.SerializeToNode(row, ModelJson.Default.LedgerRow)!;
        json["fulfilled"] = row.IsFulfilled;
        json["state"] = row.State.Word();
        json["presence"] = ImportWording.Presence(row);
        return json;
    }

    private JsonObject Whole(CellLine cell)
    {
        var json = (JsonObject)JsonSerializer.SerializeToNode(cell, ModelJson.Default.CellLine)!;
        json["ledger"] = Numbers(cell.Observation.Ledger);
        json.Remove("attachments");
        var pictures = (cell.Run.Attachments ?? []).Where(file => file.Path.EndsWith(".png", StringComparison.OrdinalIgnoreCase))
            .Select(file => (file.Name, Bytes: Picture(file.Path))).Where(file => file.Bytes is not null)
            .Select(file => (JsonNode)new JsonObject
            {
                ["name"] = file.Name,
                ["data"] = $"data:image/png;base64,{Convert.ToBase64String(file.Bytes!)}"
            }).ToArray();
        if (pictures.Length > 0) json["pictures"] = new JsonArray(pictures);
        return json;
    }

    private static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>A picture beside the report; null where it is none, whatever its name says, or too large to be looked at.</summary>
    private byte[]? Picture(string path)
    {
        if (_document.Folder is not { } folder || InnerPath.Find(folder, path) is not { } file) return null;
        if (new FileInfo(file).Length > MostPictureBytes) return null;
        var bytes = File.ReadAllBytes(file);
        return bytes.AsSpan().StartsWith(PngSignature) ? bytes : null;
    }

    private JsonArray Numbers(IEnumerable<LedgerRow> rows) => new([.. rows.Select(row => (JsonNode)Number(_ledger, row))]);

    /// <summary>A row's cells in the order of the runtimes; null where there is none.</summary>
    private IEnumerable<CellLine?> Columns(IEnumerable<CellLine> row)
    {
        var cells = row.ToDictionary(cell => cell.Runtime, StringComparer.Ordinal);
        return _document.Report.Header.Runtimes.Select(runtime => cells.GetValueOrDefault(runtime.Id));
    }

    private static int Number<T>(Dictionary<T, int> numbers, T value)
        where T : notnull
    {
        if (!numbers.TryGetValue(value, out var number)) numbers[value] = number = numbers.Count;
        return number;
    }

    private static JsonNode Size(SizeLine size) =>
        new JsonObject
        {
            ["module"] = size.Module,
            ["raw"] = size.Raw,
            ["optimised"] = size.Optimised,
            ["gzip"] = size.Gzip,
            ["brotli"] = size.Brotli
        };

    private static JsonObject Diff(ReportDiff diff) => new()
    {
        ["before"] = diff.Before.Started,
        ["sum"] = diff.Sum,
        ["notCompared"] = new JsonArray([.. diff.NotCompared.Select(text => (JsonNode)text)]),
        ["notes"] = new JsonArray([.. diff.Notes.Select(text => (JsonNode)text)]),
        ["cells"] = new JsonArray([.. diff.Cells.Select(
            change => Change(change.Kind, change.Module, change.Scenario, change.Words, ("runtime", change.Runtime)))]),
        ["agreements"] = new JsonArray([.. diff.Agreements.Select(
            change => Change(change.Kind, change.Module, change.Scenario, change.Words, ("newSplit", change.NewSplit)))]),
    };

    private static JsonNode Change(ChangeKind kind, string module, string scenario, string words, (string Name, JsonNode Value) more) =>
        new JsonObject
        {
            ["kind"] = kind.Word(),
            ["module"] = module,
            ["scenario"] = scenario,
            ["words"] = words,
            [more.Name] = more.Value
        };
}
