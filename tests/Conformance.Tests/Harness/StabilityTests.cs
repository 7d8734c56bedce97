using System.Text.Json;
using Conformance.Engine.Running;
using Conformance.Model;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Reports;

namespace Conformance.Tests.Harness;

/// <summary>
/// Cells that are run more than once: one that changes its mind is flaky, with both observations, and nothing makes it a pass.
/// </summary>
[Category("Portable")]
[TestFixture]
public sealed class StabilityTests
{
    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task What_is_always_so_keeps_its_verdict_and_says_how_often_it_was_run()
    {
        var cell = await RunAsync("counts", new RunOptions { Repeat = 5, RetryUnexpected = 7 });
        Assert.That((cell.Verdict, cell.Attempts, cell.Other), Is.EqualTo((Verdict.Pass, 5, (OtherObservation?)null)));
    }

    [Test]
    public async Task A_failure_that_is_always_so_stays_one()
    {
        var cell = await RunAsync("lies-about-counts", new RunOptions { RetryUnexpected = 2 });
        Assert.That((cell.Verdict, cell.Attempts), Is.EqualTo((Verdict.Fail, 3)));
    }

    [Test]
    public async Task A_cell_that_passes_when_it_is_tried_again_is_flaky_with_both_observations()
    {
        var run = await RunAllAsync("lies-at-first", new RunOptions { RetryUnexpected = 3 });
        var cell = run.Cells.Single();
        Assert.That((cell.Verdict, cell.Attempts, cell.Observation.Counts.Guest), Is.EqualTo((Verdict.Flaky, 2, (long?)11)));
        Assert.That((cell.Other!.Attempt, cell.Other.Verdict, cell.Other.Observation.Counts),
            Is.EqualTo((2, Verdict.Pass, new Counts(10, 10, 10))));
        Assert.That(cell.Verdict.IsUnexpected(), Is.True);
        Assert.That(cell.Departures.Select(d => d.What), Is.EqualTo(new[] { "counts", "stdout" }), "those of the first");
        var agreement = run.Footer!.Agreements.Single();
        Assert.That((agreement.Result, agreement.Sentence), Is.EqualTo((AgreementResult.Poisoned,
            "not comparable: lies-at-first is flaky (the guest read 11, the host sent 10, the server counted 10, then counted 10 three ways): what changes from one time to the next can't be held against another runtime")));

        var read = JsonSerializer.Deserialize(JsonSerializer.Serialize(cell, ModelJson.Readable.CellLine), ModelJson.Readable.CellLine)!;
        Assert.That((read.Verdict, read.Other!.Observation.Counts), Is.EqualTo((Verdict.Flaky, new Counts(10, 10, 10))));
    }

    [Test]
    public async Task Without_a_retry_a_failure_is_a_failure() =>
        Assert.That((await RunAsync("lies-at-first", new RunOptions())).Verdict, Is.EqualTo(Verdict.Fail));

    [Test]
    public async Task A_pass_is_not_tried_again_but_repeated()
    {
        Assert.That((await RunAsync("lies-now-and-then", new RunOptions { RetryUnexpected = 9 })).Attempts, Is.EqualTo(1));
        var cell = await RunAsync("lies-now-and-then", new RunOptions { Repeat = 9 });
        Assert.That((cell.Verdict, cell.Attempts, cell.Other!.Verdict), Is.EqualTo((Verdict.Flaky, 3, Verdict.Fail)));
    }

    [Test]
    public async Task A_runtime_that_is_not_there_is_asked_once()
    {
        var cell = await RunAsync("is-unavailable", new RunOptions { Repeat = 5 });
        Assert.That((cell.Verdict, cell.Attempts), Is.EqualTo((Verdict.Unavailable, 1)));
    }

    [Test]
    public async Task A_seed_gives_an_order_of_its_own_the_same_each_time_and_the_report_the_plans()
    {
        var planned = await OrderAsync(null);
        var shuffled = await OrderAsync(7);
        Assert.That(planned, Is.EqualTo(Enumerable.Range(0, 12).Select(i => $"s{i:00}")));
        Assert.That(shuffled, Is.EquivalentTo(planned).And.Not.EqualTo(planned));
        Assert.That(await OrderAsync(7), Is.EqualTo(shuffled));
        Assert.That(await OrderAsync(8), Is.Not.EqualTo(shuffled));

        async Task<IReadOnlyList<string>> OrderAsync(int? seed)
        {
            var module = Fakes.CounterC with
            {
                Scenarios = [.. Enumerable.Range(0, 12).Select(i => Fakes.CounterC.Scenarios[0] with { Id = $"s{i:00}" })],
            };
            var run = await new RecordedRun().RunAsync(Fakes.Plan(module, Fakes.Runtime(_folder, "counts")), new RunOptions
            {
                Jobs = 1,
                Shuffle = seed,
            });
            Assert.That(run.Header!.Shuffle, Is.EqualTo(seed));
            Assert.That(run.Footer!.Agreements.Select(a => a.Scenario), Is.Ordered);
            return [.. run.Cells.Select(c => c.Scenario)];
        }
    }

    private async Task<CellLine> RunAsync(string behaviour, RunOptions options) => (await RunAllAsync(behaviour, options)).Cells.Single();

    private Task<RecordedRun> RunAllAsync(string behaviour, RunOptions options) =>
        new RecordedRun().RunAsync(Fakes.Plan(Fakes.CounterC, Fakes.Runtime(_folder, behaviour)), options with { Jobs = 1 });
}
