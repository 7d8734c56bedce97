using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Conformance.CounterServer;
using Conformance.Engine;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Engine.Servers;
using Conformance.Machine;
using Conformance.Model;
using Conformance.Model.Counters;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Formats;
using Conformance.Reporting.Jsonl;
using NUnit.Framework;

namespace Conformance.NUnit;

/// <summary>
/// One run of a matrix that the tests of its cells wait for; it starts when the first of them asks, and ends with the process at the
/// latest.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "It lives as long as the process.")]
internal sealed class SharedRun : IReportListener
{
    private static readonly ConcurrentDictionary<string, Lazy<SharedRun>> Runs = new(StringComparer.Ordinal);

    /// <summary>How long the end of the process waits for the workers' and the container's.</summary>
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<CellId, TaskCompletionSource<CellLine>> _cells = new();
    private readonly TaskCompletionSource<FooterLine> _footer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _end = new();
    private readonly ConformanceCellsAttribute _settings;
    private readonly Plan _plan;
    private readonly Lazy<Task> _run;
    private ReportWriter? _writer;

    private SharedRun(ConformanceCellsAttribute settings)
    {
        _settings = settings;
        if (!ServerVariants.ByName.ContainsKey(settings.ServerVariant))
        {
            throw new InputException(
                $"ServerVariant \"{settings.ServerVariant}\" is none of {string.Join(", ", ServerVariants.ByName.Keys)}");
        }

        var runtimes = settings.RuntimesFolder is { } folder ? ConformanceCellsAttribute.Locate(folder) : Installation.Find().Runtimes;
        _plan = Plan.Load(ConformanceCellsAttribute.Locate(settings.Modules),
            runtimes, new CellFilter([], [.. settings.Runtimes], [.. settings.Scenarios]));
        foreach (var cell in _plan.Cells)
            _cells[cell.Id] = new TaskCompletionSource<CellLine>(TaskCreationOptions.RunContinuationsAsynchronously);
        ReportFolder = Path.GetFullPath(settings.ReportFolder, AppContext.BaseDirectory);
        Cases =
        [
            .. _plan.Cells.Select(cell => new ConformanceCase(this, cell, isAgreement: false)),
            .. _plan.Cells.DistinctBy(cell => (cell.Module.Id, cell.Scenario.Id))
                .Select(cell => new ConformanceCase(this, cell, isAgreement: true)),
        ];
        _run = new Lazy<Task>(() => Task.Run(RunAsync));
    }

    /// <summary>Every cell, then every agreement.</summary>
    public ImmutableArray<ConformanceCase> Cases { get; }

    /// <summary>Where the report is, and where cells leave their files.</summary>
    public string ReportFolder { get; }

    /// <summary>The run of an attribute's settings, the same for the same settings.</summary>
    public static SharedRun Get(ConformanceCellsAttribute settings) =>
        Runs.GetOrAdd(settings.Key, _ => new Lazy<SharedRun>(() => new SharedRun(settings))).Value;

    public async Task<CellLine> CellAsync(Cell cell)
    {
        var line = _cells[cell.Id].Task;
        // A run that fails as a whole fails every cell that it has not told of.
        var first = await Task.WhenAny(line, _run.Value).ConfigureAwait(false);
        if (first != line) await first.ConfigureAwait(false);
        return await line.ConfigureAwait(false);
    }

    /// <summary>What all runtimes together made of a cell's scenario.</summary>
    public async Task<Agreement> AgreementAsync(Cell cell)
    {
        if (await Task.WhenAny(_footer.Task, _run.Value).ConfigureAwait(false) != _footer.Task) await _run.Value.ConfigureAwait(false);
        return (await _footer.Task.ConfigureAwait(false)).Agreements.Single(
            a => a.Module == cell.Module.Id && a.Scenario == cell.Scenario.Id);
    }

    public void OnHeader(HeaderLine header, int cells)
    {
        _writer!.OnHeader(header, cells);
        TestContext.Progress.WriteLine($"{_settings.Modules}: {cells} cells; server: {header.Server.Hosting} ({header.Server.Why})");
    }

    public void OnCell(CellLine cell)
    {
        _writer!.OnCell(cell);
        _cells[cell.Id].SetResult(cell);
    }

    public void OnSize(SizeLine size) => _writer!.OnSize(size);

    public void OnFooter(FooterLine footer)
    {
        _writer!.OnFooter(footer);
        _footer.SetResult(footer);
    }

    private async Task RunAsync()
    {
        // A filter may have asked for a few cells only: the others need not end.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => End();
        var installation = Installation.Find();
        var choice = new ServerChoice(_settings.Server, ServerVariants.ByName[_settings.ServerVariant],
            0, Requirements.FromEnvironment.Contains(Requirements.Docker), installation.Root)
        {
            Waiting = new Waiting(TestContext.Progress.WriteLine, Requirements.ContainerLimit),
        };
        using var folder = FolderLock.Take(ReportFolder);
        using (_writer = ReportFormats.Begin(ReportFolder))
        {
            await using var server = await CounterServers.StartAsync(choice, _end.Token).ConfigureAwait(false);
            var options = new RunOptions
            {
                TimeLimit = TimeSpan.FromSeconds(_settings.TimeLimitSeconds),
                CacheFolder = ConformanceHome.Cache,
                ReportFolder = ReportFolder,
                Repro = installation.Repro,
            };
            await new MatrixRun(_plan, server, options, this).RunAsync(_end.Token).ConfigureAwait(false);
        }
    }

    private void End()
    {
        _end.Cancel();
        Task.WhenAny(_run.Value, Task.Delay(EndLimit)).GetAwaiter().GetResult();
    }
}
