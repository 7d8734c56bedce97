using Conformance.Manifests;
using Conformance.Model.Observations;
using Conformance.Tests.Harness;

namespace Conformance.Tests.Runtimes;

/// <summary>The options that a browser's manifest declares.</summary>
[TestFixture]
public sealed class BrowserOptionTests
{
    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase("counter-wat")]
    [TestCase("counter-go")]
    public async Task Host_functions_by_promise_integration_count_the_same(string id)
    {
        var toml = File.ReadAllText(Path.Combine(Repository.Runtimes, "chromium", "runtime.toml"))
            .Replace("host-functions = \"sync-xhr\"", "host-functions = \"jspi\"", StringComparison.Ordinal);
        var runtime = RuntimeManifestReader.Read(_folder.Write("runtimes/chromium/runtime.toml", toml));
        var module = Repository.Module(id);
        var run = await new RecordedRun().RunAsync(Fakes.Plan(module, runtime));
        Requirement.Present(run.Header!);
        Assert.That((run.Cells.Single().Verdict, run.Cells.Single().Observation.Counts),
            Is.EqualTo((Verdict.Pass, new Counts(10, 10, 10))), run.Cells.Single().Run.Text);
    }

    [Test]
    public async Task A_browser_that_is_not_there_is_unavailable_with_the_manifests_remedy()
    {
        var runtime = RuntimeManifestReader.Read(_folder.Write("runtimes/nowhere/runtime.toml", """
            name = "Nowhere"
            remedy = "install it"
            [worker]
            assembly = "Conformance.Runtimes.Browser"
            [options]
            programs = "no-such-browser"
            """));
        var run = await new RecordedRun().RunAsync(Fakes.Plan(Fakes.CounterC, runtime));
        var cell = run.Cells.Single();
        Assert.That((cell.Verdict, cell.Remedy), Is.EqualTo((Verdict.Unavailable, "install it")), cell.Run.Text);
        Assert.That(cell.Reason, Does.StartWith("no browser is here (none of no-such-browser is on PATH"));
    }
}
