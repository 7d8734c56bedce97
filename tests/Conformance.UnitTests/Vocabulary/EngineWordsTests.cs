using Conformance.Model.Observations;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;

namespace Conformance.UnitTests.Vocabulary;

/// <summary>What engines say of traps and of what they do not compile, and its codes.</summary>
[TestFixture]
public sealed class EngineWordsTests
{
    [TestCase("wasm `unreachable` instruction executed", "unreachable")]
    [TestCase("undefined element: out of bounds table access", "undefined element")]
    [TestCase("out of bounds memory access", "out of bounds memory access")]
    [TestCase("out of bounds array access", "out of bounds array access")]
    [TestCase("null reference", "null reference")]
    [TestCase("null i31 reference", "null reference")]
    [TestCase("cast failure", "cast failure")]
    [TestCase("unaligned atomic access", "unaligned atomic")]
    [TestCase("atomic wait on non-shared memory", "expected shared memory")]
    [TestCase("Exception: failed to call unlinked import function (env, f)", "unlinked import")]
    [TestCase("WASM module instantiate failed: data segment does not fit", "out of bounds memory access")]
    [TestCase("WASM module instantiate failed: elements segment does not fit", "out of bounds table access")]
    [TestCase("Exception: uninitialized memory", "out of bounds memory access")]
    [TestCase("native stack overflow", "call stack exhausted")]
    [TestCase("something else", null)]
    public void A_trap_is_the_one_that_is_named_first(string words, string? trap) =>
        Assert.That(Trap.Named(words)?.Name, Is.EqualTo(trap));

    [TestCase("struct indexed types not supported without the gc feature (at offset 0xb)", "gc")]
    [TestCase("Validation error: heap types not supported without the gc feature (at offset 0xb)", "gc")]
    [TestCase("Validation error: memory64 must be enabled for 64-bit memories (at offset 0x15)", "memory64")]
    [TestCase("threads must be enabled for shared memories", "threads")]
    [TestCase("failed to parse WebAssembly module\n\nCaused by:\n    the custom page sizes proposal must be enabled to customize a memory's page size (at offset 0x15)", "custom-page-sizes")]
    [TestCase("gc proposal must be enabled to use subtypes", "gc")]
    [TestCase("Error: Wasm validation: SIMD support is not enabled (at offset 94)", "simd")]
    [TestCase("Caused by:\n    bulk memory support is not enabled (at offset 0x1a)", "bulk-memory")]
    [TestCase("reference types support is not enabled", "reference-types")]
    [TestCase("tail calls support is not enabled", "tail-call")]
    [TestCase("sign extension operations support is not enabled", "sign-extension")]
    [TestCase("saturating float to int conversions support is not enabled", "saturating-float-to-int")]
    [TestCase("exceptions proposal not enabled", "exception-handling")]
    [TestCase("Validation error: legacy_exceptions feature required for try instruction (at offset 0x3a)", "legacy-exceptions")]
    [TestCase("function references required for index reference types", "function-references")]
    [TestCase("blocks, loops, and ifs may only produce a resulttype when multi-value is not enabled", "multi-value")]
    [TestCase("invalid leading byte 0x7E with compact imports proposal disabled (at offset 0x25)", "compact-imports")]
    [TestCase("multiple memories (at offset 0x10)", "multi-memory")]
    [TestCase("Error: Wasm validation: memories count must be at most 1 (at offset 28)", "multi-memory")]
    [TestCase("Error: Wasm validation: func type returns multiple values (at offset 14)", "multi-value")]
    [TestCase("Error: Wasm validation: only one init_expr operator is expected (at offset 35)", "extended-const")]
    public void A_proposal_that_wasmparser_has_not_switched_on_is_named(string words, string proposal) =>
        Assert.That(ErrorTable.Validation.CodeOf(words), Is.EqualTo(OutcomeCodes.Unsupported(proposal)));

    [TestCase("type mismatch: expected i32 but nothing on stack (at offset 0x24)")]
    [TestCase("invalid memory limits flags")]
    public void What_is_not_valid_is_malformed(string words) =>
        Assert.That(ErrorTable.Validation.CodeOf(words), Is.EqualTo(OutcomeCodes.Malformed));

    /// <summary>By Wasmtime's own words, of an engine with that proposal off: whatever the next version says is seen here.</summary>
    [TestCaseSource(typeof(Proposals), nameof(Proposals.Names))]
    public void Wasmtimes_words_name_the_proposal_or_do_not_know_it(string proposal)
    {
        using var config = new Wasmtime.Config();
        config.WithRelaxedSIMD(false, false).WithSIMD(false).WithWasmThreads(false).WithMultiMemory(false)
            .WithMemory64(false).WithMultiValue(false).WithBulkMemory(false).WithReferenceTypes(false);
        using var engine = new Wasmtime.Engine(config);
        if (Wasmtime.Module.Validate(engine, Proposals.ModuleThatUses(proposal)) is not { } words)
        {
            Assert.That(proposal, Is.Not.AnyOf("simd", "threads", "multi-memory", "memory64", "multi-value", "bulk-memory"));
            return;
        }

        // What has no vector at all is told that first, and where references are off, so is what is built upon them.
        var code = ErrorTable.Validation.CodeOf(words);
        Assert.That(OutcomeCodes.IsUnsupported(code) && code != OutcomeCodes.UnsupportedFeature, $"{proposal}: {code}: {words}");
    }

    [Test]
    public void An_expectation_of_the_code_covers_every_proposal_and_one_of_a_proposal_that_alone()
    {
        var gc = OutcomeCodes.Unsupported("gc");
        Assert.That(OutcomeCodes.Covers(OutcomeCodes.UnsupportedFeature, gc), Is.True);
        Assert.That(OutcomeCodes.Covers(gc, gc), Is.True);
        Assert.That(OutcomeCodes.Covers(gc, OutcomeCodes.UnsupportedFeature), Is.False);
        Assert.That(OutcomeCodes.Covers(gc, OutcomeCodes.Unsupported("simd")), Is.False);
        Assert.That(OutcomeCodes.Covers(OutcomeCodes.Malformed, gc), Is.False);
    }

    [TestCase(new byte[] { 0x11 }, "undefined element")]
    [TestCase(new byte[] { 0x13 }, "undefined element")]
    [TestCase(new byte[] { 0x25 }, "out of bounds table access")]
    [TestCase(new byte[] { 0x26 }, "out of bounds table access")]
    public void A_tables_trap_is_by_its_instruction(byte[] module, string trap)
    {
        Assert.That(TableTraps.Refine(Trap.UndefinedElement.Code, module, 0), Is.EqualTo($"trap:{trap}"));
        Assert.That(TableTraps.Refine(Trap.UndefinedElement.Code, module, 1), Is.EqualTo(Trap.UndefinedElement.Code), "beyond the end");
        Assert.That(TableTraps.Refine(Trap.Unreachable.Code, module, 0), Is.EqualTo(Trap.Unreachable.Code));
    }
}
