using System.Collections.Concurrent;
using Conformance.CounterServer;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Engine.Servers;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Terminal;

namespace Conformance.Matrix;

/// <summary>One run of the whole matrix that the tests of its cells wait for.</summary>
internal sealed class SharedRun : IReportListener, IAsyncDisposable
{
    private readonly Checkout _checkout = Checkout.Find();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<CellLine>> _cells = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource<FooterLine> _footer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _end = new();
    private readonly Lazy<Task> _run;

    public SharedRun()
    {
        Plan = Plan.Load(_checkout.Modules, _checkout.Runtimes, CellFilter.Everything);
        foreach (var cell in Plan.Cells) _cells[cell.Id] = new TaskCompletionSource<CellLine>(TaskCreationOptions.RunContinuationsAsynchronously);
        _run = new Lazy<Task>(() => Task.Run(RunAsync));
    }

    public Plan Plan { get; }

    /// <summary>Where cells leave their files.</summary>
    public string ReportFolder => Path.Combine(_checkout.Root, "artifacts", "matrix");

    public async Task<CellLine> CellAsync(Cell cell)
    {
        var line = _cells[cell.Id].Task;
        // A run that fails as a whole fails every cell that it has not told of.
        var first = await Task.WhenAny(line, _run.Value);
        if (first != line) await first;
        return await line;
    }

    /// <summary>What all runtimes together made of a module's scenario.</summary>
    public async Task<Agreement> AgreementAsync(string module, string scenario)
    {
        if (await Task.WhenAny(_footer.Task, _run.Value) != _footer.Task) await _run.Value;
        return (await _footer.Task).Agreements.Single(a => a.Module == module && a.Scenario == scenario);
    }

    /// <summary>All that is known of a cell, as <c>conformance repro</c> shows it.</summary>
    public static string Describe(CellLine cell) => PlainText.Of(view =>
    {
        view.WriteUnexpected([cell]);
        view.WriteCell(cell);
    });

    public void OnHeader(HeaderLine header, int cells) => TestContext.Progress.WriteLine($"matrix: {cells} cells; server: {header.Server.Hosting} ({header.Server.Why})");

    public void OnCell(CellLine cell) => _cells[$"{cell.Module}/{cell.Scenario}/{cell.Runtime}"].SetResult(cell);

    public void OnFooter(FooterLine footer) => _footer.SetResult(footer);

    public async ValueTask DisposeAsync()
    {
        if (_run.IsValueCreated)
        {
            // A filter may have asked for a few cells only: the others need not end.
            await _end.CancelAsync();
            await _run.Value.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _end.Dispose();
    }

    private async Task RunAsync()
    {
        var choice = new ServerChoice("auto", ServerVariant.Correct, 0, Requirements.FromEnvironment.Contains(Requirements.Docker), _checkout.Root);
        await using var server = await CounterServers.StartAsync(choice, _end.Token);
        await new MatrixRun(Plan, server, new RunOptions { ReportFolder = ReportFolder }, this).RunAsync(_end.Token);
    }
}
