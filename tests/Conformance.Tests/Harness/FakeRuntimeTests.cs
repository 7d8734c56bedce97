using Conformance.Engine.Running;
using Conformance.Model.Modules;
using Conformance.Model.Observations;

namespace Conformance.Tests.Harness;

/// <summary>What the harness makes of runtimes that misbehave, started through the normal protocol.</summary>
[Category("Portable")]
[TestFixture]
public sealed class FakeRuntimeTests
{
    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task An_honest_runtime_passes()
    {
        var run = await RunAsync("counts");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Cells.Single().Verdict, Is.EqualTo(Verdict.Pass));
            Assert.That(run.Cells.Single().Observation.Counts, Is.EqualTo(new Counts(10, 10, 10)));
            Assert.That(run.Cells.Single().Observation.Journal.Requests,
                Is.EquivalentTo(new Dictionary<string, int> { ["GET /count"] = 1, ["PUT /add"] = 10 }));
            Assert.That(run.Header!.Runtimes.Single().Version, Is.EqualTo("1.0"));
            Assert.That(run.Header.Runtimes.Single().Features,
                Is.EqualTo(new[] { "counts" }), "what a worker says of itself is in the report");
            Assert.That(run.Footer!.Complete, Is.True);
        }
    }

    [Test]
    public async Task A_runtime_that_lies_about_counts_fails_by_the_guests_account()
    {
        var cell = (await RunAsync("lies-about-counts")).Cells.Single();
        Assert.That(cell.Verdict, Is.EqualTo(Verdict.Fail));
        Assert.That(cell.Observation.Counts, Is.EqualTo(new Counts(11, 10, 10)));
        Assert.That(cell.Departures.Select(d => d.What), Is.EqualTo(new[] { "counts", "stdout" }));
    }

    [Test]
    public async Task A_runtime_that_forgets_a_call_fails_by_all_accounts()
    {
        var cell = (await RunAsync("forgets-one")).Cells.Single();
        Assert.That((cell.Verdict, cell.Observation.Counts), Is.EqualTo((Verdict.Fail, new Counts(9, 9, 9))));
    }

    [TestCase("answers-nonsense", "Hello, I am a runtime!")]
    [TestCase("floods-stdout", "more than 16 MiB")]
    public async Task A_runtime_that_does_not_speak_the_protocol_is_a_protocol_error_in_its_own_words(string behaviour, string words)
    {
        var cell = (await RunAsync(behaviour)).Cells.Single();
        Assert.That((cell.Verdict, cell.Outcome.Code), Is.EqualTo((Verdict.Crashed, OutcomeCodes.ProtocolError)), cell.Run.Text);
        Assert.That(cell.Run.Text, Does.Contain(words));
    }

    [Test]
    public async Task A_runtime_that_answers_what_nobody_asked_does_not_get_through()
    {
        var cell = (await RunAsync("answers-json-nonsense", startLimit: 3)).Cells.Single();
        Assert.That(cell.Verdict, Is.AnyOf(Verdict.Crashed, Verdict.TimedOut), cell.Run.Text);
    }

    [Test]
    public async Task A_runtime_that_hangs_is_timed_out_and_its_children_are_gone()
    {
        var cell = (await RunAsync("hangs", timeLimit: 1)).Cells.Single();
        Assert.That((cell.Verdict, cell.Outcome.Code, cell.Outcome.Phase),
            Is.EqualTo((Verdict.TimedOut, OutcomeCodes.TimedOut, Phase.Run)));
        var child = int.Parse(cell.Observation.WorkerStderr!.Split("child ")[1].Split('\n')[0],
            System.Globalization.CultureInfo.InvariantCulture);
        await Processes.EndedAsync(child);
    }

    [Test]
    public async Task A_runtime_that_exits_has_crashed_with_its_exit_code_and_last_words()
    {
        var cell = (await RunAsync("exits")).Cells.Single();
        Assert.That((cell.Verdict, cell.Run.Text), Is.EqualTo((Verdict.Crashed, "the worker ended with exit code 7")));
        Assert.That(cell.Observation.WorkerStderr, Does.Contain("leaving with 7"));
    }

    [Test]
    public async Task A_runtime_that_a_signal_killed_has_crashed_with_its_name()
    {
        var cell = (await RunAsync("is-killed-by-a-signal")).Cells.Single();
        Assert.That(cell.Run.Text, Is.EqualTo("the worker ended by signal 9 (SIGKILL)"));
    }

    [Test]
    public async Task A_crash_costs_its_own_cell_only()
    {
        var module = Repeated(4);
        var run = await new RecordedRun().RunAsync(Fakes.Plan(module, Fakes.Runtime(_folder, "exits-at-second-run")), new RunOptions
        {
            Jobs = 1,
        });
        // Each worker leaves at its second run, and a new one takes the next cell.
        Assert.That(run.Cells.Select(c => c.Verdict), Is.EqualTo(new[] { Verdict.Pass, Verdict.Crashed, Verdict.Pass, Verdict.Crashed }));
        Assert.That(run.Footer!.Complete, Is.True);
    }

    [TestCase("floods-stderr")]
    [TestCase("prints-to-stdout")]
    [TestCase("starts-slowly")]
    public async Task A_runtime_that_is_only_noisy_or_slow_passes(string behaviour)
    {
        var cell = (await RunAsync(behaviour)).Cells.Single();
        Assert.That(cell.Verdict, Is.EqualTo(Verdict.Pass), cell.Run.Text);
    }

    [Test]
    public async Task A_runtime_that_never_starts_is_given_up_after_three_attempts()
    {
        var run = await new RecordedRun().RunAsync(Fakes.Plan(Repeated(6), Fakes.Runtime(_folder, "dies-at-start")), new RunOptions
        {
            Jobs = 1,
        });
        Assert.That(run.Cells, Has.Count.EqualTo(6));
        Assert.That(run.Cells, Has.All.Matches<Model.Reports.CellLine>(
            c => c is { Verdict: Verdict.Crashed, Observation.WorkerStderr: { } words } && words.Contains("no such engine")));
    }

    [Test]
    public async Task A_runtime_that_does_not_answer_its_start_is_timed_out()
    {
        var cell = (await RunAsync("never-answers", startLimit: 1)).Cells.Single();
        Assert.That((cell.Verdict, cell.Outcome.Phase), Is.EqualTo((Verdict.TimedOut, Phase.Load)));
        Assert.That(cell.Run.Text, Does.StartWith("no answer to 'initialize' within 1 s"));
    }

    [Test]
    public async Task A_runtime_that_is_not_installed_is_unavailable_with_reason_and_remedy()
    {
        var run = await RunAsync("is-unavailable");
        var cell = run.Cells.Single();
        Assert.That((cell.Verdict, cell.Reason, cell.Remedy),
            Is.EqualTo((Verdict.Unavailable, "the fake engine is not installed", "install the fake engine")));
        Assert.That(run.Header!.Runtimes.Single().Unavailable!.Remedy, Is.EqualTo("install the fake engine"));
    }

    [Test]
    public async Task A_required_runtime_that_is_not_installed_is_an_error()
    {
        var options = new RunOptions { Required = new HashSet<string> { "is-unavailable" } };
        var error = (await Assert.ThrowsAsync<Engine.RuntimeRequiredException>(
            () => new RecordedRun().RunAsync(Fakes.Plan(Fakes.CounterC, Fakes.Runtime(_folder, "is-unavailable")), options)))!;
        Assert.That(error.Message, Does.Contain("the fake engine is not installed").And.Contain("install the fake engine"));
    }

    [Test]
    public async Task Fail_fast_ends_the_run_and_says_that_it_is_not_complete()
    {
        var run = await new RecordedRun().RunAsync(Fakes.Plan(Repeated(50), Fakes.Runtime(_folder, "lies-about-counts")), new RunOptions
        {
            Jobs = 1,
            FailFast = true,
        });
        Assert.That(run.Cells, Has.Count.EqualTo(1));
        Assert.That(run.Footer!.Complete, Is.False);
    }

    [Test]
    public async Task Cancelling_ends_a_hanging_cell_and_gives_no_footer()
    {
        using var stop = new CancellationTokenSource();
        var run = new RecordedRun { AfterCell = _ => stop.Cancel() };
        var plan = Fakes.Plan(Fakes.CounterC, Fakes.Runtime(_folder, "counts"), Fakes.Runtime(_folder, "hangs"));
        Assert.That(async () => await run.RunAsync(plan, new RunOptions { Jobs = 2, TimeLimit = TimeSpan.FromMinutes(5) }, stop.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That((run.Cells.Count, run.Footer), Is.EqualTo((1, (Model.Reports.FooterLine?)null)));
    }

    [Test]
    public async Task A_listener_that_cannot_write_ends_the_run_with_its_error()
    {
        var run = new RecordedRun { AfterCell = _ => throw new IOException("No space left on device") };
        await Assert.ThatAsync(() => run.RunAsync(Fakes.Plan(Repeated(20), Fakes.Runtime(_folder, "counts")), new RunOptions { Jobs = 1 }),
            Throws.TypeOf<IOException>());
        Assert.That((run.Cells.Count, run.Footer), Is.EqualTo((1, (Model.Reports.FooterLine?)null)));
    }

    private static ModuleManifest Repeated(int times)
    {
        var module = Fakes.CounterC;
        return module with
        {
            Scenarios = [.. Enumerable.Range(1, times).Select(i => module.Scenarios[0] with { Id = $"ten-increments-{i}" })],
        };
    }

    private Task<RecordedRun> RunAsync(string behaviour, double timeLimit = 10, double startLimit = 20) => new RecordedRun().RunAsync(
        Fakes.Plan(Fakes.CounterC, Fakes.Runtime(_folder, behaviour, startLimit)), new RunOptions
        {
            TimeLimit = TimeSpan.FromSeconds(timeLimit),
        });
}
