using System.Diagnostics;
using System.Globalization;
using Conformance.CounterServer;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Engine.Servers;
using Conformance.Machine;
using Conformance.Manifests;
using Conformance.Model.Counters;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Wasm;

namespace Conformance.Benchmarks;

/// <summary>
/// counter-wat × a command: what a cell costs, with its eleven host calls by composition, over bare runs of the same command: on a module
/// that does nothing, and on the composed module itself, whose answers are there before it asks.
/// </summary>
internal static class ComposedCells
{
    private const int Cells = 60;
    private const int WarmUpCells = 5;

    /// <summary>What a composed guest reads first, and then for each host call: see HostCallModule of the command runtimes.</summary>
    private const int SecretBytes = 16, AnswerBytes = 16, Calls = 11;

    /// <summary>Measures and prints; says so where the command is not here.</summary>
    /// <param name="runtimeId">The runtime.</param>
    /// <param name="command">The command, but for the module; <c>{cache}</c> is a folder for what it compiles.</param>
    public static void Print(string runtimeId, params string[] command)
    {
        var folder = SessionFolder.Create("benchmark").FullName;
        command = [.. command.Select(argument => argument.Replace("{cache}", Path.Combine(folder, "compiled"), StringComparison.Ordinal))];
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
            server.Server, new RunOptions { Jobs = 1, CacheFolder = folder }, listener).RunAsync(default).GetAwaiter().GetResult();
        if (listener.Unavailable is { } reason)
        {
            Console.WriteLine($"per composed cell: {runtimeId} is unavailable: {reason}");
            return;
        }

        var empty = Path.Combine(folder, "empty.wasm");
        File.WriteAllBytes(empty, ImportModule.Write([], enterable: true)!);
        var composed = Directory.EnumerateFiles(folder, "counter-wat.wasm", SearchOption.AllDirectories).Single();
        var nothing = Median([.. command, empty], []);
        var bare = Median([.. command, composed], new byte[SecretBytes + Calls * AnswerBytes]);
        var cell = listener.Milliseconds.Skip(WarmUpCells).Order().ElementAt(Cells / 2);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"per composed cell: {runtimeId} with an empty module {nothing:0.0} ms, with the composed module by hand {bare:0.0} ms, a cell of eleven host calls {cell:0.0} ms, ratio {cell / bare:0.00}"));
        Measures.Add($"a composed cell on {runtimeId} over its composed module by hand", cell / bare);
    }

    private static double Median(string[] command, byte[] stdin) =>
        Enumerable.Range(0, Cells).Select(_ => Bare(command, stdin)).Order().ElementAt(Cells / 2);

    private static double Bare(string[] command, byte[] stdin)
    {
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        process.StandardInput.BaseStream.Write(stdin);
        process.StandardInput.Close();
        process.StandardOutput.ReadToEnd();
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
