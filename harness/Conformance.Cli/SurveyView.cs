using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Conformance.Engine;
using Conformance.Engine.Imports;
using Conformance.Engine.Running;
using Conformance.Model;
using Conformance.Model.Observations;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Terminal;
using Conformance.Reporting.Wording;
using Conformance.Wasm;
using Spectre.Console;

namespace Conformance.Cli;

/// <summary>What runtimes say of the same imports, in one of three forms.</summary>
/// <param name="answers">Of each runtime.</param>
internal sealed class SurveyView(ImmutableArray<SurveyedRuntime> answers)
{
    public const string Table = "table";

    public const string Json = "json";

    public const string Markdown = "markdown";

    private static readonly JsonSerializerOptions Written = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly List<SurveyedRuntime> _asked = [.. answers.Where(answer => answer.Unavailable is null)];

    /// <summary>An environment without any runtime has nothing to say.</summary>
    public ExitCode ExitCode => _asked.Count == 0 ? ExitCode.Environment : ExitCode.AsExpected;

    /// <summary>The option that chooses the form.</summary>
    public static Option<string> Format()
    {
        var format = new Option<string>("--format") { Description = $"{Table}, {Json} or {Markdown}.", DefaultValueFactory = _ => Table };
        format.AcceptOnlyFromAmong(Table, Json, Markdown);
        return format;
    }

    /// <param name="format">One of the three.</param>
    /// <param name="title">Of what is written for people to read elsewhere, in Markdown.</param>
    /// <param name="whole">Whether a table is wanted, with a row for each import.</param>
    public void Write(string format, string title, bool whole)
    {
        switch (format)
        {
            case Json: Console.WriteLine(JsonArray().ToJsonString(Written)); break;
            case Markdown: WriteMarkdown(title); break;
            case Table when whole: WriteTable(); break;
        }
    }

    /// <summary>
    /// One line for each group of runtimes that answered alike, and one for each way in which they refuse imports, in the runtime's words.
    /// </summary>
    public void WriteGroups()
    {
        foreach (var alike in _asked.GroupBy(answer => string.Join('\n',
            answer.Imports.Select(row => $"{row.Provider} {row.Code} {row.Note} {row.IsFulfilled}").Prepend(ImportSurvey.Stop(answer) ?? ""))))
        {
            var (names, first) = (string.Join(", ", alike.Select(answer => answer.Runtime)), alike.First());
            if (ImportSurvey.Stop(first) is { } stop)
            {
                foreach (var same in alike.GroupBy(answer => LastLine(answer.Module?.Text)))
                {
                    var said = same.Key is { } text && !stop.Contains(text, StringComparison.Ordinal) ? $": {text}" : "";
                    AnsiConsole.Console.WriteFolded(
                        $"{string.Join(", ", same.Select(answer => answer.Runtime))}: {stop}{said}", new Style(Color.Red));
                }

                if (first.Imports.IsEmpty) continue;
            }

            var refused = first.Refused.Count();
            AnsiConsole.Console.WriteFolded($"{names}: {(refused == 0 ? $"all {first.Imports.Length} imports" : $"{first.Imports.Length - refused} of {first.Imports.Length} imports")} provided{Providers(first)}{(first.Imports.Any(row => row.IsFulfilled && row.Code == OutcomeCodes.Unchecked) ? "; types are not checked" : "")}");
            foreach (var same in alike.SelectMany(answer => answer.Refused.Select(row => (answer.Runtime, Row: row)))
                .GroupBy(refusal => (refusal.Row.Module, refusal.Row.Code, Words: RefusalWords.For(refusal.Row))))
            {
                var imports = same.Select(refusal => ImportNames.Format(refusal.Row, first.Imports)).Distinct().ToList();
                var what = imports.Count == 1 ? imports[0] : $"{imports.Count} imports of {TextName.Plain(same.Key.Module)}";
                var who = same.Select(refusal => refusal.Runtime).Distinct().ToList();
                AnsiConsole.Console.WriteFolded($"  {(who.Count == alike.Count() ? "" : $"{string.Join(", ", who)}: ")}{what}: {same.Key.Code}{(same.Key.Words is { } words ? $": {words}" : "")}", new Style(Color.Red));
            }
        }
    }

    private static string? LastLine(string? text) => text?.Split('\n').Select(line => line.Trim()).LastOrDefault(line => line.Length > 0);

    /// <summary>The words of each runtime for each import that it refuses.</summary>
    public void WriteRefusals()
    {
        foreach (var answer in _asked)
        {
            if (ImportSurvey.Stop(answer) is { } stop)
                Console.WriteLine(TextName.Seen($"{answer.Runtime}: {stop}: {answer.Module?.Text?.ReplaceLineEndings(" ")}"));
            foreach (var row in answer.Refused)
                Console.WriteLine(TextName.Seen($"{answer.Runtime}: {ImportNames.Format(row, answer.Imports)}: {row.Code}: {row.Text?.ReplaceLineEndings(" ")}"));
        }
    }

    /// <summary>Which runtimes are not here: all in one line, or each with what to do.</summary>
    public void WriteNotAsked(bool whole)
    {
        var missing = answers.Where(a => a.Unavailable is not null).ToList();
        if (missing.Count == 0) return;
        if (!whole)
        {
            AnsiConsole.Console.WriteFolded($"not asked: {string.Join(", ", missing.GroupBy(answer => CellWording.InFewWords(answer.Unavailable!.Reason), answer => answer.Runtime).Select(same => $"{string.Join(", ", same)} ({same.Key})"))}; --all says more, doctor what to do");
            return;
        }

        foreach (var answer in missing)
            Console.WriteLine($"not asked: {answer.Runtime}: {answer.Unavailable!.Reason}; to have it: {answer.Unavailable.Remedy}");
    }

    private static string Providers(SurveyedRuntime answer) => answer.Imports.Where(row => row.IsFulfilled).GroupBy(row => row.Provider)
        .Select(same => same.Key.Word()).ToList() is { Count: > 0 } providers ? $" by {string.Join(", ", providers)}" : "";

    private JsonArray JsonArray() => new([.. answers.Select(answer => new JsonObject
    {
        ["runtime"] = answer.Runtime,
        ["version"] = answer.Version,
        ["unavailable"] = answer.Unavailable is { } missing
            ? new JsonObject { ["reason"] = missing.Reason, ["remedy"] = missing.Remedy } : null,
        ["failure"] = answer.Failure,
        ["module"] = answer.Module is { } module ? new JsonObject
        {
            ["phase"] = module.Outcome.Phase.Word(),
            ["code"] = module.Outcome.Code,
            ["text"] = module.Text,
        } : null,
        ["links"] = answer.Links,
        ["imports"] = new JsonArray([.. answer.Imports.Select(row => JsonSerializer.SerializeToNode(row, ModelJson.Readable.LedgerRow))]),
    })]);

    private void WriteTable()
    {
        var table = new Table().Border(AnsiConsole.Profile.Capabilities.Unicode ? TableBorder.Rounded : TableBorder.Ascii)
            .AddColumns("import", "type");
        foreach (var answer in _asked) table.AddColumn(new TableColumn(new Text($"{answer.Runtime} {answer.Version}")));
        foreach (var (import, type, verdicts) in Rows())
        {
            table.AddRow([new Text(import),
            new Text(type), .. verdicts.Select(verdict => new Text(verdict.Word, verdict.Good ? Style.Plain : new Style(Color.Red)))]);
        }

        AnsiConsole.Write(table);
    }

    private void WriteMarkdown(string title)
    {
        Console.WriteLine($"### {title}\n");
        Console.WriteLine($"| import | type | {string.Join(" | ", _asked.Select(a => $"{a.Runtime} {a.Version}"))} |");
        Console.WriteLine($"|{string.Concat(Enumerable.Repeat(" --- |", _asked.Count + 2))}");
        foreach (var (import, type, verdicts) in Rows())
        {
            Console.WriteLine(
            $"| {Cell(import)} | {(type.Length > 0 ? Cell(type) : "")} | {string.Join(" | ", verdicts.Select(v => v.Good ? v.Word : $"**{v.Word}**"))} |");
        }

        Console.WriteLine();
    }

    /// <summary>Text as code in a cell of a table.</summary>
    private static string Cell(string text) =>
        $"`{text.Replace("|", "\\|", StringComparison.Ordinal).Replace("`", "'", StringComparison.Ordinal)}`";

    private IEnumerable<(string Import, string Type, IEnumerable<(string Word, bool Good)> Verdicts)> Rows()
    {
        // One that does not answer about an import has no row of it.
        var answers = _asked.Select(answer => (answer, Rows: answer.Imports.ToDictionary(Key))).ToList();
        var all = _asked.SelectMany(answer => answer.Imports).DistinctBy(Key).ToList();
        if (_asked.Any(answer => answer.Module is not null || answer.Failure is not null))
        {
            yield return ("the module", "", answers.Select(one => (
                ImportSurvey.Stop(one.answer) ?? (one.answer.Links ? "links" : "does not link"), one.answer.Links)));
        }

        foreach (var row in all)
        {
            yield return (
                $"{ImportNames.Format(row.Module, row.Name)}{(row.Times > 1 ? $" ({row.Times} ×)" : "")}",
                $"{row.Kind.ToString().ToLowerInvariant()} {row.Type}",
                answers.Select(one => one.Rows.TryGetValue(Key(row), out var its) ? Verdict(its) : ("?", false)));
        }

        static (string, string, ExternKind, string) Key(LedgerRow row) => (row.Module, row.Name, row.Kind, row.Type);
    }

    private static (string Word, bool Good) Verdict(LedgerRow row) => (ImportWording.Verdict(row), row.IsFulfilled);
}
