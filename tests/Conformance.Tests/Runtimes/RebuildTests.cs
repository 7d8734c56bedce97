using Conformance.Engine.Building;
using Conformance.Model.Manifests;
using Conformance.Model.Modules;

namespace Conformance.Tests.Runtimes;

/// <summary>Every committed guest is what its source and recipe give.</summary>
[TestFixture]
public sealed class RebuildTests
{
    [TestCaseSource(nameof(Modules))]
    public async Task Builds_to_the_committed_bytes_in_another_folder(string id)
    {
        var module = Module(id);
        var rebuild = await ModuleRebuild.RunAsync(module, default);
        if (rebuild.Outcome == RebuildOutcome.ToolchainMissing) Requirement.Missing(Engine.Running.Requirements.Toolchains, rebuild.Text);
        var good = module.Build!.Compare == BuildComparison.Interface ? new[] { RebuildOutcome.Identical, RebuildOutcome.SameInterface } : [RebuildOutcome.Identical];
        Assert.That(good, Has.Member(rebuild.Outcome), rebuild.Text);
    }

    [TestCaseSource(nameof(Modules))]
    public void Says_how_and_when_it_was_built(string id) => Assert.That(Module(id).Build, Is.Not.Null);

    [Test]
    public void A_build_that_differs_is_told_by_what_differs()
    {
        using var folder = new TemporaryFolder();
        var module = Guests.FromText(folder, "before", """(module (import "env" "f" (func)) (func (export "run")))""");
        var other = Wasmtime.Module.ConvertText("""(module (import "env" "g" (func (param i32))) (func (export "run")))""");
        var rebuild = ModuleRebuild.Compare(module, other);
        Assert.That(rebuild.Outcome, Is.EqualTo(RebuildOutcome.Different));
        Assert.That(rebuild.Text, Does.Contain("without import env::f () -> ()").And.Contain("with import env::g (i32) -> ()"));

        var longer = Wasmtime.Module.ConvertText("""(module (import "env" "f" (func)) (func (export "run") nop))""");
        Assert.That(ModuleRebuild.Compare(module, longer).Outcome, Is.EqualTo(RebuildOutcome.Different), "every byte counts");
        var built = new ModuleBuild("by hand", new DateOnly(2026, 11, 24), BuildComparison.Interface);
        Assert.That(ModuleRebuild.Compare(module with { Build = built }, longer).Outcome, Is.EqualTo(RebuildOutcome.SameInterface), "where its toolchain is not reproducible");
        Assert.That(ModuleRebuild.Compare(module with { Build = built }, "nonsense"u8.ToArray()).Outcome, Is.EqualTo(RebuildOutcome.Different));
    }

    private static IEnumerable<string> Modules() => ModuleManifestReader.ReadAll(Repository.Modules).Select(m => m.Id);

    private static ModuleManifest Module(string id) => ModuleManifestReader.Read(Path.Combine(Repository.Modules, id, ModuleManifestReader.FileName));
}
