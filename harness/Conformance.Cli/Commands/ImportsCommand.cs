using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Conformance.Engine;
using Conformance.Engine.Explaining;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Model;
using Conformance.Model.Manifests;
using Conformance.Model.Observations;
using Spectre.Console;

namespace Conformance.Cli.Commands;

/// <summary><c>conformance imports FILE</c>: who provides each import of any module, in every runtime that is here.</summary>
internal static class ImportsCommand
{
    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var settings = new RunSettings();
        var file = new Argument<string>("file") { Description = "Any .wasm; no manifest is needed, and nothing of it is run." };
        var format = new Option<string>("--format") { Description = "table, json or markdown.", DefaultValueFactory = _ => "table" };
        format.AcceptOnlyFromAmong("table", "json", "markdown");
        var explain = new Option<bool>("--explain") { Description = "Say who normally provides what is refused, and what to do (not in JSON)." };
        var command = new Command("imports", "Ask every runtime about every import of a module.") { file, format, explain };
        settings.AddRuntimeFilter(command);
        settings.AddFolders(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var runtimes = settings.Runtimes(parsed, RuntimeManifestReader.ReadAll(settings.RuntimesFolder(parsed, Checkout.Find())));
            var path = parsed.GetRequiredValue(file);
            var answers = await ImportSurvey.AskAsync(path, runtimes, new RunOptions { CacheFolder = ConformanceHome.Cache }, cancellation);
            switch (parsed.GetValue(format))
            {
                case "json":
                    Console.WriteLine(Json(answers).ToJsonString(Written));
                    break;
                case "markdown":
                    WriteMarkdown(path, answers);
                    break;
                default:
                    WriteTable(answers);
                    break;
            }

            // Sentences are for people.
            if (parsed.GetValue(format) != "json")
            {
                Console.WriteLine(ImportSurvey.Sentence(answers));
                foreach (var answer in answers.Where(a => a.Unavailable is not null)) Console.WriteLine($"not asked: {answer.Runtime}: {answer.Unavailable!.Reason}; to have it: {answer.Unavailable.Remedy}");
                if (parsed.GetValue(explain)) Explain(answers);
            }

            return (int)(answers.All(a => a.Unavailable is not null) ? ExitCode.Environment : ExitCode.AsExpected);
        });
        return command;
    }

    private static JsonArray Json(ImmutableArray<SurveyedRuntime> answers) => new([.. answers.Select(answer => new JsonObject
    {
        ["runtime"] = answer.Runtime,
        ["version"] = answer.Version,
        ["unavailable"] = answer.Unavailable is { } missing ? new JsonObject { ["reason"] = missing.Reason, ["remedy"] = missing.Remedy } : null,
        ["imports"] = new JsonArray([.. answer.Imports.Select(row => JsonSerializer.SerializeToNode(row, ModelJson.Readable.LedgerRow))]),
    })]);

    private static void WriteTable(ImmutableArray<SurveyedRuntime> answers)
    {
        var asked = answers.Where(a => a.Unavailable is null).ToList();
        var table = new Table().AddColumns("import", "type");
        foreach (var answer in asked) table.AddColumn(new TableColumn(new Text($"{answer.Runtime} {answer.Version}")));
        foreach (var (import, type, verdicts) in Rows(asked)) table.AddRow([new Text(import), new Text(type), .. verdicts.Select(verdict => new Text(verdict.Word, verdict.Good ? Style.Plain : new Style(Color.Red)))]);
        AnsiConsole.Write(table);
        foreach (var answer in asked)
        {
            foreach (var row in answer.Refused) Console.WriteLine($"{answer.Runtime}: {row.Module}::{row.Name}: {row.Code}: {row.Text?.ReplaceLineEndings(" ")}");
        }
    }

    private static void WriteMarkdown(string path, ImmutableArray<SurveyedRuntime> answers)
    {
        var asked = answers.Where(a => a.Unavailable is null).ToList();
        Console.WriteLine($"### Imports of {Cell(Path.GetFileName(path))}\n");
        Console.WriteLine($"| import | type | {string.Join(" | ", asked.Select(a => $"{a.Runtime} {a.Version}"))} |");
        Console.WriteLine($"|{string.Concat(Enumerable.Repeat(" --- |", asked.Count + 2))}");
        foreach (var (import, type, verdicts) in Rows(asked)) Console.WriteLine($"| {Cell(import)} | {Cell(type)} | {string.Join(" | ", verdicts.Select(v => v.Good ? v.Word : $"**{v.Word}**"))} |");
        Console.WriteLine();
    }

    /// <summary>Text as code in a cell of a table.</summary>
    private static string Cell(string text) => $"`{text.Replace("|", "\\|", StringComparison.Ordinal).Replace("`", "'", StringComparison.Ordinal)}`";

    private static IEnumerable<(string Import, string Type, IEnumerable<(string Word, bool Good)> Verdicts)> Rows(List<SurveyedRuntime> asked)
    {
        if (asked.Count == 0) return [];
        return asked[0].Imports.Select((row, i) => (
            $"{row.Module}::{row.Name}{(row.Times > 1 ? $" ({row.Times} ×)" : "")}",
            $"{row.Kind.ToString().ToLowerInvariant()} {row.Type}",
            asked.Select(answer => Verdict(answer.Imports[i]))));
    }

    private static (string Word, bool Good) Verdict(LedgerRow row) => row.Code switch
    {
        null => (row.Provider.ToString().ToLowerInvariant(), true),
        OutcomeCodes.Unchecked => ($"{row.Provider.ToString().ToLowerInvariant()}, unchecked", true),
        var code => (code, false),
    };

    private static void Explain(ImmutableArray<SurveyedRuntime> answers)
    {
        var refused = answers.SelectMany(a => a.Refused).Select(row => (row.Module, row.Name)).Distinct().ToList();
        foreach (var same in refused.GroupBy(import => ImportOrigins.Of(import.Module, import.Name)))
        {
            var names = string.Join(", ", same.Select(import => $"{import.Module}::{import.Name}"));
            Console.WriteLine(same.Key is { } origin ? $"{names}: normally provided by {origin.Who}; {origin.Advice} ({origin.Link})" : $"{names}: no convention is known; declare it as a host function in the module's manifest, if that is what it is");
        }
    }
}
