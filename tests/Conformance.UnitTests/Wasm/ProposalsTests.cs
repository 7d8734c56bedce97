using Conformance.Wasm;
using Wasmtime;

namespace Conformance.UnitTests.Wasm;

[TestFixture]
public sealed class ProposalsTests
{
    private static readonly IEnumerable<string> Names = Proposals.Names;

    /// <summary>A module that no engine took would make every runtime lack the proposal.</summary>
    [TestCaseSource(nameof(Names))]
    public void An_engine_that_has_a_proposal_takes_the_module_that_uses_it(string proposal)
    {
        using var config = new Config();
        config.WithWasmThreads(true).WithSIMD(true).WithRelaxedSIMD(true, false)
            .WithMultiMemory(true).WithMemory64(true).WithBulkMemory(true).WithReferenceTypes(true).WithMultiValue(true);
        using var engine = new Wasmtime.Engine(config);
        Assert.That(Wasmtime.Module.Validate(engine, Proposals.ModuleThatUses(proposal)), Is.Null);
    }

    /// <summary>
    /// Each is about its proposal and no other that is not in the same breath: one that is switched off is missed by its own module.
    /// </summary>
    [TestCase("simd", "relaxed-simd")]
    [TestCase("threads")]
    [TestCase("multi-memory")]
    [TestCase("memory64")]
    [TestCase("multi-value")]
    public void And_one_that_has_not_refuses_it_alone(params string[] off)
    {
        using var config = new Config();
        config.WithRelaxedSIMD(off[0] != "simd", false).WithSIMD(off[0] != "simd").WithWasmThreads(off[0] != "threads")
            .WithMultiMemory(off[0] != "multi-memory").WithMemory64(off[0] != "memory64").WithMultiValue(off[0] != "multi-value");
        using var engine = new Wasmtime.Engine(config);
        Assert.That(Proposals.Names.Where(name => Wasmtime.Module.Validate(engine, Proposals.ModuleThatUses(name)) is not null),
            Is.EquivalentTo(off));
    }

    [Test]
    public void Removing_an_export_leaves_the_rest()
    {
        var module = Proposals.ModuleThatUses("bulk-memory");
        var without = ExportRemoval.Without(module, "_start");
        Assert.That(WasmInterfaceReader.Read(without).Exports.Select(export => export.Name), Is.EqualTo(new[] { "memory" }));
        using var engine = new Wasmtime.Engine();
        Assert.That(Wasmtime.Module.Validate(engine, without), Is.Null);
        Assert.That(ExportRemoval.Without(module, "nothing"), Is.EqualTo(module));
        Assert.That(WasmInterfaceReader.Read(ExportRemoval.Without(module, "_start", "memory")).Exports, Is.Empty);
    }
}
