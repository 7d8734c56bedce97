using System.Diagnostics;
using System.Globalization;
using System.Text;
using Conformance.Engine.Planning;
using Conformance.Machine;
using Conformance.Manifests;

namespace Conformance.Benchmarks;

/// <summary>
/// counter-wat on Wasmtime a thousand and a hundred thousand times, by the command: what a cell costs in a large run over one in a small
/// run, and the most that the harness's process had resident.
/// </summary>
internal static class ScaleRuns
{
    /// <summary>A manifest has four megabytes at the most.</summary>
    private const int CellsOfModule = 10_000;

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    /// <summary>Measures and prints.</summary>
    public static void Print()
    {
        var folder = SessionFolder.Create("benchmark");
        var few = Run(folder.FullName, 1_000);
        var many = Run(folder.FullName, 100_000);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"many cells: 1,000 in {few.Seconds:0.0} s and {few.Megabytes:0} MB, 100,000 in {many.Seconds:0.0} s and {many.Megabytes:0} MB; per cell over that of the small run {many.Seconds / 100 / few.Seconds:0.00}"));
        Measures.Add("a cell of 100,000 over one of 1,000", many.Seconds / 100 / few.Seconds);
        Measures.Add("100,000 cells, MB", many.Megabytes);
    }

    private static (double Seconds, double Megabytes) Run(string folder, int cells)
    {
        var modules = Path.Combine(folder, cells.ToString(CultureInfo.InvariantCulture));
        for (var first = 0; first < cells; first += CellsOfModule) Write(modules, first, Math.Min(CellsOfModule, cells - first));
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo("dotnet", [WholeRuns.Cli, "run", "--server", "embedded", "-r", "wasmtime",
            "--modules-dir", modules, "--out", Path.Combine(folder, "report")])
        {
            // Its own folder: what a configuration there would add is not asked for.
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var most = 0L;
        while (!process.WaitForExit(LookAgain))
        {
            process.Refresh();
            most = Math.Max(most, process.PeakWorkingSet64);
        }

        return process.ExitCode == 0 ? (Stopwatch.GetElapsedTime(started).TotalSeconds, most / 1e6)
            : throw new InvalidOperationException(output.GetAwaiter().GetResult());
    }

    private static void Write(string modules, int first, int count)
    {
        var source = Path.Combine(Installation.Find().Modules, "counter-wat");
        var folder = Directory.CreateDirectory(Path.Combine(modules, $"cells-{first}")).FullName;
        File.Copy(Path.Combine(source, "counter-wat.wasm"), Path.Combine(folder, "counter-wat.wasm"));
        var manifest = File.ReadAllText(Path.Combine(source, ModuleManifestReader.FileName));
        var text = new StringBuilder(manifest[..manifest.IndexOf("[[scenarios]]", StringComparison.Ordinal)]);
        for (var i = 0; i < count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"[[scenarios]]\nid = \"cell-{first + i}\"\n")
                .Append("[scenarios.expect]\ncounts = 10\nresult = \"10\"\n");
        }

        File.WriteAllText(Path.Combine(folder, ModuleManifestReader.FileName), text.ToString());
    }
}
