using System.CommandLine;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Machine;
using Conformance.Manifests;
using Conformance.Model;
using Conformance.Reporting.Terminal;
using Spectre.Console;

namespace Conformance.Cli.Commands;

/// <summary><c>conformance atlas</c>: which runtime provides which function of WASI, found by asking it.</summary>
internal static class AtlasCommand
{
    public static Command Create()
    {
        var settings = new RunSettings();
        var format = SurveyView.Format();
        var command = new Command("atlas", "Ask every runtime which functions of wasi_unstable, wasi_snapshot_preview1 and wasix_32v1 it provides, and with which types.") { format };
        settings.AddRuntimeFilter(command);
        settings.AddFolders(command);
        settings.AddAll(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var runtimes = settings.Runtimes(parsed, RuntimeManifestReader.ReadAll(settings.RuntimesFolder(parsed, Installation.Find())));
            var answers = await ImportSurvey.AtlasAsync(runtimes, new RunOptions { CacheFolder = ConformanceHome.Cache }, cancellation);
            var view = new SurveyView(answers);
            view.Write(parsed.GetRequiredValue(format), "What runtimes provide of WASI", settings.All(parsed));
            if (parsed.GetValue(format) == SurveyView.Json) return (int)view.ExitCode;
            if (parsed.GetValue(format) == SurveyView.Table)
            {
                new ReportView(AnsiConsole.Console)
                .WriteAtlas([.. answers.Where(answer => answer.Unavailable is null).Select(answer => answer.Atlas)]);
            }

            view.WriteNotAsked(settings.All(parsed));
            return (int)view.ExitCode;
        });
        return command;
    }
}
