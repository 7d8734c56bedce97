using System.Runtime.InteropServices;

namespace Conformance.Wasmer.Interop;

/// <summary>
/// The rules of <c>own</c> in <c>wasm.h</c>, in one place:
/// <list type="bullet">
/// <item>What a function returns as <c>own</c> becomes a handle here, and the handle deletes it.</item>
/// <item>An <c>own</c> parameter takes what it is given: <see cref="Give"/> hands it over, and the handle is empty from then on.</item>
/// <item>What is not <c>own</c> is lent: its pointer is used only while its owner lives, and never deleted.</item>
/// <item>An <c>own</c> vector owns its elements too: they are lent out of it until it is deleted.</item>
/// </list>
/// What lives in a store (<see cref="StoreBoundHandle"/>) is the store's, which deletes it, the newest first, when it is disposed.
/// </summary>
/// <seealso href="https://github.com/WebAssembly/wasm-c-api/blob/main/include/wasm.h">wasm.h, "Ownership"</seealso>
internal abstract class OwnedHandle : SafeHandle
{
    private static long _live;

    protected OwnedHandle()
        : base(0, ownsHandle: true)
    {
    }

    /// <summary>How many native objects are owned at this moment, in the whole process.</summary>
    public static long Live => Interlocked.Read(ref _live);

    public override bool IsInvalid => handle == 0;

    /// <summary>To be called once with what an <c>own</c> result is; a null result is no object.</summary>
    public void Counted()
    {
        if (!IsInvalid) Interlocked.Increment(ref _live);
    }

    /// <summary>Hands the object over to an <c>own</c> parameter.</summary>
    public nint Give()
    {
        var given = handle;
        SetHandleAsInvalid();
        Interlocked.Decrement(ref _live);
        return given;
    }

    protected abstract void Delete(nint owned);

    protected sealed override bool ReleaseHandle()
    {
        Delete(handle);
        Interlocked.Decrement(ref _live);
        return true;
    }
}

/// <summary>
/// Something that lives in a store. Those objects share a count that is not atomic, and a WASI environment may only be used by the thread
/// that initialised it: so the finaliser's thread never deletes any. A store that is forgotten is leaked.
/// </summary>
internal abstract class StoreBoundHandle : OwnedHandle
{
    protected override void Dispose(bool disposing)
    {
        if (disposing) base.Dispose(disposing);
        else SetHandleAsInvalid();
    }
}

internal static class OwnedHandles
{
    /// <summary>Takes an <c>own</c> result.</summary>
    /// <exception cref="WasmerException">There is none; with Wasmer's words.</exception>
    public static T Owned<T>(this T handle, string what)
        where T : OwnedHandle
    {
        if (handle.IsInvalid) throw new WasmerException(LastError.Take() ?? $"{what} failed without a word");
        handle.Counted();
        return handle;
    }
}

internal sealed class EngineHandle : OwnedHandle
{
    protected override void Delete(nint owned) => Native.wasm_engine_delete(owned);
}

internal sealed class StoreHandle : StoreBoundHandle
{
    protected override void Delete(nint owned) => Native.wasm_store_delete(owned);
}

internal sealed class WasmModuleHandle : OwnedHandle
{
    protected override void Delete(nint owned) => Native.wasm_module_delete(owned);
}

internal sealed class InstanceHandle : StoreBoundHandle
{
    protected override void Delete(nint owned) => Native.wasm_instance_delete(owned);
}

internal sealed class FunctionHandle : StoreBoundHandle
{
    protected override void Delete(nint owned) => Native.wasm_func_delete(owned);
}

internal sealed class FunctionTypeHandle : OwnedHandle
{
    protected override void Delete(nint owned) => Native.wasm_functype_delete(owned);
}

internal sealed class ExternTypeHandle : OwnedHandle
{
    protected override void Delete(nint owned) => Native.wasm_externtype_delete(owned);
}

internal sealed class TrapHandle : StoreBoundHandle
{
    public TrapHandle()
    {
    }

    /// <summary>Of an <c>own</c> out parameter.</summary>
    public TrapHandle(nint owned)
    {
        SetHandle(owned);
    }

    protected override void Delete(nint owned) => Native.wasm_trap_delete(owned);
}

internal sealed class WasiConfigHandle : OwnedHandle
{
    // wasmer.h has no function that deletes a configuration: it is always given to an environment.
    protected override void Delete(nint owned)
    {
    }
}

internal sealed class WasiEnvironmentHandle : StoreBoundHandle
{
    protected override void Delete(nint owned) => Native.wasi_env_delete(owned);
}

/// <summary>An <c>own</c> vector of externs, kept as long as its elements are lent.</summary>
internal sealed unsafe class ExternVectorHandle : StoreBoundHandle
{
    public ExternVectorHandle(InstanceHandle instance)
    {
        var vector = (WasmVector*)NativeMemory.AllocZeroed((nuint)sizeof(WasmVector));
        SetHandle((nint)vector);
        Counted();
        Native.wasm_instance_exports(instance, vector);
    }

    public ReadOnlySpan<nint> Elements => ((WasmVector*)handle)->Pointers;

    protected override void Delete(nint owned)
    {
        Native.wasm_extern_vec_delete((WasmVector*)owned);
        NativeMemory.Free((void*)owned);
    }
}

/// <summary>An <c>own</c> vector of what WASI defines in one namespace.</summary>
internal sealed unsafe class NamedExternVectorHandle : StoreBoundHandle
{
    /// <exception cref="WasmerException">Wasmer knows no WASI for the module.</exception>
    public NamedExternVectorHandle(WasiEnvironmentHandle environment, WasmModuleHandle module)
    {
        var vector = (WasmVector*)NativeMemory.AllocZeroed((nuint)sizeof(WasmVector));
        SetHandle((nint)vector);
        Counted();
        if (Native.wasi_get_unordered_imports(environment, module, vector)) return;
        Dispose();
        throw new WasmerException(LastError.Take() ?? "no WASI for this module");
    }

    public ReadOnlySpan<nint> Elements => ((WasmVector*)handle)->Pointers;

    protected override void Delete(nint owned)
    {
        Native.wasmer_named_extern_vec_delete((WasmVector*)owned);
        NativeMemory.Free((void*)owned);
    }
}
