using Conformance.Engine.Running;
using Conformance.Manifests;
using Conformance.Model.Observations;
using Conformance.Tests.Harness;

namespace Conformance.Tests.Runtimes;

/// <summary>Many cells in one run.</summary>
[Category("Long")]
[TestFixture]
[NonParallelizable]
public sealed class ScaleTests
{
    /// <summary>Caches and the garbage collector settle in the first cells; what grows after them is a leak.</summary>
    private const int Settled = 300;

    private const long Slack = 32L << 20;

    [TestCase("wasmtime", "counter-wat", 1000)]
    [TestCase("wasmer", "counter-2022", 10_000)]
    public async Task Many_cells_run_in_one_go_with_flat_memory_in_harness_and_worker(string id, string moduleId, int cells)
    {
        var module = Repository.Module(moduleId);
        module = module with { Scenarios = [.. Enumerable.Range(1, cells).Select(i => module.Scenarios[0] with { Id = $"cell-{i}" })] };
        var runtime = Repository.Runtime(id);
        var memory = new Dictionary<int, (long Harness, long Worker, int Descriptors, int Threads)>();
        RecordedRun? run = null;
        run = new RecordedRun
        {
            AfterCell = _ =>
            {
                if (run!.Cells.Count != Settled && run.Cells.Count != cells) return;
                if (Processes.Descendants(Environment.ProcessId)
                    .FirstOrDefault(p => p.Command.Contains(runtime.Worker.Assembly!)) is not { Id: > 0 } worker)
                {
                    return;
                }

                memory[run.Cells.Count] = (
                    GC.GetTotalMemory(forceFullCollection: true),
                    Processes.Resident(worker.Id),
                    Directory.GetFiles($"/proc/{worker.Id}/fd").Length,
                    Directory.GetDirectories($"/proc/{worker.Id}/task").Length);
            },
        };
        await run.RunAsync(Fakes.Plan(module, runtime), new RunOptions { Jobs = 1 });
        Requirement.Present(run.Header!);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Cells.Count(c => c.Verdict == Verdict.Pass), Is.EqualTo(cells));
            Assert.That(memory[cells].Harness - memory[Settled].Harness, Is.LessThan(Slack), "the harness's managed memory grew");
            Assert.That(memory[cells].Worker - memory[Settled].Worker, Is.LessThan(Slack), "the worker's resident memory grew");
            Assert.That(memory[cells].Descriptors - memory[Settled].Descriptors, Is.LessThan(10), "the worker's open files grew");
            Assert.That(memory[cells].Threads - memory[Settled].Threads, Is.LessThan(10), "the worker's threads grew");
        }
    }
}
