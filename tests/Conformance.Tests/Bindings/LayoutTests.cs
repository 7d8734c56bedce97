using System.Diagnostics;
using System.Runtime.CompilerServices;
using Conformance.Engine.Running;
using Conformance.Wasmer;
using Conformance.Wasmer.Interop;

namespace Conformance.Tests.Bindings;

/// <summary>The structs and numbers of the binding are the header's: a C program that includes it says so.</summary>
[TestFixture]
public sealed class LayoutTests
{
    private const string Program = """
        #include <stdio.h>
        #include <stddef.h>
        #include "wasm.h"
        #include "wasmer.h"
        int main(void) {
          printf("vector %zu %zu %zu\n", sizeof(wasm_extern_vec_t), offsetof(wasm_extern_vec_t, size), offsetof(wasm_extern_vec_t, data));
          printf("names %zu %zu\n", sizeof(wasmer_named_extern_vec_t), offsetof(wasmer_named_extern_vec_t, data));
          printf("value %zu %zu %zu\n", sizeof(wasm_val_t), offsetof(wasm_val_t, kind), offsetof(wasm_val_t, of));
          printf("limits %zu %zu %u\n", sizeof(wasm_limits_t), offsetof(wasm_limits_t, max), wasm_limits_max_default);
          printf("kinds %d %d %d %d %d %d\n", WASM_I32, WASM_I64, WASM_F32, WASM_F64, WASM_EXTERNREF, WASM_FUNCREF);
          printf("externs %d %d %d %d\n", WASM_EXTERN_FUNC, WASM_EXTERN_GLOBAL, WASM_EXTERN_TABLE, WASM_EXTERN_MEMORY);
          printf("bytes %zu %zu %zu\n", sizeof(wasm_valkind_t), sizeof(wasm_externkind_t), sizeof(wasm_mutability_t));
          printf("bool %zu\n", sizeof(bool));
          return 0;
        }
        """;

    [Test]
    public unsafe void Structs_and_numbers_are_those_of_the_header()
    {
        using var engine = NativeWasmer.Start();
        if (!File.Exists(Path.Combine(NativeWasmer.Headers, "wasmer.h")))
            Requirement.Missing(Requirements.Toolchains, $"no wasm.h and wasmer.h in {NativeWasmer.Headers}");
        var vector = default(WasmVector);
        var value = default(Value);
        var limits = default(WasmLimits);
        string[] ours =
        [
            $"vector {sizeof(WasmVector)} {Offset(&vector, &vector.Size)} {Offset(&vector, &vector.Data)}",
            $"names {sizeof(WasmVector)} {Offset(&vector, &vector.Data)}",
            $"value {sizeof(Value)} {Offset(&value, Kind(ref value))} {Offset(&value, Bits(ref value))}",
            $"limits {sizeof(WasmLimits)} {Offset(&limits, &limits.Maximum)} {WasmLimits.NoMaximum}",
            $"kinds {string.Join(' ', new[] { ValueKind.Int32, ValueKind.Int64, ValueKind.Float32, ValueKind.Float64, ValueKind.ExternRef, ValueKind.FuncRef }.Select(kind => (int)kind))}",
            "externs 0 1 2 3",
            $"bytes {sizeof(ValueKind)} 1 1",
            "bool 1",
        ];
        Assert.That(Compiled(), Is.EqualTo(ours));

        static long Offset(void* start, void* field) => (byte*)field - (byte*)start;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_kind")]
    private static extern ref readonly ValueKind KindField(ref Value value);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_bits")]
    private static extern ref readonly long BitsField(ref Value value);

    private static unsafe void* Kind(ref Value value) => Unsafe.AsPointer(ref Unsafe.AsRef(in KindField(ref value)));

    private static unsafe void* Bits(ref Value value) => Unsafe.AsPointer(ref Unsafe.AsRef(in BitsField(ref value)));

    private static string[] Compiled()
    {
        using var folder = new TemporaryFolder();
        var source = folder.Write("layout.c", Program);
        var program = folder.Sub("layout");
        if (Processes.Run("cc", "-I", NativeWasmer.Headers, source, "-o", program) == -1)
            Requirement.Missing(Requirements.Toolchains, "cc");
        using var run = Process.Start(new ProcessStartInfo(program) { RedirectStandardOutput = true })!;
        return run.StandardOutput.ReadToEnd().TrimEnd().Split('\n');
    }
}
