using Conformance.Engine.Running;
using Conformance.Model.Manifests;
using Conformance.Model.Observations;
using Conformance.Tests.Harness;

namespace Conformance.Tests.Runtimes;

/// <summary>Many cells in one run.</summary>
[TestFixture]
public sealed class ScaleTests
{
    private const int Cells = 1000;

    /// <summary>Caches and the garbage collector settle in the first cells; what grows after them is a leak.</summary>
    private const int Settled = 300;

    private const long Slack = 32L << 20;

    [Test]
    public async Task A_thousand_cells_run_in_one_go_with_flat_memory_in_harness_and_worker()
    {
        var module = ModuleManifestReader.Read(Path.Combine(Repository.Modules, "counter-wat", ModuleManifestReader.FileName));
        module = module with { Scenarios = [.. Enumerable.Range(1, Cells).Select(i => module.Scenarios[0] with { Id = $"cell-{i}" })] };
        var wasmtime = RuntimeManifestReader.Read(Path.Combine(Repository.Runtimes, "wasmtime", RuntimeManifestReader.FileName));
        var memory = new Dictionary<int, (long Harness, long Worker)>();
        RecordedRun? run = null;
        run = new RecordedRun
        {
            AfterCell = _ =>
            {
                if (run!.Cells.Count is not (Settled or Cells)) return;
                var worker = Processes.Descendants(Environment.ProcessId).Single(p => p.Command.Contains("Conformance.Runtimes.Wasmtime"));
                memory[run.Cells.Count] = (GC.GetTotalMemory(forceFullCollection: true), Processes.Resident(worker.Id));
            },
        };
        await run.RunAsync(Fakes.Plan(module, wasmtime), new RunOptions { Jobs = 1 });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Cells.Count(c => c.Verdict == Verdict.Pass), Is.EqualTo(Cells));
            Assert.That(memory[Cells].Harness - memory[Settled].Harness, Is.LessThan(Slack), "the harness's managed memory grew");
            Assert.That(memory[Cells].Worker - memory[Settled].Worker, Is.LessThan(Slack), "the worker's resident memory grew");
        }
    }
}
