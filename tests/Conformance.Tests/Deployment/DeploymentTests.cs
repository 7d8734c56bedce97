using Conformance.Engine.Servers;
using Conformance.Reporting.Jsonl;
using Conformance.Tests.CommandLine;
using Conformance.Tests.Reports;

namespace Conformance.Tests.Deployment;

/// <summary>The files in deploy/ and .github/: the Swarm job is run, the others are held against what reads them.</summary>
[TestFixture]
[NonParallelizable]
public sealed class DeploymentTests
{
    private static readonly string[] Filters = ["-r", "wasmtime", "-r", "node"];

    [TestCase(".github/workflows/ci.yml")]
    [TestCase(".github/workflows/nightly.yml")]
    [TestCase("deploy/github-actions/conformance.yml")]
    public Task A_workflow_passes_actionlint(string file) => Consumers.AcceptAsync("workflow", Path.Combine(Repository.Root, file));

    [Test]
    public async Task The_kubernetes_job_fits_the_schema_of_its_kind()
    {
        var job = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "deploy", "kubernetes", "job.yaml"));
        using var folder = new TemporaryFolder();
        var documents = job.Split("\n---\n");
        await Consumers.AcceptAsync("claim", folder.Write("claim.yaml", documents[0]));
        await Consumers.AcceptAsync("job", folder.Write("job.yaml", documents[1]));
        var said = await Consumers.AskAsync("job",
            folder.Write("wrong.yaml", documents[1].Replace("completions: 4", "completions: four", StringComparison.Ordinal)));
        Assert.That(said.GetProperty("problems").GetArrayLength(), Is.EqualTo(1), "a check that can fail");
    }

    [Category("Long")]
    [Test]
    public async Task Four_parts_on_a_swarm_are_one_matrix()
    {
        if (await ContainerEngine.FindAsync(default) is null) Requirement.Missing("docker", "no container engine answers");
        if (Processes.Run("debootstrap", "--version") != 0)
            Requirement.Missing("docker", "debootstrap, which makes the worker image's base, is not here");
        using var folder = new TemporaryFolder();
        await Shell.RunAsync(Repository.Root, "deploy/worker/build", "--offline");
        await Shell.RunAsync(Repository.Root, "deploy/swarm/run", ["4", folder.Sub("swarm"), .. Filters]);
        var merged = ReportReader.Read(folder.Sub("swarm", ReportWriter.FileName));
        Assert.That((merged.IsComplete, merged.Header.Shard, Directory.GetDirectories(folder.Sub("swarm"), "part-*").Length),
            Is.EqualTo((true, (Model.Reports.ShardInfo?)null, 4)));
        Assert.That(Directory.GetDirectories(folder.Sub("swarm"), "part-*")
            .Select(part => ReportReader.Read(Path.Combine(part, ReportWriter.FileName)).Cells.Length), Is.All.GreaterThan(0));

        await Command.RunAsync(["run", "--server", "embedded", "--out", folder.Sub("whole"), .. Filters]);
        var diff = await Command.RunAsync("diff", folder.Sub("whole"), folder.Sub("swarm"));
        Assert.That((diff.ExitCode, diff.Output.Split('\n')[^1]),
            Is.EqualTo((0, $"{merged.Cells.Length} cells compared: no change")), diff.Output);
    }
}
