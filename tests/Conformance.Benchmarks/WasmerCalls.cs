using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Reports;
using Conformance.Wasmer;

namespace Conformance.Benchmarks;

/// <summary>
/// The same guest and the same Wasmer: a million host calls by Conformance.Wasmer over a million by the bare C API (a C function compiled
/// here), and what ten thousand instances leave resident.
/// </summary>
public unsafe class WasmerCalls
{
    private const int Calls = 1_000_000;

    private const int Instances = 10_000;

    private const string Guest = """
        (module (import "env" "increment" (func $increment (param i32) (result i32)))
          (func (export "run") (param $n i32) (result i32) (local $last i32)
            (loop $l
              (local.set $last (call $increment (i32.const 1)))
              (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $last)))
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conformance-benchmark-");
    private delegate* unmanaged[Cdecl]<byte*, byte*, nuint, int, long> _bare;
    private byte[] _path = [];
    private byte[] _guest = [];
    private Conformance.Wasmer.Engine? _engine;
    private Module? _module;

    /// <summary>Why it can't be run here; null where it can.</summary>
    public static string? Missing
    {
        get
        {
            try
            {
                WasmerLibrary.Load();
            }
            catch (DllNotFoundException e)
            {
                return e.Message;
            }

            return File.Exists(Path.Combine(Headers, "wasm.h")) ? null : $"no wasm.h in {Headers}: the bare C API can't be compiled";
        }
    }

    private static string Headers => Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(WasmerLibrary.LoadedFrom!))!, "include");

    [GlobalSetup]
    public void Start()
    {
        var library = Path.Combine(_folder.FullName, "bare.so");
        using (var compile = Process.Start("cc", ["-O2", "-shared",
            "-fPIC", "-I", Headers, Path.Combine(AppContext.BaseDirectory, "bare-wasmer.c"), "-o", library, "-ldl"]))
        {
            compile.WaitForExit();
        }

        _bare = (delegate* unmanaged[Cdecl]<byte*, byte*, nuint,
            int, long>)NativeLibrary.GetExport(NativeLibrary.Load(library), "bare_host_calls");
        _path = System.Text.Encoding.UTF8.GetBytes(WasmerLibrary.LoadedFrom + "\0");
        _guest = Module.ConvertText(Guest);
        _engine = new Conformance.Wasmer.Engine();
        _module = Module.FromBytes(_engine, _guest);
    }

    [GlobalCleanup]
    public void Stop()
    {
        _module!.Dispose();
        _engine!.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>Compiles the guest in each call, which is nothing beside a million calls.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Calls)]
    public long BareHostCalls()
    {
        fixed (byte* path = _path, guest = _guest) return Counted(_bare(path, guest, (nuint)_guest.Length, Calls));
    }

    [Benchmark(OperationsPerInvoke = Calls)]
    public long HostCalls()
    {
        using var store = new Store(_engine!);
        var counted = 0L;
        var linker = new Linker(store);
        linker.DefineFunction("env", "increment", new FunctionType([ValueKind.Int32], [ValueKind.Int32]),
            (arguments, results) => results[0] = (int)(counted += arguments[0].AsInt32()));
        linker.Instantiate(_module!).GetFunction("run")!.Invoke(Calls);
        return Counted(counted);
    }

    /// <summary>The two as a ratio, and the resident size around ten thousand instances.</summary>
    public static void Print(Summary summary)
    {
        double Median(string name) => summary.Reports.First(
            r => r.BenchmarkCase.Descriptor.WorkloadMethod.Name == name).ResultStatistics!.Median;
        var (bare, ours) = (Median(nameof(BareHostCalls)), Median(nameof(HostCalls)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"per host call: bare C API {bare:0.0} ns, Conformance.Wasmer {ours:0.0} ns, ratio {ours / bare:0.00}"));
        Measures.Add("a host call of Wasmer over the bare C API", ours / bare);

        using var engine = new Conformance.Wasmer.Engine();
        using var module = Module.FromText(engine, Guest);
        Instantiate(engine, module, Instances / 10);
        var (before, objects) = (Resident(), Conformance.Wasmer.Engine.LiveNativeObjects);
        Instantiate(engine, module, Instances);
        var after = Resident();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"per instance: {Instances} instances: resident {before / 1e6:0.0} MB before, {after / 1e6:0.0} MB after, ratio {(double)after / before:0.00}; native objects {objects} before, {Conformance.Wasmer.Engine.LiveNativeObjects} after"));
    }

    private static void Instantiate(Conformance.Wasmer.Engine engine, Module module, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var store = new Store(engine);
            var linker = new Linker(store);
            linker.DefineFunction("env", "increment", new FunctionType([ValueKind.Int32], [ValueKind.Int32]),
                (arguments, results) => results[0] = arguments[0]);
            linker.Instantiate(module).GetFunction("run")!.Invoke(10);
        }
    }

    private static long Resident()
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private static long Counted(long calls) => calls == Calls ? calls : throw new InvalidOperationException($"counted {calls}");
}
