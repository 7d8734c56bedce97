using Conformance.Engine;
using Conformance.Engine.Running;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Tests.Harness;

namespace Conformance.Tests.Faults;

/// <summary>A runtime that worked and does not any more: its cells are red, and never "not on this machine".</summary>
[Category("faults")]
[Category("Portable")]
[TestFixture]
public sealed class RuntimeFaultTests
{
    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_runtime_that_worked_and_cannot_be_started_again_has_crashed(bool required)
    {
        using var folder = new TemporaryFolder();
        var run = await new RecordedRun().RunAsync(Fakes.Plan(Repeated(4), Fakes.Runtime(folder, "vanishes")), new RunOptions
        {
            Jobs = 1,
            Required = required ? new HashSet<string> { "vanishes" } : [],
        });
        Assert.That(run.Cells.Select(cell => cell.Verdict),
            Is.EqualTo(new[] { Verdict.Pass, Verdict.Crashed, Verdict.Crashed, Verdict.Crashed }));
        Assert.That(run.Cells[^1].Run.Text,
            Is.EqualTo("it worked, and can't be started again: the fake engine was uninstalled"));
    }

    [Test]
    public async Task A_runtime_that_was_never_there_stays_unavailable()
    {
        var run = await new RecordedRun().RunAsync(Fakes.Plan(Repeated(2), Fakes.Runtime(_folder, "is-unavailable")));
        Assert.That(run.Cells.Select(cell => cell.Verdict), Is.All.EqualTo(Verdict.Unavailable));
    }

    [Test]
    public async Task What_fails_while_the_machine_is_at_fault_is_not_told_as_the_runtimes()
    {
        var cache = _folder.Sub("cache");
        var run = await new RecordedRun { AfterCell = _ => Break(cache) }.RunAsync(
            Fakes.Plan(Repeated(3), Fakes.Runtime(_folder, "lies-about-counts")), new RunOptions { Jobs = 1, CacheFolder = cache });
        Assert.That(run.Cells.Select(cell => cell.Verdict), Is.EqualTo(new[] { Verdict.Fail, Verdict.NotRun, Verdict.NotRun }));
        Assert.That(run.Cells[1].Reason, Does.StartWith($"the cache folder {cache} can't be used: "));
        Assert.That(run.Footer!.Verdicts["not-run"], Is.EqualTo(2));
    }

    [Test]
    public async Task What_passes_passes_whatever_the_machine()
    {
        var cache = _folder.Sub("cache-of-honest");
        var run = await new RecordedRun { AfterCell = _ => Break(cache) }.RunAsync(
            Fakes.Plan(Repeated(2), Fakes.Runtime(_folder, "counts")), new RunOptions { Jobs = 1, CacheFolder = cache });
        Assert.That(run.Cells.Select(cell => cell.Verdict), Is.All.EqualTo(Verdict.Pass));
    }

    [Test]
    public async Task A_machine_that_is_not_fit_runs_nothing()
    {
        var file = _folder.Write("file", "");
        var plan = Fakes.Plan(Fakes.CounterC, Fakes.Runtime(_folder, "counts"));
        var error = (await Assert.ThrowsAsync<EnvironmentException>(
            () => new RecordedRun().RunAsync(plan, new RunOptions { CacheFolder = Path.Combine(file, "cache") })))!;
        Assert.That(error.Message, Does.StartWith($"the cache folder {Path.Combine(file, "cache")} can't be used: "));
    }

    internal static ModuleManifest Repeated(int times) => Fakes.CounterC with
    {
        Scenarios = [.. Enumerable.Range(1, times).Select(i => Fakes.CounterC.Scenarios[0] with { Id = $"ten-increments-{i}" })],
    };

    /// <summary>A file where a folder should be, which stops root too.</summary>
    private static void Break(string folder)
    {
        if (File.Exists(folder)) return;
        Directory.Delete(folder, recursive: true);
        File.WriteAllText(folder, "");
    }
}
