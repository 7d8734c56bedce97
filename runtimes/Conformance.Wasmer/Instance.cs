using Conformance.Wasmer.Interop;

namespace Conformance.Wasmer;

/// <summary>A module with its imports fulfilled, its start function run. It lives as long as its store.</summary>
public sealed unsafe class Instance
{
    private readonly Store _store;
    private readonly Module _module;
    private readonly ExternVectorHandle _exports;

    /// <summary>Instantiates by position; see <see cref="Linker"/> for instantiating by name.</summary>
    /// <param name="store">Where it is to live.</param>
    /// <param name="module">What to instantiate.</param>
    /// <param name="imports">What fulfils each entry of the import section, in its order. The list may end where an import is fulfilled by
    /// nobody: Wasmer then
    /// names that one.</param>
    /// <exception cref="LinkException">An import is missing or doesn't fit; with Wasmer's words.</exception>
    /// <exception cref="TrapException">The start function did not return.</exception>
    public Instance(Store store, Module module, params ReadOnlySpan<Extern> imports)
    {
        _store = store;
        _module = module;
        var pointers = new nint[imports.Length];
        for (var i = 0; i < imports.Length; i++)
        {
            if (imports[i].Store != store) throw new ArgumentException($"import {i} lives in another store", nameof(imports));
            pointers[i] = imports[i].Pointer;
        }

        nint trap;
        fixed (nint* elements = pointers)
        {
            Handle = Native.wasm_instance_new(store.Handle,
            module.Handle, Module.Vector(elements, pointers.Length), out trap);
        }

        if (trap != 0)
        {
            var handle = new TrapHandle(trap);
            handle.Counted();
            throw store.Trapped(handle);
        }

        if (Handle.IsInvalid) throw new LinkException(LastError.Take() ?? "wasm_instance_new failed without a word");
        Handle.Counted();
        store.Keep(Handle);
        _exports = store.Keep(new ExternVectorHandle(Handle));
    }

    internal InstanceHandle Handle { get; }

    /// <summary>Whether it exports a memory, under whatever name.</summary>
    internal bool ExportsMemory
    {
        get
        {
            foreach (var external in _exports.Elements)
            {
                if (Native.wasm_extern_kind(external) == 3) return true;
            }

            return false;
        }
    }

    /// <summary>An exported function by its name; null where there is none.</summary>
    public Function? GetFunction(string name) => Position(name) is { } position ? GetFunction(position) : null;

    /// <summary>An exported function by its place in the export section; null where that is none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not that many exports.</exception>
    public Function? GetFunction(int position)
    {
        var external = At(position);
        return Native.wasm_extern_kind(external) == 0 ? new Function(_store, external, Native.wasm_extern_as_func(external)) : null;
    }

    /// <summary>An export by its name, whatever it is; null where there is none.</summary>
    public Extern? GetExport(string name) => Position(name) is { } position ? new Extern(_store, At(position)) : null;

    /// <summary>An exported memory by its name; null where there is none.</summary>
    public Memory? GetMemory(string name)
    {
        if (Position(name) is not { } position) return null;
        var external = At(position);
        return Native.wasm_extern_as_memory(external) is var memory && memory != 0 ? new Memory(_store, external, memory) : null;
    }

    private nint At(int position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(position, _exports.Elements.Length);
        return _exports.Elements[position];
    }

    private int? Position(string name)
    {
        for (var i = 0; i < _module.Exports.Length; i++)
        {
            if (_module.Exports[i].Name == name) return i;
        }

        return null;
    }
}
