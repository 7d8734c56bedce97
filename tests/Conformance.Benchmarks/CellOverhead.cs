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
using Wasmtime;

namespace Conformance.Benchmarks;

/// <summary>
/// counter-wat × wasmtime: what a cell costs in the harness (warm worker, embedded server, one job) over a bare loop that does the same
/// with the same library in one process: a store, an instance, eleven HTTP requests.
/// </summary>
public class CellOverhead
{
    private const int Cells = 500;

    /// <summary>A worker is a new process in each run: its code is compiled for good after some hundred cells.</summary>
    private const int WarmUpCells = 1000;

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
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
        using var engine = new global::Wasmtime.Engine();
        using var module = Module.FromFile(engine, _wasm);
        var counted = 0;
        for (var i = 0; i < Cells; i++)
        {
            var counter = new CounterKey($"bare {i}");
            var url = _server!.Url + counter.Prefix;
            using var linker = new Linker(engine);
            using var store = new Store(engine);
            linker.DefineFunction("env", "main.incrementCount", () => { Send(HttpMethod.Put, url + "/add"); });
            linker.DefineFunction("env", "main.getCount",
                () => int.Parse(Send(HttpMethod.Get, url + "/count"), CultureInfo.InvariantCulture));
            counted += linker.Instantiate(store, module).GetFunction<int>("run")!();
            _server.TakeJournalAsync(counter, default).GetAwaiter().GetResult();
        }

        return counted == 10 * Cells ? counted : throw new InvalidOperationException($"counted {counted}");
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

    /// <summary>The two as a ratio, and what the harness adds to a cell.</summary>
    public static void Print(Summary summary)
    {
        var bare = summary.Reports.First(
            r => r.BenchmarkCase.Descriptor.WorkloadMethod.Name == nameof(BareLoop)).ResultStatistics!.Median / 1e6;
        var harness = CellMilliseconds.Order().ElementAt(CellMilliseconds.Count / 2);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"per cell: bare loop {bare:0.000} ms, harness {harness:0.000} ms (warm worker), ratio {harness / bare:0.00}, overhead {harness - bare:0.000} ms"));
    }

    private string Send(HttpMethod method, string url)
    {
        using var request = new HttpRequestMessage(method, url);
        using var response = _client.Send(request);
        using var reader = new StreamReader(response.Content.ReadAsStream());
        return reader.ReadToEnd();
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
