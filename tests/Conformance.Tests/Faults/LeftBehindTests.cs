using System.Diagnostics;
using System.Net.NetworkInformation;
using Conformance.Engine.Running;
using Conformance.Engine.Servers;
using Conformance.Machine;
using Conformance.Model.Observations;
using Conformance.Reporting.Jsonl;
using Conformance.Tests.CommandLine;
using Conformance.Tests.Harness;
using Conformance.Tests.Runtimes;

namespace Conformance.Tests.Faults;

/// <summary>What workers and runs that were killed leave behind, and what they see of who started them.</summary>
[Category("faults")]
[TestFixture]
[NonParallelizable]
public sealed class LeftBehindTests
{
    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Category("Portable")]
    [TestCase("leaves-a-child")]
    [TestCase("leaves-a-child-that-hides")]
    public async Task A_child_that_left_its_workers_group_and_parent_is_found_and_ended(string behaviour)
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("only Linux tells the environment of other processes");
        if (behaviour == "leaves-a-child-that-hides" && ControlGroup.Absence is { } why) Assert.Ignore($"no control groups here: {why}");
        var cell = (await new RecordedRun().RunAsync(Fakes.Plan(Fakes.CounterC, Fakes.Runtime(_folder, behaviour)))).Cells.Single();
        Assert.That(cell.Verdict, Is.EqualTo(Verdict.Pass), cell.Run.Text);
        var child = int.Parse(cell.Run.Stderr.Text, System.Globalization.CultureInfo.InvariantCulture);
        await Processes.EndedAsync(child);
        Assert.That(Processes.IsRunning(child), Is.False);
    }

    [Category("Portable")]
    [Test]
    public async Task A_worker_sees_of_the_environment_what_it_needs_and_its_manifest_names()
    {
        using var matrix = new FakeMatrix("counter-a");
        matrix.Runtime("tells", "tells-its-environment");
        var manifest = Path.Combine(matrix.Sub("runtimes", "tells"), "runtime.toml");
        await File.WriteAllTextAsync(manifest, "environment = [\"MY_ENGINE_*\"]\n" + await File.ReadAllTextAsync(manifest));
        var environment = new Dictionary<string, string?>
        {
            ["MY_ENGINE_DIR"] = "/engine",
            ["SOMEBODYS_TOKEN"] = "a-secret",
            ["HTTP_PROXY"] = "http://127.0.0.1:9",
        };
        var result = await Command.RunAsync(environment, ["run", "--out", matrix.Sub("out"), .. matrix.Folders]);
        var report = await File.ReadAllTextAsync(matrix.Sub("out", "report.jsonl"));
        Assert.That(report, Does.Contain("MY_ENGINE_DIR=/engine").And.Contain("PATH=").And.Contain("DOTNET_EnableDiagnostics=0"), result.Error);
        Assert.That(report, Does.Not.Contain("SOMEBODYS_TOKEN").And.Not.Contain("HTTP_PROXY"));
    }

    /// <summary>What a guest in a loop could fill or start, and what it could leave of what it was given.</summary>
    [Category("Portable")]
    [Test]
    public async Task A_worker_has_limits_on_memory_files_dumps_and_processes()
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("only Linux lets one process limit another");
        var options = new RunOptions();
        var cell = (await new RecordedRun().RunAsync(
            Fakes.Plan(Fakes.CounterC, Fakes.Runtime(_folder, "tells-its-limits")), options)).Cells.Single();
        var limits = cell.Run.Stderr.Text.Split('\n').Where(line => line.StartsWith("Max ", StringComparison.Ordinal))
            .ToDictionary(line => line[..25].Trim(), line => line[25..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[..2]);
        // Of what is not limited lower by who runs this.
        Assert.That(limits["Max data size"].Select(long.Parse), Is.All.EqualTo(options.MemoryBytes + (1L << 30)));
        Assert.That(limits["Max file size"].Select(long.Parse), Is.All.EqualTo(1L << 30));
        Assert.That(limits["Max core file size"], Is.All.EqualTo("0"));
        Assert.That(limits["Max processes"].Select(long.Parse), Is.All.InRange(256, 20_000));
    }

    /// <summary>What a worker reaches is what the run has for it; its manifest can ask for more.</summary>
    [Category("Portable")]
    [Test]
    public Task A_worker_has_no_network_but_loopback() => ReachesOnlyTheServerAsync("embedded");

    [Test]
    public async Task A_worker_without_network_reaches_a_container()
    {
        if (await ContainerEngine.FindAsync(default) is null) Requirement.Missing("docker", "no container engine answers");
        await ReachesOnlyTheServerAsync("container");
    }

    [Category("Portable")]
    [Test]
    public async Task What_a_killed_run_left_is_removed_by_the_next_one_and_nobody_elses()
    {
        using var matrix = new FakeMatrix("counter-a", "counter-b");
        matrix.Runtime("steady", "counts");
        matrix.Runtime("stuck", "hangs");
        var temporary = Directory.CreateDirectory(matrix.Sub("tmp")).FullName;
        var environment = new Dictionary<string, string?> { ["TMPDIR"] = temporary };
        string[] Arguments(string name, string runtime) =>
            ["run", "-r", runtime, "--time-limit", "60", "--out", matrix.Sub(name), .. matrix.Folders];
        IReadOnlyList<(int Id, string Command)> left;
        using var living = await Command.StartAsync("pass ", environment, [.. Arguments("a", "*")]);
        using (var killed = await Command.StartAsync("pass ", environment, [.. Arguments("b", "*")]))
        {
            Assert.That(Directory.GetDirectories(temporary), Has.Length.EqualTo(2));
            left = Processes.Descendants(killed.Id);
            killed.Kill();
            await killed.EndAsync();
        }

        Assert.That((await Command.RunAsync(environment, Arguments("c", "steady"))).ExitCode, Is.Zero);
        foreach (var process in left) await Processes.EndedAsync(process.Id);
        Assert.That(Directory.GetDirectories(temporary), Has.Length.EqualTo(1), "the living one's stays");
        living.Interrupt();
        Assert.That((await living.EndAsync()).ExitCode, Is.EqualTo(130));
        Assert.That(Directory.GetFileSystemEntries(temporary), Is.Empty, "the debuggers' pipes of the killed one are swept too");
    }

    /// <summary>A guest that prints without end, until its time is up: what it prints is counted, and lies nowhere.</summary>
    [Test]
    public async Task Output_without_end_fills_nothing(
        [Values("wasmtime", "wasmer", "node", "node-cli", "wasmer-js", "wazero", "wamr")] string runtime)
    {
        var module = Guests.FromText(_folder, "floods", """
            (module (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 2)
              (func (export "_start")
                (i32.store (i32.const 0) (i32.const 64))
                (i32.store (i32.const 4) (i32.const 65536))
                (loop $on (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))) (br $on))))
            """);
        var most = 0L;
        using var stop = new CancellationTokenSource();
        var watching = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                most = Math.Max(most, Size(SessionFolder.Path));
                await Task.Delay(50);
            }
        });
        var run = await new RecordedRun().RunAsync(Fakes.Plan(module, Repository.Runtime(runtime)),
            new RunOptions { TimeLimit = TimeSpan.FromSeconds(2) });
        await stop.CancelAsync();
        await watching;
        Requirement.Present(run.Header!);
        Assert.That(run.Cells.Single().Verdict, Is.EqualTo(Verdict.TimedOut), run.Cells.Single().Run.Text);
        Assert.That(most, Is.LessThan(64L << 20), "bytes in the session's folder");
    }

    [Test]
    public async Task A_proxy_of_the_environment_is_not_asked_for_what_is_here()
    {
        await Servers.ContainerTests.RequireEngineAsync();
        // What is compiled for the image comes from elsewhere, where the proxy would be asked.
        await CounterServerImage.EnsureAsync(Repository.Root, Engine.Waiting.Silent, default);
        using var matrix = new FakeMatrix("counter-a");
        matrix.Runtime("steady", "counts");
        var environment = new Dictionary<string, string?>
        {
            ["HTTP_PROXY"] = "http://127.0.0.1:9",
            ["http_proxy"] = "http://127.0.0.1:9",
            ["ALL_PROXY"] = "http://127.0.0.1:9",
        };
        var result = await Command.RunAsync(environment, ["run", "--out", matrix.Sub("out"), .. matrix.Folders[..4], "--server", "container"]);
        Assert.That(result.ExitCode, Is.Zero, result.Error + result.Output);
        Assert.That(result.Output, Does.Contain("server: container"));
    }

    private static long Size(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Exists ? file.Length : 0);
        }
        catch (IOException)
        {
            // It changed while we looked.
            return 0;
        }
    }

    private static async Task ReachesOnlyTheServerAsync(string hosting)
    {
        if (LoopbackNetwork.Absence is { } why) Assert.Ignore($"this machine gives a process no network of its own: {why}");
        // Those of containers come and go.
        var machine = NetworkInterface.GetAllNetworkInterfaces()
            .Select(device => device.Name).Where(device => !device.StartsWith("veth", StringComparison.Ordinal));
        using var matrix = new FakeMatrix("counter-a");
        matrix.Runtime("alone", "tells-its-network");
        matrix.Runtime("trusted", "tells-its-network");
        var manifest = Path.Combine(matrix.Sub("runtimes", "trusted"), "runtime.toml");
        await File.WriteAllTextAsync(manifest, "network = \"machine\"\n" + await File.ReadAllTextAsync(manifest));
        var result = await Command.RunAsync(
            ["run", "--out", matrix.Sub("out"), .. matrix.Folders.Select(argument => argument == "embedded" ? hosting : argument)]);
        Assert.That(result.ExitCode, Is.Zero, result.Output + result.Error);
        var cells = ReportReader.Read(matrix.Sub("out", "report.jsonl")).Cells;
        Assert.That(cells.Select(cell => cell.Verdict), Is.All.EqualTo(Verdict.Pass));
        Assert.That(Devices("alone"), Is.EqualTo(new[] { "lo" }));
        Assert.That(Devices("trusted"), Is.SupersetOf(machine));

        string[] Devices(string runtime) =>
            [.. cells.Single(cell => cell.Runtime == runtime).Run.Stderr.Text.Split('\n').Order(StringComparer.Ordinal)];
    }
}
