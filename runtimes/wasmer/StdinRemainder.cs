using Conformance.Wasmer;

namespace Conformance.Runtimes.Wasmer;

/// <summary>
/// Wasmer reads the process's stdin ahead, into a buffer of the process: what a guest leaves there, the next one would read. So a guest of
/// ours reads it to its end, when descriptor 0 is empty.
/// </summary>
internal sealed class StdinRemainder(Engine engine) : IDisposable
{
    private readonly Lazy<Module> _reader = new(() => Module.FromText(engine, """
        (module
          (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 2)
          (func (export "_start")
            (i32.store (i32.const 0) (i32.const 65536)) (i32.store (i32.const 4) (i32.const 65536))
            (loop $more
              (i32.store (i32.const 8) (i32.const 0))
              (br_if $more (i32.and
                (i32.eqz (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
                (i32.ne (i32.load (i32.const 8)) (i32.const 0)))))))
        """));

    public void Drop()
    {
        using var store = new Store(engine);
        var linker = new Linker(store);
        var wasi = new Wasi(engine, store, new WasiConfiguration("remainder"));
        linker.DefineWasi(wasi, _reader.Value);
        var instance = linker.Instantiate(_reader.Value);
        wasi.Initialize(instance);
        instance.GetFunction("_start")!.Invoke();
    }

    public void Dispose()
    {
        if (_reader.IsValueCreated) _reader.Value.Dispose();
    }
}
