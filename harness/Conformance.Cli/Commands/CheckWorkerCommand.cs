using System.CommandLine;
using Conformance.Engine;
using Conformance.Engine.Checking;
using Conformance.Engine.Planning;
using Conformance.Engine.Workers;
using Conformance.Manifests;
using Conformance.Model.Runtimes;

namespace Conformance.Cli.Commands;

/// <summary><c>conformance check-worker COMMAND</c>: does a worker speak the protocol.</summary>
internal static class CheckWorkerCommand
{
    public static Command Create()
    {
        var settings = new RunSettings();
        var worker = new Argument<string[]>("worker")
        {
            Description = "A program and its arguments (after --), or the id of a runtime.",
            Arity = ArgumentArity.OneOrMore
        };
        var limit = new Option<double>("--limit") { Description = "Seconds an answer may take.", DefaultValueFactory = _ => 30 };
        var transcript = new Option<string?>("--transcript") { Description = "A file to write the conversation to, line by line." };
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and <= 3600))
                result.AddError("--limit must be above 0 and at most 3600 seconds");
        });
        var command = new Command("check-worker",
            "Drive a worker through every message of the protocol, good and bad, and say what it does wrong.") { worker,
            limit, transcript };
        settings.AddFolders(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var runtime = Runtime(parsed.GetRequiredValue(worker), settings.RuntimesFolder(parsed, Installation.Find()));
            using var lines = parsed.GetValue(transcript) is { } path ? new StreamWriter(path) { NewLine = "\n" } : null;
            try
            {
                var check = new WorkerCheck(runtime, TimeSpan.FromSeconds(parsed.GetValue(limit)), Show, line => lines?.WriteLine(line));
                var problems = await check.RunAsync(cancellation);
                Console.WriteLine(
                    problems == 0 ? "the worker speaks the protocol" : $"{problems} things are wrong: see docs/add-a-runtime.md");
                return (int)(problems == 0 ? ExitCode.AsExpected : ExitCode.Unexpected);
            }
            catch (RuntimeMissingException e)
            {
                throw new CommandException(ExitCode.Environment,
                    $"{runtime.Id} is unavailable: {e.Unavailability.Reason}; to have it: {e.Unavailability.Remedy}", e);
            }
        });
        return command;
    }

    private static void Show(CheckFinding finding) =>
        Console.WriteLine(finding.Problem is null ? $"ok     {finding.What}" : $"WRONG  {finding.What}: {finding.Problem}");

    private static RuntimeManifest Runtime(string[] worker, string runtimesFolder)
    {
        if (worker.Length == 1 && Path.Combine(runtimesFolder, worker[0], RuntimeManifestReader.FileName) is var manifest
            && File.Exists(manifest))
        {
            return RuntimeManifestReader.Read(manifest);
        }

        return new RuntimeManifest
        {
            Id = Path.GetFileNameWithoutExtension(worker[0]),
            // What a manifest here would say.
            ManifestPath = Path.Combine(Environment.CurrentDirectory, RuntimeManifestReader.FileName),
            Name = worker[0],
            Worker = new WorkerCommand(null, [.. worker], TimeSpan.FromSeconds(60)),
            Remedy = $"see that {worker[0]} is on PATH",
        };
    }
}
