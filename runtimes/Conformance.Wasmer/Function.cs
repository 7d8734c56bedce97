using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Conformance.Wasmer.Interop;

namespace Conformance.Wasmer;

/// <summary>What a guest calls: it reads its arguments and writes its results, which have the function's declared types.</summary>
/// <param name="arguments">Of the declared number and types; they are gone when the call returns.</param>
/// <param name="results">Of the declared number, to be written.</param>
public delegate void HostFunction(ReadOnlySpan<Value> arguments, Span<Value> results);

/// <summary>A function of a guest, or of the host for a guest.</summary>
public sealed unsafe class Function : Extern
{
    private static long _liveCallbacks;

    private readonly nint _function;

    /// <param name="store">Where it lives.</param>
    /// <param name="external">As an extern.</param>
    /// <param name="function">The same as a function; lent, like the extern.</param>
    internal Function(Store store, nint external, nint function)
        : base(store, external)
    {
        _function = function;
        using var type = Native.wasm_func_type(function).Owned("wasm_func_type");
        FunctionType = FunctionType.ReadFunction(type.DangerousGetHandle());
    }

    private Function(Store store, FunctionHandle owned, FunctionType type)
        : base(store, Native.wasm_func_as_extern(owned))
    {
        _function = owned.DangerousGetHandle();
        FunctionType = type;
    }

    /// <summary>How many host functions Wasmer holds at this moment, in the whole process.</summary>
    internal static long LiveCallbacks => Interlocked.Read(ref _liveCallbacks);

    /// <summary>Its type.</summary>
    public FunctionType FunctionType { get; }

    /// <summary>A host function.</summary>
    /// <param name="store">Where it lives.</param>
    /// <param name="type">The type that it has for a guest.</param>
    /// <param name="callback">What it does. An exception ends the guest with a trap, and is the <see cref="Exception.InnerException"/> of
    /// what the guest's
    /// caller gets.</param>
    public static Function FromCallback(Store store, FunctionType type, HostFunction callback)
    {
        var environment = GCHandle.Alloc(new Callback(store, callback));
        Interlocked.Increment(ref _liveCallbacks);
        using var native = type.ToNative();
        var owned = Native.wasm_func_new_with_env(store.Handle, native, &Call, GCHandle.ToIntPtr(environment), &Forget)
            .Owned("wasm_func_new_with_env");
        return new Function(store, store.Keep(owned), type);
    }

    /// <summary>Calls it.</summary>
    /// <returns>Its results.</returns>
    /// <exception cref="ArgumentException">The arguments are not of its type.</exception>
    /// <exception cref="TrapException">It did not return.</exception>
    public ImmutableArray<Value> Invoke(params ReadOnlySpan<Value> arguments)
    {
        if (arguments.Length != FunctionType.Parameters.Length)
            throw new ArgumentException($"{arguments.Length} arguments for {FunctionType}", nameof(arguments));
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i].Kind != FunctionType.Parameters[i])
                throw new ArgumentException($"argument {i} is {arguments[i].Kind}, for {FunctionType}", nameof(arguments));
        }

        var results = new Value[FunctionType.Results.Length];
        fixed (Value* given = arguments, taken = results)
        {
            var resultVector = Module.Vector(taken, results.Length);
            var trap = Native.wasm_func_call(_function, Module.Vector(given, arguments.Length), ref resultVector);
            GC.KeepAlive(Store);
            if (!trap.IsInvalid)
            {
                trap.Counted();
                throw Store.Trapped(trap);
            }
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(results);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Call(nint environment, WasmVector* arguments, WasmVector* results)
    {
        var callback = (Callback)GCHandle.FromIntPtr(environment).Target!;
        try
        {
            callback.Function(new ReadOnlySpan<Value>(arguments->Data, (int)arguments->Size),
                new Span<Value>(results->Data, (int)results->Size));
            return 0;
        }
        catch (Exception e)
        {
            // No exception may leave through native frames: it waits in the store for the guest's caller.
            callback.Store.HostException = e;
            var message = Encoding.UTF8.GetBytes(e.Message + '\0');
            fixed (byte* text = message)
            {
                return Native.wasm_trap_new(callback.Store.Handle.DangerousGetHandle(),
                Module.Vector(text, message.Length));
            }
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Forget(nint environment)
    {
        GCHandle.FromIntPtr(environment).Free();
        Interlocked.Decrement(ref _liveCallbacks);
    }

    private sealed record Callback(Store Store, HostFunction Function);
}
