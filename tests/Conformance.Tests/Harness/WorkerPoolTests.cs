using System.Diagnostics;
using Conformance.Engine.Running;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;

namespace Conformance.Tests.Harness;

/// <summary>Workers that are kept from one run to the next.</summary>
[Category("Portable")]
[TestFixture]
public sealed class WorkerPoolTests
{
    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task The_next_run_has_the_worker_of_the_last_one_and_another_where_that_has_failed()
    {
        // A second cell ends this worker.
        var runtime = Fakes.Runtime(_folder, "exits-at-second-run");
        await using var pool = new WorkerPool();
        Assert.That(
            (await RunAsync(runtime, pool), await RunAsync(runtime, pool), await RunAsync(runtime, pool), await RunAsync(runtime, null)),
            Is.EqualTo((Verdict.Pass, Verdict.Crashed, Verdict.Pass, Verdict.Pass)));
    }

    [Test]
    public async Task One_that_ended_while_it_was_kept_is_replaced()
    {
        var runtime = Fakes.Runtime(_folder, "is-kept");
        await using var pool = new WorkerPool();
        var first = await RunAsync(runtime, pool);
        using var kept = Process.GetProcessById(
            Processes.Descendants(Environment.ProcessId).Single(process => process.Command.Contains(" is-kept ")).Id);
        kept.Kill();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        // Of a child, this process knows it then.
        await kept.WaitForExitAsync(limit.Token);
        Assert.That((first, await RunAsync(runtime, pool)), Is.EqualTo((Verdict.Pass, Verdict.Pass)));
    }

    [Test]
    public async Task One_that_was_begun_is_the_next_runs_and_one_for_nobody_ends()
    {
        var (runtime, other) = (Fakes.Runtime(_folder, "is-begun"), Fakes.Runtime(_folder, "is-begun-for-nobody"));
        await using (var pool = new WorkerPool())
        {
            pool.Begin([runtime, other], new RunOptions());
            Assert.That(await RunAsync(runtime, pool), Is.EqualTo(Verdict.Pass));
            Assert.That(Processes.Descendants(Environment.ProcessId).Where(process => process.Command.Contains(" is-begun ")),
                Has.Exactly(1).Items);
        }

        Assert.That(Processes.Descendants(Environment.ProcessId).Where(process => process.Command.Contains(" is-begun")), Is.Empty);
    }

    [Test]
    public async Task One_that_could_not_be_begun_is_told_as_if_it_was_started_then()
    {
        await using var pool = new WorkerPool();
        var (absent, broken) = (Fakes.Runtime(_folder, "is-unavailable"), Fakes.Runtime(_folder, "dies-at-start"));
        pool.Begin([absent, broken], new RunOptions());
        Assert.That((await RunAsync(absent, pool), await RunAsync(broken, pool)), Is.EqualTo((Verdict.Unavailable, Verdict.Crashed)));
    }

    [Test]
    public async Task None_is_left_when_it_is_disposed()
    {
        await using (var pool = new WorkerPool()) await RunAsync(Fakes.Runtime(_folder, "is-left"), pool);
        Assert.That(Processes.Descendants(Environment.ProcessId).Where(process => process.Command.Contains(" is-left ")), Is.Empty);
    }

    private static async Task<Verdict> RunAsync(RuntimeManifest runtime, WorkerPool? pool) =>
        (await new RecordedRun().RunAsync(Fakes.Plan(Fakes.CounterC, runtime), new RunOptions { Workers = pool })).Cells.Single().Verdict;
}
