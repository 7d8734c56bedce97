using Conformance.Manifests;
using Conformance.Model.Observations;
using Conformance.Tests.Harness;

namespace Conformance.Tests.Runtimes;

/// <summary>
/// What a runtime misses of a guest that it refuses: all of it is in the ledger, not only the import that the runtime names.
/// </summary>
[TestFixture]
public sealed class GuestLedgerTests
{
    [TestCase("counter-wasix", "wasix_32v1", 10, 9, "wasmtime")]
    [TestCase("counter-wasix", "wasix_32v1", 10, 9, "node")]
    [TestCase("counter-wasix", "wasix_32v1", 10, 9, "chromium")]
    [TestCase("counter-go-js", "gojs", 22, 0, "wasmtime")]
    [TestCase("counter-go-js", "gojs", 22, 0, "wasmer")]
    [TestCase("counter-go-js", "gojs", 22, 0, "node")]
    public async Task Every_import_of_a_namespace_is_missing_and_the_others_are_provided(string id,
        string import, int missing, int provided, string runtime)
    {
        var module = Repository.Module(id);
        var run = await new RecordedRun().RunAsync(
            Fakes.Plan(module, Repository.Runtime(runtime)));
        Requirement.Present(run.Header!);
        var cell = run.Cells.Single();
        Assert.That((cell.Verdict, cell.Outcome.Phase, cell.Outcome.Code),
            Is.EqualTo((Verdict.Xfail, Phase.Link, OutcomeCodes.UnknownImport)), cell.Run.Text);
        Assert.That(cell.Observation.Ledger.Where(row => row.Provider == Provider.Missing).Select(row => row.Module),
            Has.Exactly(missing).EqualTo(import));
        Assert.That(cell.Observation.Ledger.Count(row => row.Provider != Provider.Missing), Is.EqualTo(provided));
    }
}
