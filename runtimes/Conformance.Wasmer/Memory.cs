using Conformance.Wasmer.Interop;

namespace Conformance.Wasmer;

/// <summary>A guest's memory.</summary>
public sealed unsafe class Memory : Extern
{
    private readonly nint _memory;

    internal Memory(Store store, nint external, nint memory)
        : base(store, external)
    {
        _memory = memory;
    }

    /// <summary>All of it, as it is now: a guest that runs may move it by growing it, so a span must not outlive the next call.</summary>
    public Span<byte> GetSpan() => new(Native.wasm_memory_data(_memory), checked((int)Native.wasm_memory_data_size(_memory)));
}
