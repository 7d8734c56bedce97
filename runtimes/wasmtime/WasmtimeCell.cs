using System.Diagnostics;
using System.Globalization;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Wasm;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Wasmtime;

namespace Conformance.Runtimes.Wasmtime;

/// <summary>One run of one module, phase by phase.</summary>
internal sealed class WasmtimeCell(RunParams request, WorkerLimits limits, Action<Phase> reached)
{
    private readonly OutputBuffer _stdout = new(limits.OutputBytes);
    private readonly OutputBuffer _stderr = new(limits.OutputBytes);
    private readonly HostFunctions _functions = new(request.CounterUrl);
    private Phase _phase = Phase.Load;
    private bool _told;
    private double? _compile;
    private double? _link;
    private double? _run;

    public RunResult Run(Engine engine, ModuleStore modules)
    {
        try
        {
            Enter(Phase.Compile, tell: !modules.Has(request.Module));
            var compiled = modules.Get(request.Module);
            _compile = modules.TakeCompileTime(request.Module);

            using var store = new Store(engine);
            store.SetLimits(limits.MemoryBytes, null, null, null, null);
            store.SetWasiConfiguration(Wasi());
            using var linker = new Linker(engine);
            WasmtimeWorker.Define(linker, compiled.Interface, request.Imports, _functions);

            // Linking as such can't hang: a message for it is only worth its time where the module's own code runs in it.
            Enter(Phase.Link, tell: compiled.Interface.HasStart);
            var started = Stopwatch.GetTimestamp();
            var instance = Instantiate(store, linker, compiled);
            _link = Stopwatch.GetElapsedTime(started).TotalMilliseconds;

            if (request.Kind == ModuleKind.WasiReactor && instance.GetAction("_initialize") is { } initialize)
            {
                Enter(Phase.Start, tell: true);
                initialize();
            }

            Enter(Phase.Run, tell: _told);
            return Call(instance);
        }
        catch (IOException e) when (_phase == Phase.Compile)
        {
            _phase = Phase.Load;
            return Result(OutcomeCodes.Unmapped, e.Message);
        }
        catch (WasmFormatException e)
        {
            return Result(OutcomeCodes.Malformed, e.Message);
        }
        catch (WasmtimeException e)
        {
            return Failed(e);
        }
    }

    /// <summary>Links by name, as everybody does; by position only where one name is imported with several types, which a name can't tell apart.</summary>
    private Instance Instantiate(Store store, Linker linker, CompiledModule compiled)
    {
        var imports = compiled.Interface.Imports;
        var names = imports.GroupBy(import => (import.Module, import.Name)).ToList();
        if (names.TrueForAll(name => name.Distinct().Count() == 1)) return linker.Instantiate(store, compiled.Module);

        var hosts = WasmtimeWorker.HostImports(compiled.Interface, request.Imports).DistinctBy(h => h.Import).ToDictionary(h => h.Import);
        var externs = imports.Select(import => hosts.TryGetValue(import, out var host)
            ? Function.FromCallback(store, ValueTypes.Callback(host.Type, host.Host, _functions), ValueTypes.Kinds(host.Type.Parameters), ValueTypes.Kinds(host.Type.Results))
            : linker.GetFunction(store, import.Module, import.Name)).ToArray();
        return externs.Contains(null) ? linker.Instantiate(store, compiled.Module) : new Instance(store, compiled.Module, externs!);
    }

    /// <param name="phase">What begins.</param>
    /// <param name="tell">Whether the harness would take it to be in another phase, and it may last.</param>
    private void Enter(Phase phase, bool tell)
    {
        _phase = phase;
        if (!tell) return;
        _told = true;
        reached(phase);
    }

    private RunResult Call(Instance instance)
    {
        if (instance.GetFunction(request.Entry) is not { } entry) return Result(OutcomeCodes.NoEntry, $"the module exports no function '{request.Entry}'");
        if (entry.Parameters.Count > 0)
            return Result(OutcomeCodes.NoEntry, $"'{request.Entry}' is {ValueTypes.Type(entry)}: an entry takes no parameters");

        var started = Stopwatch.GetTimestamp();
        try
        {
            var value = entry.Invoke();
            _run = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            _phase = Phase.Observe;
            return Result(null, null) with
            {
                Result = value is null ? null : Convert.ToString(value, CultureInfo.InvariantCulture),
                Exit = request.Kind == ModuleKind.WasiCommand ? 0 : null,
            };
        }
        finally
        {
            _run ??= Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
    }

    private RunResult Failed(WasmtimeException e)
    {
        if (e.ExitCode is { } exit)
        {
            // proc_exit is how a command ends: that is no failure, whatever the code.
            _phase = Phase.Observe;
            return Result(null, null) with { Exit = exit };
        }

        if (e.InnerException is HostCallException host) return Result(OutcomeCodes.HostCallFailed, host.Message);
        if (e is TrapException trap)
        {
            if (_phase == Phase.Link) _phase = Phase.Start;
            return Result(TrapCodes.Code(trap.Type), e.Message);
        }

        return Result(_phase switch { Phase.Compile => OutcomeCodes.Malformed, Phase.Link => LinkCodes.Code(e.Message), _ => OutcomeCodes.Unmapped }, e.Message);
    }

    private RunResult Result(string? code, string? text) => new()
    {
        Phase = _phase,
        Code = code,
        Text = text?.Trim(),
        Exit = null,
        Result = null,
        HostCalls = _functions.Calls,
        Stdout = _stdout.Text,
        Stderr = _stderr.Text,
        TimingsMs = new Timings(_compile, _link, _run),
    };

    private WasiConfiguration Wasi()
    {
        var wasi = new WasiConfiguration()
            .WithArgs([Path.GetFileName(request.Module.Path), .. request.Args])
            .WithEnvironmentVariables(request.Env.Select(pair => (pair.Key, pair.Value)))
            .WithStandardOutputCallback(_stdout.Write)
            .WithStandardErrorCallback(_stderr.Write);
        if (request.StdinPath is { } stdin) wasi = wasi.WithStandardInput(stdin);
        return request.Preopens.Aggregate(wasi, (configuration, preopen) => configuration.WithPreopenedDirectory(preopen.Value, preopen.Key, false));
    }
}
