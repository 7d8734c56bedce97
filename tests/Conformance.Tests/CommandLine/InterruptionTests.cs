using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Engine.Servers;
using Conformance.Manifests;
using Conformance.Model.Counters;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Reporting.Jsonl;
using Conformance.Tests.Harness;
using Conformance.Tests.Servers;

namespace Conformance.Tests.CommandLine;

/// <summary>Whatever ends in the middle of a run: no finished cell is lost, and nothing is left running.</summary>
[TestFixture]
[NonParallelizable]
public sealed class InterruptionTests
{
    private const string Endless =
        """(module (memory (export "memory") 1) (func (export "_start")) (func (export "spin") (loop $l (br $l))))""";

    private readonly TemporaryFolder _folder = new();

    [OneTimeSetUp]
    public void WriteModule() => Runtimes.Guests.FromText(_folder, "endless", Endless, rest: """
        [[scenarios]]
        id = "first"
        [scenarios.expect]
        exit = 0
        [[scenarios]]
        id = "second"
        entry = "spin"
        time-limit = 600
        [scenarios.expect]
        """);

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase("wasmtime", "embedded")]
    [TestCase("chromium", "embedded")]
    [TestCase("wasmtime", "container")]
    public async Task Ctrl_c_stops_leaving_a_readable_report_and_nothing_else(string runtime, string server)
    {
        if (server == "container") await ContainerTests.RequireEngineAsync();
        using var command = await StartAsync(runtime, server);
        var workers = Processes.Descendants(command.Id);
        command.Interrupt();
        var result = await command.EndAsync();
        await AssertNothingLeftAsync(workers);
        Assert.That(result.ExitCode, Is.EqualTo(130), result.Error);
        Assert.That(result.Error, Is.EqualTo("conformance: stopped; the report holds what was observed until then, without a footer\n"));
        AssertFirstCellKept(runtime, server);
    }

    [TestCase("wasmtime", "embedded")]
    [TestCase("node-cli", "embedded")]
    [TestCase("chromium", "embedded")]
    [TestCase("wasmtime", "container")]
    public async Task A_killed_harness_leaves_what_it_saw_and_no_process_or_container(string runtime, string server)
    {
        var engine = server == "container" ? await ContainerTests.RequireEngineAsync() : null;
        using var command = await StartAsync(runtime, server);
        var workers = Processes.Descendants(command.Id);
        var containers = engine is null ? [] : await ContainerTests.OfAsync(engine, command.Id);
        Assert.That(workers, Is.Not.Empty);
        command.Kill();
        await AssertNothingLeftAsync(workers);
        if (engine is not null)
        {
            Assert.That(containers, Is.Not.Empty);
            foreach (var container in containers) await ContainerTests.RemovedAsync(engine, container);
        }

        AssertFirstCellKept(runtime, server);
    }

    [TestCase("wasmtime", "Conformance.Runtimes.Wasmtime")]
    [TestCase("wamr", "Conformance.Runtimes.Wamr")]
    [TestCase("lucet", "Conformance.Runtimes.Lucet")]
    [TestCase("node-cli", "Conformance.Runtimes.Command")]
    [TestCase("chromium", "Conformance.Runtimes.Browser")]
    [TestCase("chromium", "--remote-debugging-pipe")]
    public async Task A_killed_worker_or_browser_costs_one_cell(string runtime, string program)
    {
        var module = Repository.Module("counter-wat");
        module = module with { Scenarios = [.. Enumerable.Range(1, 6).Select(i => module.Scenarios[0] with { Id = $"cell-{i}" })] };
        RecordedRun? run = null;
        run = new RecordedRun
        {
            AfterCell = _ =>
            {
                if (run!.Cells.Count != 2 || run.Header!.Runtimes[0].Unavailable is not null) return;
                // The children of the program first seen are its own; the program itself is what dies.
                var victim = Processes.Descendants(Environment.ProcessId)
                    .First(p => p.Command.Contains(program) && !p.Command.Contains("--type=") && !p.Command.StartsWith("/bin/sh"));
                Processes.Signal(victim.Id, Processes.SigKill);
            },
        };
        await run.RunAsync(Fakes.Plan(module, Runtime(runtime)), new RunOptions { Jobs = 1 });
        Requirement.Present(run.Header!);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Cells, Has.Count.EqualTo(6));
            Assert.That(run.Cells.Count(c => c.Verdict == Verdict.Crashed),
                Is.EqualTo(1), string.Join(' ', run.Cells.Select(c => c.Verdict)));
            Assert.That(run.Cells.Count(c => c.Verdict == Verdict.Pass), Is.EqualTo(5));
            Assert.That(run.Footer!.Complete, Is.True);
        }
    }

    [Test]
    public async Task A_killed_container_loses_no_finished_cell()
    {
        var engine = await ContainerTests.RequireEngineAsync();
        var module = Repository.Module("counter-wat");
        module = module with { Scenarios = [.. Enumerable.Range(1, 4).Select(i => module.Scenarios[0] with { Id = $"cell-{i}" })] };
        await using var server = await ContainerCounterServer.StartAsync(engine,
            Repository.Root, ServerVariant.Correct, 0, null, Engine.Waiting.Silent, default);
        RecordedRun? run = null;
        run = new RecordedRun
        {
            AfterCell = _ => { if (run!.Cells.Count == 2) ContainerTests.KillAsync(engine, server.ContainerId).Wait(); },
        };
        await new MatrixRun(Fakes.Plan(module, Runtime("wasmtime")), server, new RunOptions { Jobs = 1 }, run).RunAsync(default);
        Assert.That(run.Cells.Select(c => (c.Verdict, c.Observation.Counts.Server)),
            Is.All.EqualTo((Verdict.Pass, (long?)10)), "it is started again, and the cells that it was lost under are run again");
        Assert.That(server.Restarts, Is.EqualTo(1));
    }

    private static Model.Runtimes.RuntimeManifest Runtime(string id) =>
        Repository.Runtime(id);

    private static async Task AssertNothingLeftAsync(IEnumerable<(int Id, string Command)> processes)
    {
        foreach (var process in processes) await Processes.EndedAsync(process.Id);
        var left = processes.Where(p => Directory.Exists($"/proc/{p.Id}") && Processes.IsRunning(p.Id)).ToList();
        Assert.That(left, Is.Empty);
    }

    private void AssertFirstCellKept(string runtime, string server)
    {
        var report = ReportReader.Read(_folder.Sub($"out-{runtime}-{server}", ReportWriter.FileName));
        Assert.That(report.Footer, Is.Null);
        Assert.That(report.Cells.Select(c => (c.Scenario, c.Verdict)), Is.EqualTo(new[] { ("first", Verdict.Pass) }));
    }

    private async Task<Command> StartAsync(string runtime, string server)
    {
        var command = await Command.StartAsync(
            "first", "run", "--modules-dir", _folder.Sub("modules"),
                "-r", runtime, "--server", server, "--jobs", "1", "--out", _folder.Sub($"out-{runtime}-{server}"));
        return command;
    }
}
