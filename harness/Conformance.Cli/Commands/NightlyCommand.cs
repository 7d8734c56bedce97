using System.CommandLine;
using Conformance.Engine;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.History;
using Conformance.Manifests;

namespace Conformance.Cli.Commands;

/// <summary><c>conformance nightly --out DIR</c>: a run, and everything that is made of it night after night.</summary>
internal static class NightlyCommand
{
    public static Command Create()
    {
        var settings = new RunSettings();
        var output = new Option<string>("--out", "-o")
        {
            Description = "The folder of all nights: the newest on top, each in nights/, and history.db.",
            DefaultValueFactory = _ => "conformance-nights",
        };
        var existing = new Option<string?>("--report")
        {
            Description = "Take this report (or the folder that holds it) for the night's, as merge made it, instead of running.",
        };
        var measures = new Option<string?>("--measures")
        {
            Description = "What a benchmark measured, {\"name\": number}: kept with the night, and held against the nights before.",
        };
        var retry = new Option<int>("--retry-unexpected")
        {
            Description = "Run a cell with an unexpected verdict so often again: it is flaky or stays what it is, and never a pass.",
            DefaultValueFactory = _ => 1,
        };
        var keep = new Option<int>("--keep")
        {
            Description = "How many nights' folders stay; the history keeps all nights.",
            DefaultValueFactory = _ => 60,
        };
        RunSettings.Between(retry, 0, 100);
        RunSettings.Between(keep, 1, 100_000);
        var command = new Command("nightly",
            "Run the matrix, write the report in all forms, add it to the history, and hold it against the last good night.") { output,
            existing, measures, retry, keep };
        settings.AddFilters(command);
        settings.AddServer(command);
        settings.AddTimeLimit(command);
        settings.AddNoInstall(command);
        settings.AddAll(command);
        settings.AddFolders(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var nightly = new Nightly(parsed.GetRequiredValue(output));
            if (parsed.GetValue(existing) is { } name)
            {
                var (given, path) = ReportFiles.Read(name);
                if (!given.IsComplete || given.Header.Shard is not null)
                    throw new CommandException(ExitCode.WrongUsage, $"{path}: a night is a whole report, and this one is partial");
                var kept = nightly.FolderOf(given);
                ReportFiles.WriteReport(given, kept, [Path.GetDirectoryName(Path.GetFullPath(path))!]);
                KeepMeasures(parsed.GetValue(measures), kept);
                return (int)nightly.Conclude(given, kept, parsed.GetValue(keep));
            }

            var installation = Installation.Find();
            ShownRun.CheckRequired(RuntimeManifestReader.Ids(settings.RuntimesFolder(parsed, installation)));
            var night = nightly.FolderOf(DateTimeOffset.UtcNow);
            await using var workers = new WorkerPool();
            var options = settings.Options(parsed) with
            {
                Workers = workers,
                ReportFolder = night,
                RetryUnexpected = parsed.GetValue(retry),
                DrawAtlas = true,
            };
            using var folder = ReportFiles.Own(night);
            KeepMeasures(parsed.GetValue(measures), night);
            var (report, exit) = await ShownRun.RunAsync(settings.Plan(parsed, installation),
                settings.Server(parsed, installation), options, settings.All(parsed), settings.Installs(parsed), cancellation);
            return (int)(nightly.Conclude(report, night, parsed.GetValue(keep)) is var concluded
                && exit == ExitCode.Environment ? exit : concluded);
        });
        return command;
    }

    /// <summary>Puts what was measured beside the night's report, where the history finds it; before the run, which takes long.</summary>
    private static void KeepMeasures(string? file, string night)
    {
        if (file is null) return;
        try
        {
            // What is no such file would keep this night, and all that follow, out of the history.
            NightMeasures.Read(file);
            File.Copy(file, Path.Combine(night, NightMeasures.FileName), overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.WrongUsage, $"--measures {file}: it can't be kept: {e.Message}", e);
        }
    }
}
