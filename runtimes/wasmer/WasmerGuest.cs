using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;
using Conformance.Wasmer;
using ExternType = Conformance.Wasm.ExternType;
using FunctionType = Conformance.Wasmer.FunctionType;

namespace Conformance.Runtimes.Wasmer;

/// <summary>One instance of one module on Wasmer.</summary>
internal sealed class WasmerGuest : EngineGuest<Module>
{
    public static ValueKinds<ValueKind> Kinds { get; } = new(
        ("i32", ValueKind.Int32), ("i64", ValueKind.Int64), ("f32", ValueKind.Float32), ("f64", ValueKind.Float64),
        ("funcref", ValueKind.FuncRef), ("externref", ValueKind.ExternRef));

    private readonly GuestSetup _setup;
    private readonly Store _store;
    private readonly Wasi? _wasi;
    private readonly Definitions _definitions;
    private readonly GuestStreams _streams;
    private readonly StdinRemainder _remainder;
    private Instance? _instance;
    private bool _isReady;

    public WasmerGuest(Engine engine, GuestSetup setup, WasmInterface module, StandardStreams streams, StdinRemainder remainder)
    {
        (_setup, _store, _remainder) = (setup, new Store(engine), remainder);
        _streams = new GuestStreams(streams, setup.Run?.StdinPath);
        if (Definitions.ImportsWasi(module))
            _wasi = new Wasi(engine, _store, setup.Run is { } run ? Configuration(run) : new WasiConfiguration(""));
        _definitions = new Definitions(engine, _store, module, setup, _wasi);
    }

    public override (CapturedText Stdout, CapturedText Stderr) Output => _streams.Output;

    /// <summary>What WASI defines under an import's name.</summary>
    public ExternType? Own(WasmImport import) =>
        _definitions.FindWasi(import)?.Type is FunctionType type ? Kinds.Type(type.Parameters, type.Results) : null;

    /// <summary>Up to the first that nobody provides, which Wasmer then names: a null among the imports would end the process.</summary>
    public override void Instantiate(CompiledModule<Module> module)
    {
        _instance = new Instance(_store, module.Module,
            [.. module.Interface.Imports.Select(_definitions.Find).TakeWhile(item => item is not null).OfType<Extern>()]);
        if (!WasmerSession.CallsStart(module.Interface)) return;
        if (BeforeFirstCall(module) is { } refused) throw new GuestEndException(refused with { IsExecution = true });
        Call((module.Interface.Exports.Length, WasmerSession.Start));
    }

    public override Ending? BeforeFirstCall(CompiledModule<Module> module)
    {
        if (_wasi is null || _isReady) return null;
        _isReady = true;
        if (!module.Interface.Exports.Any(export => export.Type.Kind == ExternKind.Memory))
        {
            return new Ending(OutcomeCodes.NoMemory,
                "a WASI guest must export its memory (its first WASI call would end Wasmer's process)");
        }

        _wasi.Initialize(_instance!);
        // Only a guest with WASI can print, and not before this.
        _streams.Begin();
        return null;
    }

    public override string? Call((int Position, string Name) export) =>
        _instance!.GetFunction(export.Position)!.Invoke() is { IsEmpty: false } values
            ? string.Join(' ', values.Select(value => value.ToString())) : null;

    public override void Dispose()
    {
        _streams.Dispose();
        _store.Dispose();
        if (_wasi is not null && _setup.Run?.StdinPath is not null) _remainder.Drop();
    }

    private WasiConfiguration Configuration(RunParams run)
    {
        if (UnprovidableException.ReadOnlyFolder(run.Preopens, "Wasmer's C API") is { } unprovidable)
            throw new UnprovidableException(unprovidable);
        var configuration = new WasiConfiguration(_setup.Arguments[0])
            .WithArgs(run.Args).WithInheritedStandardOutput().WithInheritedStandardError();
        foreach (var (name, value) in run.Env) configuration.WithEnvironmentVariable(name, value);
        foreach (var preopen in run.Preopens) configuration.WithPreopenedDirectory(preopen.Folder, preopen.GuestPath);
        return configuration;
    }
}
