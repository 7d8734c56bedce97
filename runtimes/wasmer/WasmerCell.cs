using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;
using Conformance.Wasmer;

namespace Conformance.Runtimes.Wasmer;

/// <summary>One run of one module on Wasmer.</summary>
internal sealed class WasmerCell(RunParams request, Engine engine, ModuleStore<Module> modules, StandardStreams streams, StdinRemainder remainder, Action<Phase> reached)
    : EngineCell<Module>(request, modules, reached), IDisposable
{
    private readonly Store _store = new(engine);
    private Wasi? _wasi;
    private Instance? _instance;
    private bool _captures;
    private (CapturedText Stdout, CapturedText Stderr) _output = (CapturedText.Empty, CapturedText.Empty);

    protected override CapturedText Stdout => Output().Stdout;

    protected override CapturedText Stderr => Output().Stderr;

    public void Dispose()
    {
        Output();
        _store.Dispose();
        if (_wasi is not null && Request.StdinPath is not null) remainder.Drop();
    }

    protected override void Instantiate(CompiledModule<Module> module)
    {
        if (Definitions.ImportsWasi(module.Interface)) _wasi = new Wasi(engine, _store, Configuration());
        var definitions = new Definitions(engine, _store, module.Interface, Request.Imports, Request.Definitions, Functions, _wasi);
        // Up to the first that nobody provides, which Wasmer then names: a null among the imports would end the process.
        var imports = module.Interface.Imports.Select(definitions.Find).TakeWhile(item => item is not null).OfType<Extern>().ToArray();
        _instance = new Instance(_store, module.Module, imports);
    }

    protected override Ending? BeforeFirstCall(CompiledModule<Module> module)
    {
        if (_wasi is null) return null;
        if (!module.Interface.Exports.Any(export => export.Type.Kind == ExternKind.Memory))
            return new Ending(OutcomeCodes.NoMemory, "a WASI guest must export its memory (its first WASI call would end Wasmer's process)");
        _wasi.Initialize(_instance!);
        // Only a guest with WASI can print, and not before this: in a start function a WASI call ends Wasmer's process, whose last words are for the real stderr.
        streams.Begin(Request.StdinPath);
        _captures = true;
        return null;
    }

    protected override string? Call((int Position, string Name) export) =>
        _instance!.GetFunction(export.Position)!.Invoke() is { IsEmpty: false } values ? string.Join(' ', values.Select(value => value.ToString())) : null;

    protected override Ending? Explain(Exception e, Phase phase) => e switch
    {
        TrapException { ExitCode: { } exit } => new Ending(null, null, exit),
        TrapException { InnerException: HostCallException host } => new Ending(OutcomeCodes.HostCallFailed, host.Message),
        TrapException => new Ending(WasmerErrors.CodeOfTrap(e.Message), e.Message),
        LinkException => new Ending(WasmerErrors.CodeOfLinkError(e.Message), e.Message),
        WasmerException => new Ending(phase == Phase.Compile ? WasmerErrors.CodeOfCompileError(e.Message) : OutcomeCodes.Unmapped, e.Message),
        _ => null,
    };

    protected override bool IsExecution(Exception e) => e is TrapException;

    /// <summary>All that was printed; asking for it ends the capture.</summary>
    private (CapturedText Stdout, CapturedText Stderr) Output()
    {
        if (!_captures) return _output;
        _captures = false;
        return _output = streams.End();
    }

    private WasiConfiguration Configuration()
    {
        var configuration = new WasiConfiguration(Path.GetFileName(Request.Module.Path)).WithArgs(Request.Args).WithInheritedStandardOutput().WithInheritedStandardError();
        foreach (var (name, value) in Request.Env) configuration.WithEnvironmentVariable(name, value);
        foreach (var (guestPath, folder) in Request.Preopens) configuration.WithPreopenedDirectory(folder, guestPath);
        return configuration;
    }
}
