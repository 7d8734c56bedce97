using System.Diagnostics;
using System.Globalization;
using Conformance.CounterServer;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Engine.Servers;
using Conformance.Manifests;
using Conformance.Model.Counters;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Wasm;

namespace Conformance.Benchmarks;

/// <summary>
/// counter-wat × a command: what a cell costs, with its eleven host calls by composition, over bare runs of the same command on a module
/// that does nothing.
/// </summary>
internal static class ComposedCells
{
    private const int Cells = 60;
    private const int WarmUpCells = 5;

    /// <summary>Measures and prints; says so where the command is not here.</summary>
    public static void Print(string runtimeId, params string[] command)
    {
        var installation = Installation.Find();
        using var server = new Disposed(EmbeddedCounterServer.StartAsync(ServerVariant.Correct, 0, null, default).GetAwaiter().GetResult());
        var module = ModuleManifestReader.Read(Path.Combine(installation.Modules, "counter-wat", ModuleManifestReader.FileName));
        module = module with
        {
            Scenarios = [.. Enumerable.Range(1, WarmUpCells + Cells).Select(i => module.Scenarios[0] with { Id = $"cell-{i}" })],
        };
        var runtime = RuntimeManifestReader.Read(Path.Combine(installation.Runtimes, runtimeId, RuntimeManifestReader.FileName));
        var listener = new Timed();
        new MatrixRun(new Plan([module], [runtime], [.. module.Scenarios.Select(scenario => new Cell(module, scenario, runtime))]),
            server.Server, new RunOptions { Jobs = 1 }, listener).RunAsync(default).GetAwaiter().GetResult();
        if (listener.Unavailable is { } reason)
        {
            Console.WriteLine($"per composed cell: {runtimeId} is unavailable: {reason}");
            return;
        }

        var empty = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(empty, ImportModule.Write([], enterable: true)!);
            var bare = Enumerable.Range(0, Cells).Select(_ => Bare([.. command, empty])).Order().ElementAt(Cells / 2);
            var cell = listener.Milliseconds.Skip(WarmUpCells).Order().ElementAt(Cells / 2);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"per composed cell: {runtimeId} with an empty module {bare:0.0} ms, a cell of eleven host calls {cell:0.0} ms, ratio {cell / bare:0.00}"));
            Measures.Add($"a composed cell on {runtimeId} over an empty module", cell / bare);
        }
        finally
        {
            File.Delete(empty);
        }
    }

    private static double Bare(string[] command)
    {
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)))!;
        process.WaitForExit();
        return process.ExitCode == 0 ? Stopwatch.GetElapsedTime(started).TotalMilliseconds : throw new InvalidOperationException(
            $"{command[0]} ended with exit code {process.ExitCode}");
    }

    private sealed record Disposed(EmbeddedCounterServer Server) : IDisposable
    {
        public void Dispose() => Server.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private sealed class Timed : IReportListener
    {
        private long _last = Stopwatch.GetTimestamp();

        public List<double> Milliseconds { get; } = [];

        public string? Unavailable { get; private set; }

        public void OnHeader(HeaderLine header, int cells)
        {
            Unavailable = header.Runtimes[0].Unavailable?.Reason;
            _last = Stopwatch.GetTimestamp();
        }

        public void OnCell(CellLine cell)
        {
            if (Unavailable is null && cell.Verdict != Verdict.Pass)
                throw new InvalidOperationException($"{cell.Verdict}: {cell.Run.Text}");
            Milliseconds.Add(Stopwatch.GetElapsedTime(_last).TotalMilliseconds);
            _last = Stopwatch.GetTimestamp();
        }
    }
}
