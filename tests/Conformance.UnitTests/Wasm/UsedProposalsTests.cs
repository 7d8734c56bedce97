using Conformance.Wasm;

namespace Conformance.UnitTests.Wasm;

/// <summary>The proposals that a module uses, in the order in which an engine meets them.</summary>
[TestFixture]
public sealed class UsedProposalsTests
{
    [TestCase("(module (memory 1) (data (i32.const 0) \"a\") (table 1 funcref) (func $f (call $f)) (elem (i32.const 0) $f))", "")]
    [TestCase("(module (global i32 (i32.add (i32.const 1) (i32.const 2))))", "extended-const")]
    [TestCase("(module (memory 1) (data (i32.sub (i32.const 1) (i32.const 1)) \"a\"))", "extended-const")]
    [TestCase("(module (func (result i32) (i32.add (i32.const 1) (i32.const 2))))", "")]
    [TestCase("(module (global (export \"g\") (mut i32) (i32.const 0)))", "mutable-globals")]
    [TestCase("(module (import \"env\" \"g\" (global (mut i32))))", "mutable-globals")]
    [TestCase("(module (global (mut i32) (i32.const 0)))", "")]
    [TestCase("(module (func (result i32 i32) (i32.const 1) (i32.const 2)))", "multi-value")]
    [TestCase("(module (table 1 externref))", "reference-types")]
    [TestCase("(module (table 1 funcref) (table 1 funcref))", "reference-types")]
    [TestCase("(module (table 1 funcref) (func $f) (elem funcref (ref.func $f)))", "reference-types")]
    [TestCase("(module (table 1 funcref) (func $f) (elem func $f))", "bulk-memory")]
    [TestCase("(module (memory 1) (data \"a\"))", "bulk-memory")]
    [TestCase("(module (memory 1) (memory 1) (data (memory 1) (i32.const 0) \"a\"))", "multi-memory, bulk-memory")]
    [TestCase("(module (func (local v128)))", "simd")]
    [TestCase("(module (func (local i32) (drop (i32.extend8_s (local.get 0)))))", "sign-extension")]
    [TestCase("(module (func (drop (i32.trunc_sat_f32_s (f32.const 0)))) (func (return_call 0)))", "saturating-float-to-int, tail-call")]
    [TestCase("(module (memory i64 1))", "memory64")]
    [TestCase("(module (memory 1 1 shared) (func (drop (i32.atomic.load (i32.const 0)))))", "threads")]
    [TestCase("(module (type (struct)) (func (drop (struct.new_default 0))))", "gc")]
    [TestCase("(module (tag) (func (throw 0)))", "exception-handling")]
    [TestCase("(module (func (local (ref null 0))))", "function-references")]
    [TestCase("(module (func (drop (i8x16.relaxed_swizzle (v128.const i64x2 0 0) (v128.const i64x2 0 0)))))", "simd, relaxed-simd")]
    public void Each_is_found_once(string text, string proposals) =>
        Assert.That(string.Join(", ", UsedProposals.Find(Wasmtime.Module.ConvertText(text))), Is.EqualTo(proposals));

    [Test]
    public void The_smallest_module_of_each_uses_it() => Assert.That(
        Proposals.Names.Where(name => !UsedProposals.Find(Proposals.ModuleThatUses(name)).Contains(name)), Is.Empty);

    /// <summary>What stands before the damage is still known.</summary>
    [Test]
    public void Bytes_that_are_damaged_anywhere_are_read_as_far_as_they_go()
    {
        var module = Wasmtime.Module.ConvertText("(module (func (result i32 i32) (i32.const 1) (i32.const 2)) (memory 1) (memory 1) (func))");
        for (var length = 0; length < module.Length; length++)
        {
            var found = UsedProposals.Find(module[..length]);
            Assert.That(found, Is.SubsetOf(UsedProposals.Find(module)), $"{length} bytes");
        }
    }
}
