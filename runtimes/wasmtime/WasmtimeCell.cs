using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;
using Wasmtime;

namespace Conformance.Runtimes.Wasmtime;

/// <summary>One run of one module on Wasmtime.</summary>
internal sealed class WasmtimeCell(RunParams request, WorkerLimits limits, Engine engine, ModuleStore<Module> modules, Action<Phase> reached)
    : EngineCell<Module>(request, modules, reached), IDisposable
{
    private readonly OutputBuffer _stdout = new(limits.OutputBytes);
    private readonly OutputBuffer _stderr = new(limits.OutputBytes);
    private readonly Store _store = new(engine);
    private readonly Linker _linker = new(engine);
    private Instance? _instance;

    protected override CapturedText Stdout => _stdout.Text;

    protected override CapturedText Stderr => _stderr.Text;

    public void Dispose()
    {
        _linker.Dispose();
        _store.Dispose();
    }

    protected override void Instantiate(CompiledModule<Module> module)
    {
        _store.SetLimits(limits.MemoryBytes, null, null, null, null);
        _store.SetWasiConfiguration(Wasi());
        new Definitions(engine, Request.Imports, Request.Definitions, Functions).Define(_linker, _store, module.Interface);

        // Links by name, as everybody does; by position only where one name is imported with several types, which a name can't tell apart.
        var imports = module.Interface.Imports;
        if (imports.GroupBy(import => (import.Module, import.Name)).All(name => name.Distinct().Count() == 1))
        {
            _instance = _linker.Instantiate(_store, module.Module);
            return;
        }

        var hosts = HostImports.Of(module.Interface, Request.Imports, ValueTypes.Knows).DistinctBy(h => h.Import).ToDictionary(h => h.Import);
        var externs = imports.Select(import => hosts.TryGetValue(import, out var host)
            ? Function.FromCallback(_store, ValueTypes.Callback(host, Functions), ValueTypes.Kinds(host.Type.Parameters), ValueTypes.Kinds(host.Type.Results))
            : Find(import)).ToArray();
        _instance = externs.Contains(null) ? _linker.Instantiate(_store, module.Module) : new Instance(_store, module.Module, externs!);
    }

    private object? Find(WasmImport import) =>
        (object?)_linker.GetFunction(_store, import.Module, import.Name) ?? (object?)_linker.GetMemory(_store, import.Module, import.Name)
        ?? (object?)_linker.GetTable(_store, import.Module, import.Name) ?? _linker.GetGlobal(_store, import.Module, import.Name);

    protected override string? Call((int Position, string Name) export) => _instance!.GetFunction(export.Name)!.Invoke() switch
    {
        null => null,
        object[] several => string.Join(' ', several.Select(Decimal)),
        var one => Decimal(one),
    };

    protected override Ending? Explain(Exception e, Phase phase) => e switch
    {
        WasmtimeException { ExitCode: { } exit } => new Ending(null, null, exit),
        WasmtimeException { InnerException: HostCallException host } => new Ending(OutcomeCodes.HostCallFailed, host.Message),
        TrapException trap => new Ending(WasmtimeErrors.CodeOfTrap(trap), e.Message),
        WasmtimeException => new Ending(phase switch { Phase.Compile => ValidatorWords.Code(e.Message), Phase.Link => WasmtimeErrors.CodeOfLinkError(e.Message), _ => WasmtimeErrors.CodeOfRunError(e.Message) }, e.Message),
        _ => null,
    };

    protected override bool IsExecution(Exception e) => e is TrapException or { InnerException: HostCallException };

    private WasiConfiguration Wasi()
    {
        var wasi = new WasiConfiguration()
            .WithArgs([Path.GetFileName(Request.Module.Path), .. Request.Args])
            .WithEnvironmentVariables(Request.Env.Select(pair => (pair.Key, pair.Value)))
            .WithStandardOutputCallback(_stdout.Write)
            .WithStandardErrorCallback(_stderr.Write);
        if (Request.StdinPath is { } stdin) wasi = wasi.WithStandardInput(stdin);
        return Request.Preopens.Aggregate(wasi, (configuration, preopen) => configuration.WithPreopenedDirectory(preopen.Value, preopen.Key, false));
    }
}
