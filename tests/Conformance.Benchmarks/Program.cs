using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Conformance.Benchmarks;

if (args is [BareLoop.Argument, var server, var wasm, var warmUp, var cells])
    return BareLoop.RunHere(server, wasm, int.Parse(warmUp, CultureInfo.InvariantCulture), int.Parse(cells, CultureInfo.InvariantCulture));

string? file = null;
if (args is [Measures.Option, var named, .. var others]) (file, args) = (named, others);

// In this process: the harness finds its workers beside the program that it was built with.
var config = ManualConfig.CreateEmpty()
    .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance)
        .WithLaunchCount(1).WithWarmupCount(2).WithIterationCount(8).WithInvocationCount(1).WithUnrollFactor(1))
    .AddColumnProvider(DefaultColumnProviders.Instance)
    .AddLogger(ConsoleLogger.Default)
    .WithArtifactsPath(Path.Combine(AppContext.BaseDirectory, "results"));
var overhead = BenchmarkRunner.Run<CellOverhead>(config, args);
CellOverhead.Print(overhead);
var summaries = new List<Summary> { overhead };
WholeRuns.Print();
ScaleRuns.Print();
ComposedCells.Print("node-cli", "node", "--no-warnings",
    Path.Combine(Conformance.Engine.Planning.Installation.Find().Runtimes, "node-cli", "run.mjs"));
ComposedCells.Print("wazero", "wazero", "run", "-cachedir={cache}");
if (WasmerCalls.Missing is { } missing)
{
    Console.WriteLine($"per host call: not measured: {missing}");
}
else
{
    var calls = BenchmarkRunner.Run<WasmerCalls>(config, args);
    WasmerCalls.Print(calls);
    summaries.Add(calls);
}

if (file is not null) Measures.Write(file);
return summaries.TrueForAll(summary => summary.Reports.All(report => report.Success)) ? 0 : 1;
