using Conformance.Wasmer;
using CsCheck;
using WasmerEngine = Conformance.Wasmer.Engine;

namespace Conformance.Tests.Bindings;

/// <summary>Conformance.Wasmer as somebody else's program would use it.</summary>
[TestFixture]
[NonParallelizable]
public sealed class WasmerBindingTests
{
    private const int Many = 10_000;

    private WasmerEngine _engine = null!;

    [OneTimeSetUp]
    public void Start() => _engine = NativeWasmer.Start();

    [OneTimeTearDown]
    public void End() => _engine?.Dispose();

    [Test]
    public void A_host_function_gets_the_guests_arguments_and_gives_a_result_of_each_type()
    {
        using var module = Module.FromText(_engine, """
            (module
              (import "host" "i32" (func $i32 (param i32) (result i32))) (import "host" "i64" (func $i64 (param i64) (result i64)))
              (import "host" "f32" (func $f32 (param f32) (result f32))) (import "host" "f64" (func $f64 (param f64) (result f64)))
              (func (export "run") (param i32 i64 f32 f64) (result i32 i64 f32 f64)
                (call $i32 (local.get 0)) (call $i64 (local.get 1)) (call $f32 (local.get 2)) (call $f64 (local.get 3))))
            """);
        using var store = new Store(_engine);
        var linker = new Linker(store);
        foreach (var (name, kind) in new[] { ("i32", ValueKind.Int32),
            ("i64", ValueKind.Int64), ("f32", ValueKind.Float32), ("f64", ValueKind.Float64) })
        {
            linker.DefineFunction("host", name, new FunctionType([kind], [kind]), (arguments, results) => results[0] = arguments[0]);
        }

        var run = linker.Instantiate(module).GetFunction("run")!;
        Gen.Select(Gen.Int, Gen.Long, Gen.Float, Gen.Double).Sample((i, l, f, d) =>
        {
            var results = run.Invoke(i, l, f, d);
            return results[0].AsInt32() == i && results[1].AsInt64() == l
                && results[2].AsSingle().Equals(f) && results[3].AsDouble().Equals(d);
        }, threads: 1);
    }

    [Test]
    public void What_a_module_imports_and_exports_is_told_with_its_types()
    {
        using var module = Module.FromText(_engine, """
            (module
              (import "env" "main.incrementCount" (func (param i32) (result i64))) (import "env" "g" (global (mut f32))) (import "env" "t" (table 1 2 funcref)) (import "env" "m" (memory 3))
              (func (export "run")) (export "again" (memory 0)))
            """);
        Assert.That(module.Imports, Is.EqualTo(new Import[]
        {
            new("env", "main.incrementCount", new FunctionType([ValueKind.Int32], [ValueKind.Int64])),
            new("env", "g", new GlobalType(ValueKind.Float32, true)),
            new("env", "t", new TableType(ValueKind.FuncRef, new Limits(1, 2))),
            new("env", "m", new MemoryType(new Limits(3, null))),
        }));
        Assert.That(module.Exports,
            Is.EqualTo(new Export[] { new("run", new FunctionType([], [])), new("again", new MemoryType(new Limits(3, null))) }));
    }

    [Test]
    public void A_missing_import_is_named_in_Wasmers_words()
    {
        using var module = Module.FromText(_engine,
            """(module (import "env" "here" (func)) (import "env" "time.resetTimer" (func (param i32))) (import "env" "later" (func)))""");
        using var store = new Store(_engine);
        var linker = new Linker(store);
        linker.DefineFunction("env", "here", new FunctionType([], []), (_, _) => { });
        linker.DefineFunction("env", "later", new FunctionType([], []), (_, _) => { });
        Assert.That(() => linker.Instantiate(module), Throws.TypeOf<LinkException>().With.Message.EqualTo(
            "Error while importing \"env\".\"time.resetTimer\": unknown import. Expected Function(FunctionType { params: [I32], results: [] })"));
    }

    [Test]
    public void An_import_of_another_type_is_refused()
    {
        using var module = Module.FromText(_engine, """(module (import "env" "f" (func (param i32))))""");
        using var store = new Store(_engine);
        var linker = new Linker(store);
        linker.DefineFunction("env", "f", new FunctionType([ValueKind.Float64], []), (_, _) => { });
        Assert.That(() => linker.Instantiate(module), Throws.TypeOf<LinkException>().With.Message.Contains(
            "incompatible import type. Expected Function(FunctionType { params: [I32], results: [] }) but received"));
    }

    [Test]
    public void An_exception_of_a_host_function_comes_out_of_the_guests_call()
    {
        using var store = new Store(_engine);
        using var module = Module.FromText(_engine, """(module (import "env" "f" (func $f)) (func (export "run") (call $f)))""");
        var linker = new Linker(store);
        var thrown = new InvalidTimeZoneException("no counter");
        linker.DefineFunction("env", "f", new FunctionType([], []), (_, _) => throw thrown);
        var run = linker.Instantiate(module).GetFunction("run")!;
        Assert.That(() => run.Invoke(),
            Throws.TypeOf<TrapException>().With.Message.EqualTo("no counter").And.InnerException.SameAs(thrown));
    }

    [Test]
    public void A_trap_tells_where_and_a_later_one_has_no_exception_of_an_earlier_call()
    {
        using var store = new Store(_engine);
        using var module = Module.FromText(_engine,
            """(module (import "env" "f" (func $f)) (func (export "host") (call $f)) (func (export "own") unreachable))""");
        var linker = new Linker(store);
        linker.DefineFunction("env", "f", new FunctionType([], []), (_, _) => throw new InvalidTimeZoneException());
        var instance = linker.Instantiate(module);
        Assert.That(() => instance.GetFunction("host")!.Invoke(), Throws.TypeOf<TrapException>());
        var trap = Assert.Throws<TrapException>(() => instance.GetFunction("own")!.Invoke())!;
        Assert.That((trap.Message, trap.InnerException, trap.ExitCode, trap.Frames.Single().FunctionIndex),
            Is.EqualTo(("unreachable", (Exception?)null, (int?)null, 2u)));
    }

    [Test]
    public void Arguments_of_the_wrong_types_never_reach_Wasmer()
    {
        using var store = new Store(_engine);
        using var module = Module.FromText(_engine, """(module (func (export "run") (param i32)))""");
        var run = new Instance(store, module).GetFunction("run")!;
        Assert.That(() => run.Invoke(), Throws.ArgumentException);
        Assert.That(() => run.Invoke(1L), Throws.ArgumentException);
        Assert.That(() => run.Invoke(1), Throws.Nothing);
        using var other = new Store(_engine);
        var foreign = Function.FromCallback(other, new FunctionType([], []), (_, _) => { });
        Assert.That(() => new Instance(store, module, foreign), Throws.ArgumentException.With.Message.Contains("lives in another store"));
    }

    [Test]
    public void A_module_that_mixes_WASI_namespaces_links_and_runs_on_one_environment()
    {
        using var module = Module.FromText(_engine, """
            (module
              (import "wasi_snapshot_preview1" "args_sizes_get" (func $args (param i32 i32) (result i32)))
              (import "wasix_32v1" "proc_id" (func $id (param i32) (result i32)))
              (import "wasi_unstable" "environ_sizes_get" (func $environ (param i32 i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "_start") (drop (call $args (i32.const 0) (i32.const 4))) (drop (call $environ (i32.const 8) (i32.const 12))) (drop (call $id (i32.const 16)))))
            """);
        using var store = new Store(_engine);
        var linker = new Linker(store);
        var wasi = new Wasi(_engine, store, new WasiConfiguration("guest").WithArgs(["one", "two"]).WithEnvironmentVariable("A", "b"));
        linker.DefineWasi(wasi, module);
        var instance = linker.Instantiate(module);
        wasi.Initialize(instance);
        instance.GetFunction("_start")!.Invoke();
        var memory = instance.GetMemory("memory")!.GetSpan();
        Assert.That((BitConverter.ToInt32(memory), BitConverter.ToInt32(memory[8..]), BitConverter.ToInt32(memory[16..]) > 0),
            Is.EqualTo((3, 1, true)));
    }

    [Test]
    public void Proc_exit_tells_its_code_zero_too([Values(0, 3, 255)] int code)
    {
        using var module = Module.FromText(_engine, $"""(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory (export "memory") 1) (func (export "_start") (call $exit (i32.const {code}))))""");
        using var store = new Store(_engine);
        var linker = new Linker(store);
        var wasi = new Wasi(_engine, store, new WasiConfiguration("guest"));
        linker.DefineWasi(wasi, module);
        var instance = linker.Instantiate(module);
        wasi.Initialize(instance);
        Assert.That(Assert.Throws<TrapException>(() => instance.GetFunction("_start")!.Invoke())!.ExitCode, Is.EqualTo(code));
    }

    /// <summary>Wasmer itself would end the process in both cases.</summary>
    [Test]
    public void An_environment_that_no_guest_ever_used_and_a_guest_without_memory_are_survived()
    {
        using var module = Module.FromText(_engine,
            """(module (import "wasi_snapshot_preview1" "sched_yield" (func (result i32))) (import "env" "nobody" (func)))""");
        using (var store = new Store(_engine))
        {
            var linker = new Linker(store);
            linker.DefineWasi(new Wasi(_engine, store, new WasiConfiguration("guest")), module);
            Assert.That(() => linker.Instantiate(module), Throws.TypeOf<LinkException>());
        }

        using var noMemory = Module.FromText(_engine, """(module (import "wasi_snapshot_preview1" "sched_yield" (func (result i32))))""");
        using (var store = new Store(_engine))
        {
            var linker = new Linker(store);
            var wasi = new Wasi(_engine, store, new WasiConfiguration("guest"));
            linker.DefineWasi(wasi, noMemory);
            Assert.That(() => wasi.Initialize(linker.Instantiate(noMemory)),
                Throws.TypeOf<WasmerException>().With.Message.EqualTo("a WASI guest must export its memory"));
        }
    }

    [Test]
    public void A_preopened_folder_that_is_not_there_is_told()
    {
        using var store = new Store(_engine);
        Assert.That(() => new Wasi(_engine, store, new WasiConfiguration("guest").WithPreopenedDirectory("/no/such/folder", "/data")),
            Throws.TypeOf<WasmerException>().With.Message.Contains("/no/such/folder"));
    }

    [Test]
    public void A_compiled_module_can_be_kept_and_nonsense_is_refused()
    {
        using var module = Module.FromText(_engine, """(module (func (export "run") (result i32) i32.const 42))""");
        using var again = Module.Deserialize(_engine, module.Serialize());
        using var store = new Store(_engine);
        Assert.That(new Instance(store, again).GetFunction("run")!.Invoke().Single().AsInt32(), Is.EqualTo(42));
        Assert.That(() => Module.Deserialize(_engine, "nonsense"u8), Throws.TypeOf<WasmerException>());
    }

    [Test]
    public void What_is_no_module_is_refused_in_Wasmers_words()
    {
        Assert.That(() => Module.FromBytes(_engine, "hello"u8),
            Throws.TypeOf<WasmerException>().With.Message.StartsWith("Validation error: magic header not detected"));
        Assert.That(() => Module.FromText(_engine, "(module (fun"),
            Throws.TypeOf<WasmerException>().With.Message.Contains("expected valid module field"));
        Assert.That(() => Module.FromText(_engine, "(module (func (result i32)))"),
            Throws.TypeOf<WasmerException>().With.Message.Contains("type mismatch"));
    }

    [Category("Long")]
    [Test]
    public void Ten_thousand_instances_leave_no_native_object_and_no_callback_behind()
    {
        using var module = Module.FromText(_engine, """
            (module (import "env" "f" (func $f (result i32))) (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32))) (memory (export "memory") 1)
              (func (export "_start") (result i32) (drop (call $yield)) (call $f)))
            """);
        InstantiateAndRun(module);
        var (native, callbacks, managed) = (WasmerEngine.LiveNativeObjects,
            Function.LiveCallbacks, GC.GetTotalMemory(forceFullCollection: true));
        for (var i = 0; i < Many; i++) InstantiateAndRun(module);
        Assert.That((WasmerEngine.LiveNativeObjects, Function.LiveCallbacks), Is.EqualTo((native, callbacks)));
        Assert.That(GC.GetTotalMemory(forceFullCollection: true) - managed, Is.LessThan(1 << 20));
    }

    [Test]
    public void A_store_that_is_forgotten_is_never_deleted_by_the_finaliser()
    {
        var before = WasmerEngine.LiveNativeObjects;
        Forget();
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.That(WasmerEngine.LiveNativeObjects, Is.GreaterThan(before), "deleted on the finaliser's thread");

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        void Forget()
        {
            var store = new Store(_engine);
            _ = new Wasi(_engine, store, new WasiConfiguration("guest"));
            Function.FromCallback(store, new FunctionType([], []), (_, _) => { });
        }
    }

    private void InstantiateAndRun(Module module)
    {
        using var store = new Store(_engine);
        var linker = new Linker(store);
        var wasi = new Wasi(_engine, store, new WasiConfiguration("guest"));
        linker.DefineWasi(wasi, module);
        linker.DefineFunction("env", "f", new FunctionType([], [ValueKind.Int32]), (_, results) => results[0] = 42);
        var instance = linker.Instantiate(module);
        wasi.Initialize(instance);
        if (instance.GetFunction("_start")!.Invoke()[0].AsInt32() != 42) Assert.Fail("the guest did not run");
    }
}
