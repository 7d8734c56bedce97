using Conformance.Wasmer.Interop;

namespace Conformance.Wasmer;

/// <summary>
/// Something that can be imported: a host function, what WASI defines, another instance's export. It lives as long as its store.
/// </summary>
public class Extern
{
    internal Extern(Store store, nint pointer)
    {
        Store = store;
        Pointer = pointer;
    }

    /// <summary>Its type, as Wasmer tells it.</summary>
    public ExternType Type
    {
        get
        {
            using var type = Native.wasm_extern_type(Pointer).Owned("wasm_extern_type");
            return ExternType.Read(type.DangerousGetHandle());
        }
    }

    internal Store Store { get; }

    /// <summary>Lent by whoever owns it, in the same store.</summary>
    internal nint Pointer { get; }
}
