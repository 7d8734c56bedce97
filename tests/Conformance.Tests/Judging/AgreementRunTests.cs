using Conformance.Engine.Running;
using Conformance.Manifests;
using Conformance.Model.Counters;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Tests.Harness;

namespace Conformance.Tests.Judging;

/// <summary>Agreement as an expectation, of runs.</summary>
[TestFixture]
public sealed class AgreementRunTests
{
    [Test]
    public async Task Cells_that_are_all_as_expected_can_still_part()
    {
        using var folder = new TemporaryFolder();
        // The scenario checks nothing, so a guest that counts nine is as expected; that the runtimes part is not.
        var module = Fakes.CounterC with
        {
            Scenarios = [Fakes.CounterC.Scenarios[0] with { Expect = new Expectation { Exit = 0 }, Differences = [] }],
        };
        var runtimes = new[] { "counts", "forgets-one" }.Select(behaviour => Fakes.Runtime(folder, behaviour)).ToArray();
        var run = await new RecordedRun().RunAsync(Fakes.Plan(module, runtimes));
        Assert.That(run.Cells.Select(c => c.Verdict), Is.All.EqualTo(Verdict.Pass));
        Assert.That(run.Footer!.Agreements.Single().Verdict, Is.EqualTo(Verdict.Fail));
    }

    /// <summary>
    /// The splits of the article's server and of types that JavaScript does not see, are declared; a manifest that lies about them is red:
    /// in its groups, or in the outcomes of its runtimes.
    /// </summary>
    [TestCase("counter-mistyped", "correct", "runtime = \"wasmer\"\nfails", "runtime = \"node\"\nfails")]
    [TestCase("counter-mistyped", "correct", "\nphase = \"link\"", "\nphase = \"run\"")]
    [TestCase("counter-mistyped", "correct", "[\"wasmtime*\", \"wasmer\", ", "[\"wasmtime*\", ")]
    [TestCase("counter-wat", "article-2022", "server-variant = \"article-2022\"", "server-variant = \"correct\"")]
    [TestCase("counter-go", "article-2022", "[[\"chromium\"]", "[[\"wasmtime\"]")]
    [TestCase("counter-go", "article-2022", "phase = \"observe\"", "phase = \"run\"")]
    [Category("Long")]
    public async Task A_split_is_declared_and_met_and_red_when_its_manifest_lies(string id, string variant, string truth, string lie)
    {
        using var folder = new TemporaryFolder();
        var honest = await RunAsync(Path.Combine(Repository.Modules, id, ModuleManifestReader.FileName), variant);
        var agreement = honest.Footer!.Agreements.Single();
        Assert.That((agreement.Result, agreement.Verdict),
            Is.EqualTo((AgreementResult.Split, (Verdict?)Verdict.Xfail)), agreement.Sentence);
        Assert.That(honest.Cells.Where(cell => cell.Verdict.IsUnexpected()), Is.Empty);

        var toml = File.ReadAllText(Path.Combine(Repository.Modules, id, ModuleManifestReader.FileName));
        Assert.That(toml, Does.Contain(truth));
        var path = folder.Write($"{id}/module.toml", toml.Replace(truth, lie, StringComparison.Ordinal));
        File.Copy(Path.Combine(Repository.Modules, id, id + ".wasm"), folder.Sub(id, id + ".wasm"));
        var lying = await RunAsync(path, variant);
        if (truth.Contains("runtime = ") && id != "counter-wat")
            Assert.That(lying.Cells.Count(cell => cell.Verdict.IsUnexpected()), Is.GreaterThan(0), "the runtime that is said to pass");
        else Assert.That(lying.Footer!.Agreements.Single().Verdict, Is.EqualTo(Verdict.Fail));
    }

    private static async Task<RecordedRun> RunAsync(string manifest, string variant)
    {
        var runtimes = RuntimeManifestReader.ReadAll(Repository.Runtimes)
            .Where(r => r.Id is "wasmtime" or "wasmer" or "chromium").ToArray();
        var run = new RecordedRun();
        await using var server = await Engine.Servers.EmbeddedCounterServer.StartAsync(ServerVariants.ByName[variant], 0, null, default);
        await new MatrixRun(Fakes.Plan(ModuleManifestReader.Read(manifest), runtimes), server, new RunOptions(), run).RunAsync(default);
        Requirement.Present(run.Header!);
        return run;
    }
}
