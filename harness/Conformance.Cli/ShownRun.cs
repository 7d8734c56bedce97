using System.Collections.Immutable;
using Conformance.Cli.Commands;
using Conformance.Engine;
using Conformance.Engine.Installing;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Engine.Servers;
using Conformance.Machine;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Model.Runtimes;
using Conformance.Reporting.Formats;
using Conformance.Reporting.Jsonl;
using Conformance.Reporting.Terminal;
using Spectre.Console;

namespace Conformance.Cli;

/// <summary>A run that a person follows: its report is written as it goes, and shown when it is over.</summary>
internal static class ShownRun
{
    /// <summary>With more cells than these, what their manifests were read from is worth collecting: tens of megabytes.</summary>
    private const int ManyCells = 10_000;

    /// <summary>Of each module's sections and functions.</summary>
    private const int LargestShown = 3;

    /// <summary>With a container engine there, the server's image is built.</summary>
    private static async Task PrepareImageAsync(ServerChoice choice, ImmutableArray<ToolManifest> tools,
        CancellationToken cancellation)
    {
        if (choice.Hosting is not ("auto" or "container") || await ContainerEngine.FindAsync(cancellation) is null) return;
        await SetupCommand.InstallAsync([.. tools.Where(tool => tool.Use == ToolUse.Server && !ToolPresence.IsHere(tool))
            .Select(Installable.From).Where(Installer.HasWay)], tools, cancellation);
    }

    /// <summary>A name in <c>CONFORMANCE_REQUIRE</c> that nothing has would be a requirement that is never checked.</summary>
    /// <param name="runtimes">The ids of all runtimes.</param>
    public static void CheckRequired(IEnumerable<string> runtimes)
    {
        var known = runtimes.Append(Requirements.Docker).Append(Requirements.Toolchains).ToList();
        foreach (var name in Requirements.FromEnvironment.Except(known))
            throw new CommandException(ExitCode.WrongUsage, $"CONFORMANCE_REQUIRE names \"{name}\"; there are {string.Join(", ", known)}");
    }

    /// <summary>
    /// Starts the workers of few runtimes while guests' manifests are still read. Many of them would not be ready sooner, and have been
    /// started in vain where a manifest is wrong.
    /// </summary>
    /// <param name="runtimes">The runtimes.</param>
    /// <param name="choice">The counter server.</param>
    /// <param name="options">How they will be run.</param>
    /// <param name="installs">Whether what is not here is fetched.</param>
    public static void BeginFew(ImmutableArray<RuntimeManifest> runtimes, ServerChoice choice, RunOptions options, bool installs)
    {
        if (runtimes.Length <= options.Jobs) Begin(runtimes, choice, options, installs);
    }

    /// <summary>
    /// Starts the workers of some runtimes, while the server starts. For a server that is elsewhere they have another network, and a tool
    /// that a runtime needs may be set up first: those are not begun.
    /// </summary>
    private static void Begin(ImmutableArray<RuntimeManifest> runtimes, ServerChoice choice, RunOptions options, bool installs)
    {
        if (!Uri.TryCreate(choice.Hosting, UriKind.Absolute, out var elsewhere) || elsewhere.IsLoopback)
            options.Workers!.Begin(runtimes.Where(runtime => !installs || runtime.Install.Tools.IsEmpty), options);
    }

    /// <summary>Runs a plan into the folder that its options name.</summary>
    /// <param name="plan">What to run.</param>
    /// <param name="choice">The counter server.</param>
    /// <param name="options">How; the workers are ended with the cells.</param>
    /// <param name="all">Whether everything is shown in its long form.</param>
    /// <param name="installs">Whether releases of runtimes that are not here are fetched.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="CommandException">It can't be run, or its report not be written.</exception>
    public static async Task<(Report Report, ExitCode Exit)> RunAsync(Plan plan,
        ServerChoice choice, RunOptions options, bool all, bool installs, CancellationToken cancellation)
    {
        // It is old by now, and would stay until the run itself has made as much again.
        if (plan.Cells.Length > ManyCells) GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
        using var writer = OpenReport(options.ReportFolder!);
        var console = AnsiConsole.Console;
        var view = new ReportView(console);
        var mirror = Networking.Mirror;
        var tools = Installation.Find().ReadTools();
        if (installs) await PrepareImageAsync(choice, tools, cancellation);
        Begin(plan.Runtimes, choice, options, installs);
        await using (var server = await CounterServers.StartAsync(choice, cancellation))
        {
            var fetched = new SetupProgress(null, Console.Out);
            Task RunAsync(IReportListener progress)
            {
                var installing = options with { Setup = installs ? new Installer(tools, mirror, fetched) : null };
                return new MatrixRun(plan, server, installing, writer, progress).TellAsync(cancellation);
            }

            if (LiveConsole.Is(console))
            {
                await console.Progress().AutoClear(true).HideCompleted(true).StartAsync(context =>
                {
                    fetched = new SetupProgress(context, TextWriter.Null);
                    return RunAsync(new LiveProgress(context, view));
                });
            }
            else
            {
                await RunAsync(new PlainProgress(view, all));
            }

            // What is written while bars move is wiped with them.
            fetched.WriteFailures(Console.Error);
        }

        // They end, and what is too old goes, while it is read what they did.
        var ending = Task.WhenAll(options.Workers!.DisposeAsync().AsTask(),
            Task.Run(() => CacheInventory.Trim(ConformanceHome.Cache, ConformanceHome.CacheLimit), CancellationToken.None));
        var report = writer.Report;
        var footer = report.Footer!;
        view.WriteUnexpected(report.Cells.Of(verdict => verdict.IsUnexpected()));
        view.WriteNotRun(report.Cells.Of(verdict => verdict == Verdict.NotRun));
        view.WriteUnexpected(report.Agreements);
        view.WriteMatrix(report.Header, report.Cells, report.Agreements);
        view.WriteDisagreements(report.Agreements);
        view.WriteUnavailable(report.Header, all);
        if (options.MeasureSizes) view.WriteSizes(report.Sizes, LargestShown);
        view.WriteAtlas(report.Atlas);
        view.WriteSum(report.Header, footer);
        console.WriteLine($"report: {writer.Path}");
        await ending;
        return (report, ExitOf(report));
    }

    /// <summary>What a whole run's observations make of the command's exit code.</summary>
    public static ExitCode ExitOf(Report report) =>
        report.HasUnexpected ? ExitCode.Unexpected
        : report.Cells.Verdicts.ContainsKey(Verdict.NotRun) ? ExitCode.Environment
        // A part of a plan may be empty, and is as expected then.
        : report.Cells.Length == 0 || report.Cells.Verdicts.Keys.Any(verdict => verdict.WasRun() || verdict == Verdict.Skipped)
            ? ExitCode.AsExpected
        : ExitCode.Environment;

    private static ReportWriter OpenReport(string folder)
    {
        try
        {
            return ReportFormats.Begin(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.WrongUsage, $"--out {folder}: no report can be written there: {e.Message}", e);
        }
    }
}
