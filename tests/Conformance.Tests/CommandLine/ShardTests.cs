using Conformance.Engine.Planning;
using Conformance.Reporting.Jsonl;

namespace Conformance.Tests.CommandLine;

[TestFixture]
public sealed class ShardTests
{
    private static readonly string[] Real = ["-r", "wasmtime",
        "-r", "node", "-m", "counter-w*", "-m", "counter-c", "-m", "net-http-2022", "--server", "embedded"];

    [Test]
    public async Task The_parts_of_a_real_run_merged_are_the_whole_run()
    {
        using var folder = new TemporaryFolder();
        var parts = new List<string>();
        for (var i = 1; i <= 3; i++)
        {
            var part = await Command.RunAsync(["run", "--shard", $"{i}/3", "--out", folder.Sub($"part-{i}"), .. Real]);
            Assert.That(part.ExitCode, Is.Zero, part.Error);
            parts.Add(folder.Sub($"part-{i}"));
        }

        var whole = await Command.RunAsync(["run", "--out", folder.Sub("whole"), .. Real]);
        Assert.That(whole.ExitCode, Is.Zero, whole.Error);
        var merged = await Command.RunAsync(["merge", .. Enumerable.Reverse(parts), "--out", folder.Sub("merged")]);
        Assert.That(merged.ExitCode, Is.Zero, merged.Error);

        var (a, b) = (ReportReader.Read(folder.Sub("whole", ReportWriter.FileName)),
            ReportReader.Read(folder.Sub("merged", ReportWriter.FileName)));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(b.IsComplete && b.Header.Shard is null, Is.True);
            Assert.That(b.Header.Modules, Is.EqualTo(a.Header.Modules).Using<Model.Reports.ModuleInfo>(
                (x, y) => x.Id == y.Id && x.Sha256 == y.Sha256 && x.ManifestSha256 == y.ManifestSha256));
            Assert.That(b.Footer!.Verdicts, Is.EquivalentTo(a.Footer!.Verdicts));
            Assert.That(b.Footer.Agreements.Select(x => (x.Module, x.Scenario, x.Result, x.Verdict, x.Sentence)),
                Is.EquivalentTo(a.Footer.Agreements.Select(x => (x.Module, x.Scenario, x.Result, x.Verdict, x.Sentence))));
        }

        var diff = await Command.RunAsync("diff", folder.Sub("whole"), folder.Sub("merged"));
        Assert.That((diff.ExitCode, diff.Output.Split('\n')[^1]), Is.EqualTo((0, "8 cells compared: no change")), diff.Error);

        var missing = await Command.RunAsync(["merge", .. parts.Skip(1), "--out", folder.Sub("missing")]);
        Assert.That((missing.ExitCode, missing.Error),
            Is.EqualTo((2, "conformance: these are not the parts of one run: of 3 parts, 1 is missing\n")));
        Assert.That(Directory.Exists(folder.Sub("missing")), Is.False);
    }

    [Test]
    public async Task A_part_without_cells_is_a_part()
    {
        using var matrix = new FakeMatrix("counter-a");
        matrix.Runtime("steady", "counts");
        foreach (var part in new[] { "1/2", "2/2" })
            Assert.That((await Command.RunAsync(["run", "--shard", part, "--out", matrix.Sub(part), .. matrix.Folders])).ExitCode, Is.Zero);
        Assert.That((await Command.RunAsync("merge", matrix.Sub("1/2"), matrix.Sub("2/2"), "--out", matrix.Sub("out"))).ExitCode, Is.Zero);
    }

    [TestCase("0/4")]
    [TestCase("5/4")]
    [TestCase("1/0")]
    [TestCase("1")]
    [TestCase("-1/4")]
    [TestCase("a/b")]
    public async Task A_part_that_can_not_be_is_refused(string shard)
    {
        var result = await Command.RunAsync("run", $"--shard={shard}");
        Assert.That((result.ExitCode, result.Error), Is.EqualTo((2, result.Error)));
        Assert.That(result.Error, Does.StartWith($"conformance: --shard {shard}: it must be i/n, with i from 1 to n"));
    }

    [Test]
    public void Parts_share_the_cells_among_them_and_keep_scenarios_together()
    {
        var plan = Plan.Load(Repository.Modules, Repository.Runtimes, CellFilter.Everything);
        for (var count = 1; count <= 25; count += 4)
        {
            var parts = Enumerable.Range(1, count).Select(index => plan.Part(new Shard(index, count))).ToList();
            Assert.That(parts.SelectMany(part => part.Cells), Is.EquivalentTo(plan.Cells));
            Assert.That(parts.SelectMany(part => part.Cells.Select(cell => (cell.Module.Id, cell.Scenario.Id)).Distinct()), Is.Unique);
            Assert.That(parts.Select(part => part.Shard!.PlanSha256).Distinct().Count(), Is.EqualTo(1));
        }
    }
}
