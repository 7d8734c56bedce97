using System.Collections.Immutable;
using System.CommandLine;
using Conformance.Engine;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Engine.Servers;
using Conformance.Engine.Updating;
using Conformance.Model.Manifests;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Model.Runtimes;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Jsonl;
using Conformance.Reporting.Terminal;
using Spectre.Console;

namespace Conformance.Cli.Commands;

/// <summary><c>conformance run</c>: the matrix.</summary>
internal static class RunCommand
{
    /// <summary>Of each module's sections and functions.</summary>
    private const int LargestShown = 3;

    public static Command Create()
    {
        var settings = new RunSettings();
        var jobs = new Option<int>("--jobs", "-j") { Description = "Cells at once.", DefaultValueFactory = _ => Environment.ProcessorCount };
        RunSettings.Between(jobs, 1, 256);
        var output = new Option<string>("--out", "-o") { Description = "The folder for report.jsonl.", DefaultValueFactory = _ => "conformance-report" };
        var formats = ReportFiles.Formats("Also write the report as this, instead of what conformance.toml names; may be repeated");
        var configuration = new Option<string?>("--config") { Description = "The configuration, if not conformance.toml of this folder.", HelpName = "file" };
        var failFast = new Option<bool>("--fail-fast") { Description = "Stop at the first unexpected verdict." };
        var repeat = new Option<int>("--repeat") { Description = "Run every cell so often; one that changes its mind is flaky.", DefaultValueFactory = _ => 1 };
        var retry = new Option<int>("--retry-unexpected") { Description = "Run a cell with an unexpected verdict so often again: it is flaky or stays what it is, and never a pass." };
        var shuffle = new Option<int?>("--shuffle") { Description = "Start the cells in an order of their own, by this seed.", HelpName = "seed" };
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
        var sizes = new Option<bool>("--sizes") { Description = "Measure the modules for the report, as modules size does: the first time it takes minutes." };
        var atlas = new Option<bool>("--atlas") { Description = "Ask the runtimes for the report which functions of WASI they provide, as atlas does." };
        var update = new Option<bool>("--update-expectations") { Description = "Make the manifests expect what was observed, and show the changes." };
        var reason = new Option<string?>("--reason") { Description = "With --update-expectations: why the runtimes depart, for new departures." };
        var link = new Option<string?>("--link") { Description = "With --update-expectations: where to read more about it, for new departures." };
        var command = new Command("run", "Run the matrix and write a report.") { jobs, output, formats, configuration, failFast, repeat, retry, shuffle, shard, sizes, atlas, update, reason, link };
        command.Validators.Add(result =>
        {
            var (why, where) = (result.GetValue(reason), result.GetValue(link));
            if (string.IsNullOrWhiteSpace(why) != string.IsNullOrWhiteSpace(where)) result.AddError("a departure needs both, --reason and --link");
            else if (why is not null && !result.GetValue(update)) result.AddError("--reason and --link are for --update-expectations");
        });
        settings.AddFilters(command);
        settings.AddServer(command);
        settings.AddTimeLimit(command);
        settings.AddFolders(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var installation = Installation.Find();
            var plan = settings.Plan(parsed, installation);
            if (parsed.GetValue(shard) is { } part) plan = plan.Part(part);
            var runtimes = RuntimeManifestReader.ReadAll(settings.RuntimesFolder(parsed, installation));
            CheckRequired(runtimes);
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
            };
            var updater = parsed.GetValue(update)
                ? new ManifestUpdater(plan, runtimes, parsed.GetValue(reason) is { } why ? new Grounds(why, parsed.GetValue(link)!) : null)
                : null;
            var wanted = parsed.GetValue(formats) is { Length: > 0 } named ? [.. named] : ReportFiles.Configuration(parsed.GetValue(configuration)).Formats;
            return (int)await RunAsync(plan, settings.Server(parsed, installation), options, wanted, updater, cancellation);
        });
        return command;
    }

    /// <summary>A name in <c>CONFORMANCE_REQUIRE</c> that nothing has would be a requirement that is never checked.</summary>
    private static void CheckRequired(ImmutableArray<RuntimeManifest> runtimes)
    {
        var known = runtimes.Select(r => r.Id).Append(Requirements.Docker).Append(Requirements.Toolchains).ToList();
        foreach (var name in Requirements.FromEnvironment.Except(known))
            throw new ConformanceException(ExitCode.WrongUsage, $"CONFORMANCE_REQUIRE names \"{name}\"; there are {string.Join(", ", known)}");
    }

    private static async Task<ExitCode> RunAsync(Plan plan, ServerChoice choice, RunOptions options, ImmutableArray<string> formats, ManifestUpdater? updater, CancellationToken cancellation)
    {
        using var writer = OpenReport(options.ReportFolder!);
        var console = AnsiConsole.Console;
        var view = new ReportView(console);
        var kept = new KeptLines();
        await using (var server = await CounterServers.StartAsync(choice, cancellation))
        {
            Task RunAsync(IReportListener progress) => new MatrixRun(plan, server, options, new Listeners([writer, kept, progress])).RunAsync(cancellation);
            if (LiveConsole.Is(console)) await console.Progress().AutoClear(true).HideCompleted(false).StartAsync(context => RunAsync(new LiveProgress(context, view)));
            else await RunAsync(new PlainProgress(view));
        }

        var footer = kept.Footer!;
        view.WriteUnexpected(kept.Cells);
        view.WriteUnexpected(footer.Agreements);
        view.WriteMatrix(kept.Header!, kept.Cells, footer.Agreements);
        view.WriteDisagreements(footer.Agreements);
        view.WriteUnavailable(kept.Header!);
        if (options.MeasureSizes) view.WriteSizes(kept.Sizes, LargestShown);
        view.WriteAtlas(kept.Atlas);
        view.WriteSum(kept.Header!, footer);
        console.WriteLine($"report: {writer.Path}");
        if (!formats.IsEmpty) WriteFormats(formats, new Report(kept.Header!, [.. kept.Cells], [.. kept.Sizes], [.. kept.Atlas], footer), options.ReportFolder!);
        var unexpected = kept.Cells.Any(c => c.Verdict.IsUnexpected()) || footer.Agreements.Any(a => a.Verdict?.IsUnexpected() == true);
        if (unexpected && updater is not null) return updater.Update(kept.Header!, kept.Cells, footer.Agreements);
        return unexpected ? ExitCode.Unexpected
            // A part of a plan may be empty, and is as expected then.
            : plan.Cells.IsEmpty || kept.Cells.Any(c => c.Verdict.WasRun() || c.Verdict == Verdict.Skipped) ? ExitCode.AsExpected
            : ExitCode.Environment;
    }

    private static void WriteFormats(ImmutableArray<string> formats, Report report, string folder)
    {
        foreach (var format in formats.Select(ReportFormats.ByName))
        {
            var path = Path.Combine(folder, format.FileName);
            ReportFiles.Write(format, new ReportDocument(report) { Folder = folder }, path);
            AnsiConsole.Console.WriteLine($"{format.Name}: {path}");
        }
    }

    private static ReportWriter OpenReport(string folder)
    {
        try
        {
            return new ReportWriter(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConformanceException(ExitCode.WrongUsage, $"--out {folder}: no report can be written there: {e.Message}", e);
        }
    }

    /// <summary>Tells several listeners, the report's file first: what is shown has been kept.</summary>
    private sealed class Listeners(IReadOnlyList<IReportListener> listeners) : IReportListener
    {
        public void OnHeader(HeaderLine header, int cells)
        {
            foreach (var listener in listeners) listener.OnHeader(header, cells);
        }

        public void OnCell(CellLine cell)
        {
            foreach (var listener in listeners) listener.OnCell(cell);
        }

        public void OnSize(SizeLine size)
        {
            foreach (var listener in listeners) listener.OnSize(size);
        }

        public void OnAtlas(AtlasLine atlas)
        {
            foreach (var listener in listeners) listener.OnAtlas(atlas);
        }

        public void OnFooter(FooterLine footer)
        {
            foreach (var listener in listeners) listener.OnFooter(footer);
        }
    }

    private sealed class KeptLines : IReportListener
    {
        public HeaderLine? Header { get; private set; }

        public List<CellLine> Cells { get; } = [];

        public List<SizeLine> Sizes { get; } = [];

        public List<AtlasLine> Atlas { get; } = [];

        public FooterLine? Footer { get; private set; }

        public void OnHeader(HeaderLine header, int cells) => Header = header;

        public void OnCell(CellLine cell) => Cells.Add(cell);

        public void OnSize(SizeLine size) => Sizes.Add(size);

        public void OnAtlas(AtlasLine atlas) => Atlas.Add(atlas);

        public void OnFooter(FooterLine footer) => Footer = footer;
    }
}
