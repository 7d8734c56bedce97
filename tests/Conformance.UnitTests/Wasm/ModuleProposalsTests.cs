using Conformance.Wasm;

namespace Conformance.UnitTests.Wasm;

/// <summary>What an engine stopped at, where it says no more than where.</summary>
[TestFixture]
public sealed class ModuleProposalsTests
{
    [TestCase("(module (memory 1) (data (i32.const 0) \"a\"))", null, null, null)]
    [TestCase("(module (memory 1) (data \"a\") (func (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 0))))", "bulk-memory", null, null)]
    [TestCase("(module (tag))", "exception-handling", null, null)]
    [TestCase("(module (memory i64 1))", null, "memory64", null)]
    [TestCase("(module (memory 1 1 shared))", null, "threads", null)]
    [TestCase("(module (import \"env\" \"m\" (memory i64 1)))", null, "memory64", null)]
    [TestCase("(module (memory 0 (pagesize 1)))", null, "custom-page-sizes", null)]
    [TestCase("(module (type (func (param i32 (ref null func)) (result v128))) (type (array i8)))", null, null, "gc")]
    [TestCase("(module (type (func (param i32))))", null, null, null)]
    public void It_is_in_the_module(string text, string? section, string? memory, string? type)
    {
        var module = Wasmtime.Module.ConvertText(text);
        Assert.That((ModuleProposals.InSections(module), ModuleProposals.InMemories(module), ModuleProposals.InTypes(module)),
            Is.EqualTo((section, memory, type)));
    }

    [Test]
    public void What_can_not_be_read_is_of_none()
    {
        byte[] bytes = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 99];
        Assert.That((ModuleProposals.InSections(bytes), ModuleProposals.InMemories(bytes), ModuleProposals.InTypes(bytes)),
            Is.EqualTo(((string?)null, (string?)null, (string?)null)));
    }

    [TestCase((byte)0x20, null, null)]
    [TestCase((byte)0xff, null, null)]
    [TestCase((byte)0xfc, null, null)]
    [TestCase((byte)0xfc, 7u, "saturating-float-to-int")]
    [TestCase((byte)0xfc, 8u, "bulk-memory")]
    [TestCase((byte)0xfd, null, "simd")]
    [TestCase((byte)0xfd, 0x100u, "relaxed-simd")]
    [TestCase((byte)0xfe, 0x10u, "threads")]
    [TestCase((byte)0x1f, null, "exception-handling")]
    [TestCase((byte)0xfc, 0x10000u, null)]
    public void An_opcode_is_of_a_proposal(byte opcode, uint? second, string? proposal) =>
        Assert.That(Proposals.ByOpcode(opcode, second), Is.EqualTo(proposal));

    [Test]
    public void Rows_of_opcodes_are_in_order_and_of_known_proposals()
    {
        Assert.That(Proposals.Opcodes.All(row => row.First <= row.Last && Proposals.Known.Contains(row.Proposal)));
        Assert.That(Proposals.Opcodes.Zip(Proposals.Opcodes.Skip(1)).All(pair => pair.First.Last < pair.Second.First));
    }
}
