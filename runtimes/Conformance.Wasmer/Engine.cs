using Conformance.Wasmer.Interop;

namespace Conformance.Wasmer;

/// <summary>Compiles modules. One is enough for a process; threads may share it.</summary>
public sealed class Engine : IDisposable
{
    private readonly Dictionary<string, Module> _probes = new(StringComparer.Ordinal);

    /// <summary>Starts Wasmer's default compiler.</summary>
    /// <exception cref="DllNotFoundException">There is no Wasmer on this machine: see <see cref="WasmerLibrary"/>.</exception>
    public Engine()
    {
        WasmerLibrary.EnsureLoaded();
        Handle = Native.wasm_engine_new().Owned("wasm_engine_new");
        CompilingStore = Native.wasm_store_new(Handle).Owned("wasm_store_new");
    }

    internal EngineHandle Handle { get; }

    /// <summary>The C API compiles in a store, and a module is of its engine all the same.</summary>
    internal StoreHandle CompilingStore { get; }

    /// <summary>Native objects that this process owns through this library at this moment: what a test for leaks counts.</summary>
    public static long LiveNativeObjects => OwnedHandle.Live;

    /// <summary>A module that exports a memory.</summary>
    internal Module MemoryProbe => Probe("""(module (memory (export "memory") 1))""");

    /// <summary>A module that imports a function which all WASI namespaces have, from one of them.</summary>
    internal Module WasiProbe(string name) => Probe($"""(module (import "{name}" "sched_yield" (func (result i32))))""");

    /// <summary>Ends it; modules and stores that were made with it live on.</summary>
    public void Dispose()
    {
        foreach (var probe in _probes.Values) probe.Dispose();
        _probes.Clear();
        CompilingStore.Dispose();
        Handle.Dispose();
    }

    private Module Probe(string text)
    {
        lock (_probes)
        {
            if (!_probes.TryGetValue(text, out var probe)) _probes[text] = probe = Module.FromText(this, text);
            return probe;
        }
    }
}
