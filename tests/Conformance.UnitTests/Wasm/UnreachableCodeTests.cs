using Conformance.Wasm;
using Wasmtime;

namespace Conformance.UnitTests.Wasm;

/// <summary>Functions that are validated and not compiled: what they are for is the validity, which is to stay what it was.</summary>
[TestFixture]
public sealed class UnreachableCodeTests
{
    [Test]
    public void Every_guest_stays_valid_with_its_imports_and_exports()
    {
        using var engine = new Wasmtime.Engine(new Wasmtime.Config().WithWasmThreads(true));
        foreach (var manifest in Conformance.Manifests.ModuleManifestReader.ReadAll(Repository.Modules))
        {
            var module = File.ReadAllBytes(manifest.WasmPath);
            var changed = UnreachableCode.Write(module);
            Assert.That(Module.Validate(engine, changed), Is.EqualTo(Module.Validate(engine, module)), manifest.Id);
            var (before, after) = (WasmInterfaceReader.Read(module), WasmInterfaceReader.Read(changed));
            Assert.That((after.Imports, after.Exports, after.HasStart), Is.EqualTo((before.Imports, before.Exports, before.HasStart)));
        }
    }

    [Test]
    public void What_runs_traps_at_once()
    {
        var changed = UnreachableCode.Write(Module.ConvertText("""
            (module (func (export "f") (param i32) (result i32) (local i64 (ref null func) f32)
              (loop (br 0)) (i32.const 1)) (func (export "empty")))
            """));
        using var engine = new Wasmtime.Engine();
        using var module = Module.FromBytes(engine, "m", changed);
        using var store = new Store(engine);
        var instance = new Instance(store, module);
        Assert.That(() => instance.GetFunction("f")!.Invoke(1), Throws.InstanceOf<TrapException>().With.Message.Contains("unreachable"));
        Assert.That(() => instance.GetFunction("empty")!.Invoke(), Throws.InstanceOf<TrapException>().With.Message.Contains("unreachable"));
    }

    [TestCase(new byte[] { 0x0b }, TestName = "no_result")]
    [TestCase(new byte[] { 0x43, 0, 0, 0, 0, 0x0b }, TestName = "another_type")]
    [TestCase(new byte[] { 0x41, 1, 0x41, 1, 0x0b }, TestName = "too_many_results")]
    [TestCase(new byte[] { 0x20, 7, 0x0b }, TestName = "an_unknown_local")]
    [TestCase(new byte[] { 0x6a, 0x0b }, TestName = "no_operands")]
    public void What_is_invalid_stays_invalid(byte[] code)
    {
        // (func (result i32)) with that code.
        byte[] module = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0, 10, (byte)(code.Length + 3), 1,
            (byte)(code.Length + 1), 0, .. code];
        using var engine = new Wasmtime.Engine();
        Assert.That(Module.Validate(engine, module), Is.Not.Null);
        Assert.That(Module.Validate(engine, UnreachableCode.Write(module)), Is.Not.Null);
    }
}
