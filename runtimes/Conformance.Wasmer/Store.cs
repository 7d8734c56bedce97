using System.Collections.Immutable;
using System.Text;
using Conformance.Wasmer.Interop;

namespace Conformance.Wasmer;

/// <summary>
/// Where instances and functions live. They are its own: they end with it, and need no disposing themselves. One thread at a time may use a
/// store and what lives in it, and with WASI it must be the same one from the environment's making to the store's disposal. A store that is
/// not disposed is never freed.
/// </summary>
public sealed class Store : IDisposable
{
    private readonly List<StoreBoundHandle> _owned = [];
    private readonly List<Wasi> _environments = [];

    /// <summary>An empty store.</summary>
    public Store(Engine engine)
    {
        Handle = Native.wasm_store_new(engine.Handle).Owned("wasm_store_new");
    }

    internal StoreHandle Handle { get; }

    /// <summary>What a host function threw while the guest that called it is being ended.</summary>
    internal Exception? HostException { get; set; }

    /// <summary>Ends everything that lives in it, the newest first.</summary>
    public void Dispose()
    {
        foreach (var wasi in _environments) wasi.MakeDeletable();
        _environments.Clear();
        for (var i = _owned.Count - 1; i >= 0; i--) _owned[i].Dispose();
        _owned.Clear();
        Handle.Dispose();
    }

    /// <summary>Keeps a handle until the store ends.</summary>
    internal T Keep<T>(T handle)
        where T : StoreBoundHandle
    {
        _owned.Add(handle);
        return handle;
    }

    /// <summary>Keeps an environment until the store ends.</summary>
    internal void Keep(Wasi wasi) => _environments.Add(wasi);

    /// <summary>Makes an exception of a trap and deletes the trap.</summary>
    internal unsafe TrapException Trapped(TrapHandle trap)
    {
        using (trap)
        {
            Native.wasm_trap_message(trap, out var message);
            var text = Encoding.UTF8.GetString(message.Bytes).TrimEnd('\0');
            Native.wasm_byte_vec_delete(ref message);
            Native.wasm_trap_trace(trap, out var trace);
            var frames = ImmutableArray.CreateBuilder<TrapFrame>((int)trace.Size);
            foreach (var frame in trace.Pointers)
                frames.Add(new TrapFrame(Native.wasm_frame_func_index(frame), (long)Native.wasm_frame_module_offset(frame)));
            Native.wasm_frame_vec_delete(ref trace);
            var thrown = HostException;
            HostException = null;
            return new TrapException(text, frames.MoveToImmutable(), thrown);
        }
    }
}
