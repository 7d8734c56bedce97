using Conformance.Manifests;
using Conformance.Model.Observations;
using Conformance.Tests.Harness;

namespace Conformance.Tests.Runtimes;

/// <summary>Modules of proposals that an engine knows and has not switched on: refused, and not as malformed.</summary>
[TestFixture]
public sealed class ProposalTests
{
    // (type (func)) (type (cont 0)): stack switching.
    private static readonly byte[] Continuation = [0, 0x61,
        0x73, 0x6d, 1, 0, 0, 0, 1, 6, 2, 0x60, 0, 0, 0x5d, 0, 3, 2, 1, 0, 7, 10, 1, 6, .. "_start"u8, 0, 0, 10, 4, 1, 2, 0, 0x0b];

    // (type (array i32)): garbage collection.
    private static readonly byte[] Array = [0, 0x61, 0x73,
        0x6d, 1, 0, 0, 0, 1, 7, 2, 0x60, 0, 0, 0x5e, 0x7f, 0, 3, 2, 1, 0, 7, 10, 1, 6, .. "_start"u8, 0, 0, 10, 4, 1, 2, 0, 0x0b];

    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase("wasmtime", "continuation", "stack-switching")]
    [TestCase("wasmer", "continuation", "stack-switching")]
    [TestCase("wasmer", "array", "gc")]
    public async Task A_proposal_that_is_not_switched_on_is_named(string runtime, string proposal, string name)
    {
        var module = Guests.FromBytes(_folder, proposal, proposal == "array" ? Array : Continuation);
        var run = await new RecordedRun().RunAsync(
            Fakes.Plan(module, Repository.Runtime(runtime)));
        Requirement.Present(run.Header!);
        var cell = run.Cells.Single();
        Assert.That((cell.Outcome.Phase, cell.Outcome.Code), Is.EqualTo((Phase.Compile, OutcomeCodes.Unsupported(name))), cell.Run.Text);
    }
}
