using System.Collections.Immutable;
using Conformance.Engine;
using Conformance.Engine.Planning;
using Conformance.Engine.Releases;
using Conformance.Engine.Running;
using Conformance.Engine.Servers;
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
    /// <summary>Of each module's sections and functions.</summary>
    private const int LargestShown = 3;

    /// <summary>A name in <c>CONFORMANCE_REQUIRE</c> that nothing has would be a requirement that is never checked.</summary>
    public static void CheckRequired(ImmutableArray<RuntimeManifest> runtimes)
    {
        var known = runtimes.Select(r => r.Id).Append(Requirements.Docker).Append(Requirements.Toolchains).ToList();
        foreach (var name in Requirements.FromEnvironment.Except(known))
            throw new CommandException(ExitCode.WrongUsage, $"CONFORMANCE_REQUIRE names \"{name}\"; there are {string.Join(", ", known)}");
    }

    /// <summary>Runs a plan into the folder that its options name.</summary>
    /// <param name="plan">What to run.</param>
    /// <param name="choice">The counter server.</param>
    /// <param name="options">How.</param>
    /// <param name="all">Whether everything is shown in its long form.</param>
    /// <param name="installs">Whether releases of runtimes that are not here are fetched.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="CommandException">It can't be run, or its report not be written.</exception>
    public static async Task<(Report Report, ExitCode Exit)> RunAsync(Plan plan, ServerChoice choice, RunOptions options, bool all, bool installs, CancellationToken cancellation)
    {
        using var writer = OpenReport(options.ReportFolder!);
        var console = AnsiConsole.Console;
        var view = new ReportView(console);
        var kept = new KeptLines();
        await using (var server = await CounterServers.StartAsync(choice, cancellation))
        {
            var mirror = Networking.Mirror;
            var fetched = new SetupProgress(null, Console.Out);
            Task RunAsync(IReportListener progress) =>
                new MatrixRun(plan, server, options with { Setup = installs ? new ReleaseSetup(mirror, fetched) : null }, new Listeners([writer, kept, progress])).RunAsync(cancellation);

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

        var footer = kept.Footer!;
        view.WriteUnexpected(kept.Cells);
        view.WriteUnexpected(footer.Agreements);
        view.WriteMatrix(kept.Header!, kept.Cells, footer.Agreements);
        view.WriteDisagreements(footer.Agreements);
        view.WriteUnavailable(kept.Header!, all);
        if (options.MeasureSizes) view.WriteSizes(kept.Sizes, LargestShown);
        view.WriteAtlas(kept.Atlas);
        view.WriteSum(kept.Header!, footer);
        console.WriteLine($"report: {writer.Path}");
        return (new Report(kept.Header!, [.. kept.Cells], [.. kept.Sizes], [.. kept.Atlas], footer), ExitOf(kept.Cells, footer));
    }

    /// <summary>What a whole run's observations make of the command's exit code.</summary>
    public static ExitCode ExitOf(IReadOnlyCollection<CellLine> cells, FooterLine footer) =>
        cells.Any(c => c.Verdict.IsUnexpected()) || footer.Agreements.Any(a => a.Verdict?.IsUnexpected() == true) ? ExitCode.Unexpected
        // A part of a plan may be empty, and is as expected then.
        : cells.Count == 0 || cells.Any(c => c.Verdict.WasRun() || c.Verdict == Verdict.Skipped) ? ExitCode.AsExpected
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
