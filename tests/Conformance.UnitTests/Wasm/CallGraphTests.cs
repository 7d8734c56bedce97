using Conformance.Wasm;
using Wasmtime;

namespace Conformance.UnitTests.Wasm;

/// <summary>Which functions call an import, up to an export.</summary>
[TestFixture]
public sealed class CallGraphTests
{
    [Test]
    public void The_ways_to_an_import_are_the_shortest_from_exports_and_the_start_function()
    {
        var module = Module.ConvertText("""
            (module
              (import "env" "memory" (memory 1)) (import "env" "a" (func $a)) (import "env" "b" (func $b)) (import "env" "c" (func $c))
              (table 1 funcref) (elem (i32.const 0) $indirect)
              (func $deep (call $a))
              (func $middle (block (loop (br_if 1 (i32.const 0)) (call $deep) (br_table 0 1 (i32.const 1)))))
              (func $longer (call $middle))
              (func $main (export "main") (call $longer) (call $middle) (drop (i32.load offset=8 (i32.const 0))))
              (func $indirect (call $a) (call $a))
              (func $begin (call $b) (return_call $b)) (start $begin)
              (func (export "run") (drop (ref.func $indirect)) (drop (v128.const i32x4 0x10101010 0 0 0)) (call_indirect (i32.const 0)) (call $deep)))
            """);
        var graph = new CallGraph(module);
        string[] Ways(int import) => [.. graph.WaysTo(import).Select(way => string.Join(" → ", way))];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Ways(0), Is.Empty, "a memory");
            Assert.That(Ways(1), Is.EqualTo(new[] { "function 9 (exported as run) → deep → a", "function 9 (exported as run) → indirect → a" }));
            Assert.That(Ways(2), Is.EqualTo(new[] { "begin (the start function) → b" }));
            Assert.That(Ways(3), Is.Empty, "nobody calls it");
        }
    }

    /// <summary>Every instruction of every guest is read to its end, and each way ends at the import.</summary>
    [Test]
    public void The_code_of_all_guests_is_read()
    {
        foreach (var manifest in Conformance.Manifests.ModuleManifestReader.ReadAll(Repository.Modules))
        {
            var bytes = File.ReadAllBytes(manifest.WasmPath);
            var graph = new CallGraph(bytes);
            var imports = WasmInterfaceReader.Read(bytes).Imports;
            Assert.That(
                imports.Index().Where(import => import.Item.Type is FunctionType).Any(import => !graph.WaysTo(import.Index).IsEmpty),
                Is.EqualTo(!imports.IsEmpty), manifest.Id);
        }
    }

    [Test]
    public void Code_that_is_cut_or_unknown_is_refused()
    {
        byte[] Module(params byte[] body) => [.. "\0asm"u8, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0,
            10, (byte)(body.Length + 3), 1, (byte)(body.Length + 1), 0, .. body];
        Assert.That(() => new CallGraph(Module(0xff, 0x0b)), Throws.InstanceOf<WasmFormatException>());
        Assert.That(() => new CallGraph(Module(0x41)), Throws.InstanceOf<WasmFormatException>());
        Assert.That(() => new CallGraph(Module(0x41, 0, 0x1a, 0x0b)), Throws.Nothing);
    }
}
