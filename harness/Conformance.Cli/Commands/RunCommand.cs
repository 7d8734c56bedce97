using System.Collections.Immutable;
using System.CommandLine;
using Conformance.Engine;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Engine.Servers;
using Conformance.Engine.Updating;
using Conformance.Manifests;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Model.Runtimes;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Formats;
using Conformance.Reporting.Jsonl;
using Conformance.Reporting.Terminal;
using Spectre.Console;

namespace Conformance.Cli.Commands;

/// <summary><c>conformance run</c>: the matrix.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var settings = new RunSettings();
        var jobs = new Option<int>("--jobs", "-j")
        {
            Description = "Cells at once.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };
        RunSettings.Between(jobs, 1, 256);
        var output = new Option<string>("--out", "-o")
        {
            Description = "The folder for report.jsonl.",
            DefaultValueFactory = _ => "conformance-report",
        };
        var formats = ReportFiles.Formats("Also write the report as this, instead of what conformance.toml names; may be repeated");
        var configuration = new Option<string?>("--config")
        {
            Description = "The configuration, if not conformance.toml of this folder.",
            HelpName = "file",
        };
        var failFast = new Option<bool>("--fail-fast") { Description = "Stop at the first unexpected verdict." };
        var repeat = new Option<int>("--repeat")
        {
            Description = "Run every cell so often; one that changes its mind is flaky.",
            DefaultValueFactory = _ => 1,
        };
        var retry = new Option<int>("--retry-unexpected")
        {
            Description = "Run a cell with an unexpected verdict so often again: it is flaky or stays what it is, and never a pass.",
        };
        var shuffle = new Option<int?>("--shuffle")
        {
            Description = "Start the cells in an order of their own, by this seed.",
            HelpName = "seed",
        };
        var shard = new Option<Shard?>("--shard")
        {
            Description = "Run one part of the plan, for a run that is spread over machines: 2/4 is the second of four; merge makes one report of the parts.",
            HelpName = "i/n",
            CustomParser = result =>
            {
                if (Shard.Parse(result.Tokens[0].Value) is { } parsed) return parsed;
                result.AddError($"--shard {result.Tokens[0].Value}: it must be i/n, with i from 1 to n");
                return null;
            },
        };
        RunSettings.Between(repeat, 1, 1000);
        RunSettings.Between(retry, 0, 100);
        var sizes = new Option<bool>("--sizes")
        {
            Description = "Measure the modules for the report, as modules size does: the first time it takes minutes.",
        };
        var atlas = new Option<bool>("--atlas")
        {
            Description = "Ask the runtimes for the report which functions of WASI they provide, as atlas does.",
        };
        var update = new Option<bool>("--update-expectations")
        {
            Description = "Make the manifests expect what was observed, and show the changes.",
        };
        var reason = new Option<string?>("--reason")
        {
            Description = "With --update-expectations: why the runtimes depart, for new departures.",
        };
        var link = new Option<string?>("--link")
        {
            Description = "With --update-expectations: where to read more about it, for new departures.",
        };
        var command = new Command("run", "Run the matrix and write a report.") { jobs,
            output, formats, configuration, failFast, repeat, retry, shuffle, shard, sizes, atlas, update, reason, link };
        command.Validators.Add(result =>
        {
            if (result.GetValue(update) && result.GetResult(shard) is not null)
                result.AddError("--update-expectations needs the whole plan, and --shard is a part of it");
            var (why, where) = (result.GetValue(reason), result.GetValue(link));
            if (string.IsNullOrWhiteSpace(why) != string.IsNullOrWhiteSpace(where))
                result.AddError("a departure needs both, --reason and --link");
            else if (why is not null && !result.GetValue(update)) result.AddError("--reason and --link are for --update-expectations");
        });
        settings.AddFilters(command);
        settings.AddServer(command);
        settings.AddTimeLimit(command);
        settings.AddNoInstall(command);
        settings.AddAll(command);
        settings.AddFolders(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var installation = Installation.Find();
            await using var workers = new WorkerPool();
            var choice = settings.Server(parsed, installation);
            var options = settings.Options(parsed) with
            {
                Jobs = parsed.GetValue(jobs),
                FailFast = parsed.GetValue(failFast),
                Repeat = parsed.GetValue(repeat),
                RetryUnexpected = parsed.GetValue(retry),
                Shuffle = parsed.GetValue(shuffle),
                ReportFolder = parsed.GetValue(output),
                MeasureSizes = parsed.GetValue(sizes),
                DrawAtlas = parsed.GetValue(atlas),
                Workers = workers,
            };
            var plan = settings.Plan(parsed, installation,
                begin: those => ShownRun.BeginFew(those, choice, options, settings.Installs(parsed)));
            if (parsed.GetValue(shard) is { } part) plan = plan.Part(part);
            var runtimes = settings.RuntimesFolder(parsed, installation);
            ShownRun.CheckRequired(RuntimeManifestReader.Ids(runtimes));
            var updater = parsed.GetValue(update)
                ? new ManifestUpdater(plan, RuntimeManifestReader.ReadAll(runtimes),
                    parsed.GetValue(reason) is { } why ? new Grounds(why, parsed.GetValue(link)!) : null)
                : null;
            var wanted = parsed.GetValue(formats) is { Length: > 0 } named
                ? [.. named] : ReportFiles.Configuration(parsed.GetValue(configuration)).Formats;
            using var folder = ReportFiles.Own(options.ReportFolder!);
            var (report, exit) = await ShownRun.RunAsync(plan,
                choice, options, settings.All(parsed), settings.Installs(parsed), cancellation);
            ReportFiles.WriteAll([.. wanted.Select(ReportFormats.ByName)],
                new ReportDocument(report) { Folder = options.ReportFolder }, options.ReportFolder!);
            return (int)(exit == ExitCode.Unexpected && updater is not null
                ? updater.Update(report.Header, report.Cells, report.Footer!.Agreements) : exit);
        });
        return command;
    }
}
