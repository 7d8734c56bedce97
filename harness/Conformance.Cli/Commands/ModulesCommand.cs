using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using Conformance.Engine;
using Conformance.Engine.Building;
using Conformance.Engine.Imports;
using Conformance.Engine.Planning;
using Conformance.Engine.Sizes;
using Conformance.Machine;
using Conformance.Manifests;
using Conformance.Model;
using Conformance.Model.Modules;
using Conformance.Model.Reports;
using Conformance.Reporting.Terminal;
using Conformance.Wasm;
using Spectre.Console;

namespace Conformance.Cli.Commands;

/// <summary>
/// <c>conformance modules imports|build|size</c>: what a module asks for, whether it is what its source gives, and what takes its space.
/// </summary>
internal static class ModulesCommand
{
    public static Command Create() =>
        new("modules", "Look at modules: what they import, whether they rebuild, how large they are.") { Imports(), Build(), Size() };

    private static Command Imports()
    {
        var file = new Argument<string>("file") { Description = "Any .wasm, compressed or not, or .wat; no manifest is needed." };
        var format = new Option<string>("--format")
        {
            Description = "text (WebAssembly's text format) or json.",
            DefaultValueFactory = _ => "text",
        };
        format.AcceptOnlyFromAmong("text", "json");
        var command = new Command("imports", "List a module's imports with their types.") { file, format };
        command.SetAction(async (parsed, cancellation) =>
        {
            var imports = (await ModuleInput.ReadAsync(parsed.GetRequiredValue(file), cancellation)).Interface.Imports;
            if (parsed.GetValue(format) == "text")
            {
                foreach (var import in imports) Console.WriteLine(ImportText.Write(import));
                return;
            }

            var array = new JsonArray([.. imports.Select(import => new JsonObject
            {
                ["module"] = import.Module,
                ["name"] = import.Name,
                ["kind"] = import.Type.Kind.ToString().ToLowerInvariant(),
                ["type"] = import.Type.ToString(),
            })]);
            Console.WriteLine(array.ToJsonString(new System.Text.Json.JsonSerializerOptions
            {
                WriteIndented = true,
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping
            }));
        });
        return command;
    }

    private static Command Build()
    {
        var settings = new RunSettings();
        var ids = new Argument<string[]>("id") { Description = "The modules; all where none is named.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("build",
            "Rebuild modules from their source in clean folders, and say whether they are what is committed.") { ids };
        settings.AddFolders(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var exit = ExitCode.AsExpected;
            var installation = Installation.Find();
            var runtimes = RuntimeManifestReader.ReadAll(settings.RuntimesFolder(parsed, installation));
            foreach (var module in Chosen(parsed.GetValue(ids) ?? [], settings.ModulesFolder(parsed, installation)))
            {
                var rebuild = await ModuleRebuild.RunAsync(module, runtimes, cancellation);
                Console.WriteLine($"{module.Id,-24} {Word(rebuild.Outcome)}{(rebuild.Text.Length > 0 ? ": " + rebuild.Text.ReplaceLineEndings(" ") : "")}");
                if (rebuild.Outcome is RebuildOutcome.Different or RebuildOutcome.Failed) exit = ExitCode.Unexpected;
                else if (rebuild.Outcome == RebuildOutcome.ToolchainMissing && exit == ExitCode.AsExpected) exit = ExitCode.Environment;
            }

            return (int)exit;
        });
        return command;
    }

    private static Command Size()
    {
        var settings = new RunSettings();
        var ids = new Argument<string[]>("id") { Description = "The modules; all where none is named.", Arity = ArgumentArity.ZeroOrMore };
        var largest = new Option<int>("--largest")
        {
            Description = "How many of the largest sections and functions to show.",
            DefaultValueFactory = _ => 3,
        };
        var command = new Command("size",
            "Tell how large modules are: raw, after wasm-opt -Oz, gzip, brotli, and what takes the space.") { ids, largest };
        settings.AddFolders(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var measured = new List<SizeLine>();
            var sizes = new ModuleSizes(ConformanceHome.Cache);
            foreach (var module in Chosen(parsed.GetValue(ids) ?? [], settings.ModulesFolder(parsed, Installation.Find())))
                measured.Add(await sizes.MeasureAsync(module, cancellation));
            new ReportView(AnsiConsole.Console).WriteSizes(measured, parsed.GetValue(largest));
        });
        return command;
    }

    private static string Word(RebuildOutcome outcome) => outcome switch
    {
        RebuildOutcome.Identical => "identical",
        RebuildOutcome.SameInterface => "same imports and exports",
        RebuildOutcome.SameBehaviour => "same behaviour",
        RebuildOutcome.Different => "differs",
        RebuildOutcome.ToolchainMissing => "not built",
        _ => "failed",
    };

    private static IEnumerable<ModuleManifest> Chosen(string[] ids, string folder)
    {
        var all = ModuleManifestReader.ReadAll(folder);
        foreach (var unknown in ids.Where(id => all.All(m => m.Id != id)))
        {
            throw new CommandException(ExitCode.WrongUsage,
                $"there is no module \"{unknown}\"; there are {string.Join(", ", all.Select(m => m.Id))}");
        }

        return all.Where(module => ids.Length == 0 || ids.Contains(module.Id));
    }
}
