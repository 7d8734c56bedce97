using Conformance.Engine.Building;
using Conformance.Manifests;
using Conformance.Model.Modules;

namespace Conformance.Tests.Runtimes;

/// <summary>Every committed guest is what its source and recipe give.</summary>
[Category("Long")]
[TestFixture]
public sealed class RebuildTests
{
    [TestCaseSource(nameof(Modules))]
    public async Task Builds_to_the_committed_bytes_in_another_folder(string id)
    {
        var module = Module(id);
        var rebuild = await ModuleRebuild.RunAsync(module, RuntimeManifestReader.ReadAll(Repository.Runtimes), default);
        if (rebuild.Outcome == RebuildOutcome.ToolchainMissing) Requirement.Missing(Engine.Running.Requirements.Toolchains, rebuild.Text);
        var good = module.Build!.Compare == BuildComparison.Behaviour
            ? new[] { RebuildOutcome.Identical, RebuildOutcome.SameInterface, RebuildOutcome.SameBehaviour } : [RebuildOutcome.Identical];
        Assert.That(good, Has.Member(rebuild.Outcome), rebuild.Text);
    }

    [TestCaseSource(nameof(Modules))]
    public void Says_how_and_when_it_was_built(string id) => Assert.That(Module(id).Build, Is.Not.Null);

    [Test]
    public async Task A_build_that_differs_is_told_by_what_differs()
    {
        using var folder = new TemporaryFolder();
        var module = Guests.FromText(folder, "before", """(module (import "env" "f" (func)) (func (export "run")))""");
        var rebuild = await CompareAsync(module, """(module (import "env" "g" (func (param i32))) (func (export "run")))""");
        Assert.That(rebuild.Outcome, Is.EqualTo(RebuildOutcome.Different));
        Assert.That(rebuild.Text, Does.Contain("without import env::f () -> ()").And.Contain("with import env::g (i32) -> ()"));
        Assert.That((await CompareAsync(module, """(module (import "env" "f" (func)) (func (export "run") nop))""")).Outcome,
            Is.EqualTo(RebuildOutcome.Different), "every byte counts");
        File.WriteAllText(folder.Sub("nonsense"), "nonsense");
        Assert.That((await ModuleRebuild.CompareAsync(module, folder.Sub("nonsense"), [], default)).Outcome,
            Is.EqualTo(RebuildOutcome.Different));

        Task<Rebuild> CompareAsync(ModuleManifest module, string text) =>
            ModuleRebuild.CompareAsync(module, Built(folder, text), [], default);
    }

    [TestCase(10, RebuildOutcome.SameBehaviour, "and so is behaviour on wasmtime")]
    [TestCase(9, RebuildOutcome.Different, "ten on wasmtime: counted 10 three ways before, counted 9 three ways now")]
    public async Task Where_bytes_may_differ_behaviour_is_compared(int times, RebuildOutcome outcome, string text)
    {
        using var folder = new TemporaryFolder();
        var module = Guests.FromText(folder, "counts", Counts(10),
            "freestanding", GuestManifest.CounterImports + "\n[[scenarios]]\nid = \"ten\"\n[scenarios.expect]\ncounts = 10\n") with
        {
            Build = new ModuleBuild("by hand", new DateOnly(2026, 11, 24), BuildComparison.Behaviour),
        };
        var built = Built(folder, Counts(times, "nop"));
        var wasmtime = Repository.Runtime("wasmtime");
        var rebuild = await ModuleRebuild.CompareAsync(module, built, [wasmtime], default);
        Assert.That(rebuild.Outcome, Is.EqualTo(outcome), rebuild.Text);
        Assert.That(rebuild.Text, Does.EndWith(text));
        Assert.That((await ModuleRebuild.CompareAsync(module, built, [], default)).Outcome,
            Is.EqualTo(RebuildOutcome.SameInterface), "nobody could tell");
    }

    private static string Counts(int times, string more = "") => $"""
        (module (import "env" "main.incrementCount" (func $add)) (import "env" "main.getCount" (func $count (result i32)))
          (func (export "run") (result i32) {more} {string.Concat(Enumerable.Repeat("(call $add) ", times))} (call $count)))
        """;

    private static string Built(TemporaryFolder folder, string text)
    {
        var path = folder.Sub("built.wasm");
        File.WriteAllBytes(path, Wasmtime.Module.ConvertText(text));
        return path;
    }

    private static IEnumerable<string> Modules() => ModuleManifestReader.ReadAll(Repository.Modules).Select(m => m.Id);

    private static ModuleManifest Module(string id) =>
        Repository.Module(id);
}
