using Conformance.Engine.Running;
using Conformance.Machine;
using Conformance.Manifests;
using Conformance.Model.Observations;
using Conformance.Tests.Harness;

namespace Conformance.Tests.Judging;

/// <summary>What real engines can't take, and what they refuse otherwise.</summary>
[TestFixture]
public sealed class ApplicabilityRunTests
{
    /// <summary>What the real engines are seen to lack: asked by the smallest module that uses it.</summary>
    [TestCase("wasmtime", "counter-kotlin", Verdict.Pass, null)]
    [TestCase("lucet", "counter-go", Verdict.Skipped, "without bulk-memory")]
    [TestCase("lucet", "counter-kotlin", Verdict.Skipped, "without gc")]
    [TestCase("lucet", "counter-wasix", Verdict.Skipped, "without threads")]
    [TestCase("wazero", "counter-wasix", Verdict.Skipped, "without threads")]
    [TestCase("wasmer", "counter-kotlin", Verdict.Skipped, "without gc")]
    [TestCase("wasmer-js", "counter-wat", Verdict.Skipped, "runs commands only")]
    [TestCase("wazero", "counter-assemblyscript", Verdict.Skipped,
        "host functions are composed, and the guest's memory has no page at first: composed host functions have no room in it")]
    public async Task A_real_runtime_is_held_against_what_it_can_take(string runtime, string module, Verdict verdict, string? reason)
    {
        var manifest = Repository.Runtime(runtime);
        var run = await new RecordedRun().RunAsync(Fakes.Plan(
            Repository.Module(module), manifest),
            new RunOptions { TimeLimit = TimeSpan.FromSeconds(60) });
        Requirement.Present(run.Header!);
        Assert.That((run.Cells[0].Verdict, run.Cells[0].Reason), Is.EqualTo((verdict, reason)), run.Cells[0].Run.Text);
    }

    /// <summary>A manifest that names a proposal which the runtime has does not excuse it.</summary>
    [Test]
    public async Task A_module_that_is_refused_for_something_else_is_a_result()
    {
        using var folder = new TemporaryFolder();
        folder.Write("broken/broken.wasm", "\0asm\u0001\0\0\0broken");
        var sha256 = Sha256.HexOfFile(folder.Sub("broken", "broken.wasm"));
        var manifest = new GuestManifest("broken.wasm", sha256) { Keys = "proposals = [\"bulk-memory\", \"simd\"]" };
        var path = folder.Write("broken/module.toml", manifest.ToString());
        var run = await new RecordedRun().RunAsync(Fakes.Plan(ModuleManifestReader.Read(path),
            Repository.Runtime("wasmtime")));
        Assert.That((run.Cells[0].Verdict, run.Cells[0].Outcome.Code), Is.EqualTo((Verdict.Fail, OutcomeCodes.Malformed)));
    }
}
