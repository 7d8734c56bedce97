using System.Runtime.InteropServices;

namespace Conformance.Wasmer.Interop;

/// <summary><c>wasm_*_vec_t</c>: a length and a pointer to the elements, whatever they are.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct WasmVector
{
    public nuint Size;
    public void* Data;

    public readonly ReadOnlySpan<byte> Bytes => new(Data, checked((int)Size));

    public readonly ReadOnlySpan<nint> Pointers => new(Data, checked((int)Size));
}

/// <summary><c>wasm_limits_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WasmLimits
{
    /// <summary><c>wasm_limits_max_default</c>: no maximum.</summary>
    public const uint NoMaximum = uint.MaxValue;

    public uint Minimum;
    public uint Maximum;
}
