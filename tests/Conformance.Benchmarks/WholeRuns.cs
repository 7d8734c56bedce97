using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Conformance.Engine.Planning;
using Conformance.Machine;

namespace Conformance.Benchmarks;

/// <summary>
/// Whole commands, as a shell starts them, with everything kept that earlier runs keep: the matrix over what its engines measured of
/// themselves, and a run of one cell over the start of a .NET program that does nothing.
/// </summary>
internal static class WholeRuns
{
    private const int Starts = 7;

    /// <summary>Measures and prints.</summary>
    public static void Print()
    {
        var folder = SessionFolder.Create("benchmark");
        var output = Path.Combine(folder.FullName, "report");
        Milliseconds(Cli, "run", "--server", "embedded", "--out", output);
        var matrix = Milliseconds(Cli, "run", "--server", "embedded", "--out", output);
        var cells = File.ReadLines(Path.Combine(output, "report.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.GetProperty("type").ValueEquals("cell") && line.GetProperty("verdict").GetString() is "pass" or "xfail")
            .ToList();
        var engines = cells.SelectMany(cell => cell.GetProperty("timingsMs").EnumerateObject())
            .Where(step => step.Value.ValueKind == JsonValueKind.Number).Sum(step => step.Value.GetDouble());
        var jobs = Environment.ProcessorCount;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"matrix, second run: {cells.Count} cells that ran on {cells.DistinctBy(cell => cell.GetProperty("runtime").GetString()).Count()} runtimes in {matrix / 1000:0.0} s; engines' own steps {engines / 1000:0.0} s in {jobs} jobs, ratio {matrix / (engines / jobs):0.00}"));
        Measures.Add("the matrix over its engines' own steps", matrix / (engines / jobs));

        string[] one = ["run", "--server", "embedded", "-m", "counter-wat", "-r", "wasmtime", "--out", output];
        var cell = Median(() => Milliseconds(Cli, one));
        var nothing = Median(() => Milliseconds(Program("Conformance.CounterServer"), "--nothing"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"one cell, from its start to its end: {cell:0} ms; a .NET program that does nothing {nothing:0} ms, ratio {cell / nothing:0.0}"));
        Measures.Add("one cell over a .NET program that does nothing", cell / nothing);
    }

    /// <summary>The command, beside which this is built.</summary>
    public static string Cli => Program("Conformance.Cli");

    /// <summary>Programs of a checkout are built side by side.</summary>
    private static string Program(string name) =>
        Path.Combine(Installation.Find().Root, "artifacts", "bin", name, "release", name + ".dll");

    private static double Median(Func<double> measure) => Enumerable.Range(0, Starts).Select(_ => measure()).Order().ElementAt(Starts / 2);

    private static double Milliseconds(string program, params string[] arguments)
    {
        var started = Stopwatch.GetTimestamp();
        var run = ToolRun.Run("dotnet", [program, .. arguments], new Dictionary<string, string> { ["CONFORMANCE_OFFLINE"] = "1" });
        var took = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return run.Exit == 0 || program != Cli ? took : throw new InvalidOperationException(run.Words);
    }
}
