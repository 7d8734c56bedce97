using System.Collections.Immutable;
using System.CommandLine;
using Conformance.Engine;
using Conformance.Engine.Imports;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Machine;
using Conformance.Manifests;
using Conformance.Model;
using Conformance.Reporting.Terminal;
using Spectre.Console;

namespace Conformance.Cli.Commands;

/// <summary><c>conformance imports FILE</c>: who provides each import of any module, in every runtime that is here.</summary>
internal static class ImportsCommand
{
    public static Command Create()
    {
        var settings = new RunSettings();
        var file = new Argument<string>("file") { Description = "Any .wasm, compressed or not, or .wat; no manifest is needed, and nothing of it is run." };
        var format = SurveyView.Format();
        var explain = new Option<bool>("--explain")
        {
            Description = "Say who normally provides what is refused, and what to do (not in JSON).",
        };
        var require = new Option<string[]>("--require")
        {
            Description = "A runtime on which the module must link, else the exit code is 1; may be repeated.",
            HelpName = "RUNTIME",
        };
        var why = new Option<string[]>("--why")
        {
            Description = "Show which functions of the module call an import, from an export on; may be repeated (not in JSON).",
            HelpName = "MODULE::NAME",
        };
        var command = new Command("imports", "Ask every runtime about every import of a module.") { file, format, explain, why, require };
        settings.AddRuntimeFilter(command);
        settings.AddFolders(command);
        settings.AddAll(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var runtimes = settings.Runtimes(parsed, RuntimeManifestReader.ReadAll(settings.RuntimesFolder(parsed, Installation.Find())));
            var required = parsed.GetValue(require) ?? [];
            if (required.FirstOrDefault(id => runtimes.All(runtime => runtime.Id != id)) is { } unknown)
                throw new CommandException(ExitCode.WrongUsage, $"--require {unknown}: it is not among the runtimes that are asked");
            var input = await ModuleInput.ReadAsync(parsed.GetRequiredValue(file), cancellation);
            var ways = ImportWays.Find(input, parsed.GetValue(why) ?? []);
            var progress = new SurveyProgress(input.Interface.Imports.Length, runtimes.Select(runtime => runtime.Id));
            var asked = ImportSurvey.AskAsync(
                input, runtimes, new RunOptions { CacheFolder = ConformanceHome.Cache }, progress.OnAnswered, cancellation);
            var answers = await progress.ShowAsync(asked, AnsiConsole.Console, Console.Error);
            var view = new SurveyView(answers);
            var whole = settings.All(parsed);
            view.Write(parsed.GetRequiredValue(format), $"Imports of `{Path.GetFileName(input.Path)}`", whole);
            // Sentences are for people.
            var exit = Exit(view, answers, required);
            if (parsed.GetValue(format) == SurveyView.Json) return exit;
            if (parsed.GetValue(format) == SurveyView.Table)
            {
                if (whole) view.WriteRefusals();
                else view.WriteGroups();
            }

            AnsiConsole.Console.WriteFolded(
                whole || parsed.GetValue(format) != SurveyView.Table ? ImportSurvey.Sentence(answers) : ImportSurvey.Links(answers));
            view.WriteNotAsked(whole);
            if (parsed.GetValue(explain)) new ImportExplanation(input, answers).Write(AnsiConsole.Console);
            foreach (var way in ways) way.Write(AnsiConsole.Console);
            return exit;
        });
        return command;
    }

    /// <summary>Where the module has to link.</summary>
    private static int Exit(SurveyView view, ImmutableArray<SurveyedRuntime> answers, string[] required)
    {
        var without = answers.Where(answer => required.Contains(answer.Runtime) && !answer.Links).ToList();
        if (without.Count == 0) return (int)view.ExitCode;
        var missing = without.Where(answer => answer.Unavailable is not null).ToList();
        Console.Error.WriteLine(missing.Count > 0
            ? $"conformance: required, and not here: {string.Join(", ", missing.Select(answer => answer.Runtime))}"
            : $"conformance: the module must link on {string.Join(", ", without.Select(answer => answer.Runtime))}, and does not");
        return (int)(missing.Count > 0 ? ExitCode.Environment : ExitCode.Unexpected);
    }
}
