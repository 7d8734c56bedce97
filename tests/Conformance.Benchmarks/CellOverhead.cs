using System.Globalization;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Reports;
using Conformance.CounterServer;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Engine.Servers;
using Conformance.Manifests;
using Conformance.Model.Counters;
using Conformance.Model.Observations;
using Conformance.Model.Reports;

namespace Conformance.Benchmarks;

/// <summary>
/// counter-wat × wasmtime: what a cell costs in the harness (warm worker, embedded server, one job) over a bare loop that does the same
/// with the same library: a store, an instance, eleven HTTP requests. The loop is in the server's process once, and once in another than
/// the server, as a worker is: requests that cross from one process to another are no cost of the harness.
/// </summary>
public class CellOverhead
{
    private const int Cells = 500;

    /// <summary>A worker is a new process in each run: its code is compiled for good after some hundred cells.</summary>
    private const int WarmUpCells = 1000;

    private EmbeddedCounterServer? _server;
    private Plan? _plan;
    private string _wasm = "";

    [GlobalSetup]
    public void Start()
    {
        var installation = Installation.Find();
        _server = EmbeddedCounterServer.StartAsync(ServerVariant.Correct, 0, null, default).GetAwaiter().GetResult();
        var module = ModuleManifestReader.Read(Path.Combine(installation.Modules, "counter-wat", ModuleManifestReader.FileName));
        module = module with
        {
            Scenarios = [.. Enumerable.Range(1, WarmUpCells + Cells).Select(i => module.Scenarios[0] with { Id = $"cell-{i}" })],
        };
        var runtime = RuntimeManifestReader.Read(Path.Combine(installation.Runtimes, "wasmtime", RuntimeManifestReader.FileName));
        _plan = new Plan([module], [runtime], [.. module.Scenarios.Select(scenario => new Cell(module, scenario, runtime))]);
        _wasm = module.WasmPath;
    }

    [GlobalCleanup]
    public void Stop() => _server!.DisposeAsync().AsTask().GetAwaiter().GetResult();

    [Benchmark(Baseline = true, OperationsPerInvoke = Cells)]
    public int BareLoop()
    {
        new BareLoop(_server!.Url, _wasm).Run(Cells);
        Forget(Cells);
        return Cells;
    }

    /// <summary>As <see cref="BareLoop"/>, in a process of its own that is warm.</summary>
    [Benchmark(OperationsPerInvoke = Cells)]
    public double BareProcess()
    {
        var milliseconds = Benchmarks.BareLoop.RunElsewhere(_server!.Url, _wasm, WarmUpCells, Cells);
        Forget(WarmUpCells + Cells);
        BareMilliseconds.Add(milliseconds);
        return milliseconds;
    }

    /// <summary>
    /// The whole run, the worker's start and warm-up in it; <see cref="Print"/> gives what a cell of a warm worker takes.
    /// </summary>
    [Benchmark(OperationsPerInvoke = WarmUpCells + Cells)]
    public int Harness()
    {
        var listener = new Counted();
        new MatrixRun(_plan!, _server!, new RunOptions { Jobs = 1 }, listener).RunAsync(default).GetAwaiter().GetResult();
        CellMilliseconds.Add(listener.MillisecondsPerCell);
        return listener.Passed == WarmUpCells + Cells
            ? listener.Passed : throw new InvalidOperationException($"{listener.Passed} of {WarmUpCells + Cells} passed");
    }

    private static List<double> CellMilliseconds { get; } = [];

    private static List<double> BareMilliseconds { get; } = [];

    /// <summary>The two as a ratio, and what the harness adds to a cell.</summary>
    public static void Print(Summary summary)
    {
        var bare = summary.Reports.First(
            r => r.BenchmarkCase.Descriptor.WorkloadMethod.Name == nameof(BareLoop)).ResultStatistics!.Median / 1e6;
        var harness = CellMilliseconds.Order().ElementAt(CellMilliseconds.Count / 2);
        var process = BareMilliseconds.Order().ElementAt(BareMilliseconds.Count / 2);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"per cell: bare loop {bare:0.000} ms, harness {harness:0.000} ms (warm worker), ratio {harness / bare:0.00}, overhead {harness - bare:0.000} ms"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"per cell: bare loop in another process than the server {process:0.000} ms, harness {harness:0.000} ms, ratio {harness / process:0.00}, overhead {harness - process:0.000} ms"));
        Measures.Add("a cell over a bare loop in its process", harness / bare);
        Measures.Add("a cell over a bare loop in another process", harness / process);
    }

    /// <summary>The server is to know no more counters than a run leaves it.</summary>
    private void Forget(int cells)
    {
        for (var i = 0; i < cells; i++) _server!.TakeJournalAsync(Benchmarks.BareLoop.Counter(i), default).GetAwaiter().GetResult();
    }

    private sealed class Counted : IReportListener
    {
        private long _warm;
        private long _last;
        private int _cells;

        public int Passed { get; private set; }

        public double MillisecondsPerCell =>
            System.Diagnostics.Stopwatch.GetElapsedTime(_warm, _last).TotalMilliseconds / (_cells - WarmUpCells);

        public void OnCell(CellLine cell)
        {
            _last = System.Diagnostics.Stopwatch.GetTimestamp();
            if (++_cells == WarmUpCells) _warm = _last;
            if (cell.Verdict == Verdict.Pass) Passed++;
        }
    }
}
