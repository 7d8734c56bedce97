using Conformance.Engine.Running;
using Conformance.Model.Observations;
using Conformance.Tests.Harness;

namespace Conformance.Tests.Faults;

/// <summary>A guest's time is its own: what a machine spends on others is not held against it.</summary>
[Category("faults")]
[Category("Portable")]
[TestFixture]
public sealed class LoadedMachineTests
{
    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task A_guest_that_got_little_of_the_processor_has_more_time()
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("only Linux tells the time of other processes");
        var cell = await RunAsync("is-starved");
        Assert.That(cell.Verdict, Is.EqualTo(Verdict.Pass), cell.Run.Text);
    }

    [TestCase("hangs", "no answer to 'run' within 1 s; its worker was killed")]
    [TestCase("spins-in-a-child", "no answer to 'run' within 1 s; its worker was killed")]
    [TestCase("sleeps", "no answer to 'run' within 3 s; its worker was killed")]
    public async Task A_guest_that_has_used_its_time_or_waits_for_ever_ends(string behaviour, string words)
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("only Linux tells the time of other processes");
        var cell = await RunAsync(behaviour);
        Assert.That((cell.Verdict, cell.Run.Text), Is.EqualTo((Verdict.TimedOut, words)));
    }

    private async Task<Model.Reports.CellLine> RunAsync(string behaviour) => (await new RecordedRun().RunAsync(
        Fakes.Plan(Fakes.CounterC, Fakes.Runtime(_folder, behaviour)),
        new RunOptions { TimeLimit = TimeSpan.FromSeconds(1) })).Cells.Single();
}
