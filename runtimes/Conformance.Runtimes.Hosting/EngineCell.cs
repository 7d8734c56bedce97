using System.Diagnostics;
using System.Globalization;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Wasm;

namespace Conformance.Runtimes.Hosting;

/// <summary>How an engine's exception ends a cell.</summary>
/// <param name="Code">Null where it is no failure: <c>proc_exit</c>.</param>
/// <param name="Text">The engine's words.</param>
/// <param name="Exit">The exit code, of <c>proc_exit</c>.</param>
public sealed record Ending(string? Code, string? Text, int? Exit = null);

/// <summary>One run of one module in an engine that is bound in C#, phase by phase. What differs from engine to engine is abstract.</summary>
/// <param name="request">What to run.</param>
/// <param name="modules">The worker's compiled modules.</param>
/// <param name="reached">To be told of phases.</param>
public abstract class EngineCell<TModule>(RunParams request, ModuleStore<TModule> modules, Action<Phase> reached)
    where TModule : class, IDisposable
{
    private Phase _phase = Phase.Load;
    private bool _told;
    private double? _compile;
    private double? _link;
    private double? _run;

    protected RunParams Request => request;

    protected HostFunctions Functions { get; } = new(request.CounterUrl);

    protected abstract CapturedText Stdout { get; }

    protected abstract CapturedText Stderr { get; }

    /// <summary>Runs it. Whatever the guest does is in the result.</summary>
    public RunResult Run()
    {
        try
        {
            return Observe();
        }
        catch (IOException e) when (_phase == Phase.Compile)
        {
            _phase = Phase.Load;
            return Result(new Ending(OutcomeCodes.Unmapped, e.Message));
        }
        catch (WasmFormatException e)
        {
            return Result(new Ending(OutcomeCodes.Malformed, e.Message));
        }
        catch (Exception e) when (Explain(e, _phase) is { } ending)
        {
            // proc_exit is how a command ends: that is no failure, whatever the code. A trap while linking is the start function's.
            if (ending.Code is null) _phase = Phase.Observe;
            else if (_phase == Phase.Link && IsExecution(e)) _phase = Phase.Start;
            return Result(ending);
        }
    }

    /// <summary>Instantiates the module, its start function included.</summary>
    protected abstract void Instantiate(CompiledModule<TModule> module);

    /// <summary>Is called once between the instance's making and the first call of an export.</summary>
    /// <returns>Why the guest can't be entered, or null.</returns>
    protected virtual Ending? BeforeFirstCall(CompiledModule<TModule> module) => null;

    /// <summary>Calls an exported function that takes nothing.</summary>
    /// <param name="export">Its place in the export section, and its name.</param>
    /// <returns>Its results as decimal text, separated by spaces; null where it has none.</returns>
    protected abstract string? Call((int Position, string Name) export);

    /// <summary>What an exception means; null for one that isn't the engine's.</summary>
    protected abstract Ending? Explain(Exception e, Phase phase);

    /// <summary>Whether an exception is of code that ran, and not of linking it.</summary>
    protected abstract bool IsExecution(Exception e);

    private RunResult Observe()
    {
        Enter(Phase.Compile, tell: !modules.Has(request.Module));
        var module = modules.Get(request.Module);
        _compile = modules.TakeCompileTime(request.Module);

        // Linking as such can't hang: a message for it is only worth its time where the module's own code runs in it.
        Enter(Phase.Link, tell: module.Interface.HasStart);
        var started = Stopwatch.GetTimestamp();
        Instantiate(module);
        _link = Stopwatch.GetElapsedTime(started).TotalMilliseconds;

        if (request.Kind == ModuleKind.WasiReactor && Export(module.Interface, "_initialize") is { } initialize)
        {
            Enter(Phase.Start, tell: true);
            if (BeforeFirstCall(module) is { } refused) return Result(refused);
            Call((initialize.Position, "_initialize"));
            Enter(Phase.Run, tell: _told);
        }
        else
        {
            Enter(Phase.Run, tell: _told);
            if (BeforeFirstCall(module) is { } refused) return Result(refused);
        }

        if (Export(module.Interface, request.Entry) is not { } entry) return Result(new Ending(OutcomeCodes.NoEntry, $"the module exports no function '{request.Entry}'"));
        if (!entry.Type.Parameters.IsEmpty) return Result(new Ending(OutcomeCodes.NoEntry, $"'{request.Entry}' is {entry.Type}: an entry takes no parameters"));

        started = Stopwatch.GetTimestamp();
        try
        {
            var result = Call((entry.Position, request.Entry));
            _run = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            _phase = Phase.Observe;
            return Result(new Ending(null, null, request.Kind == ModuleKind.WasiCommand ? 0 : null)) with { Result = result };
        }
        finally
        {
            _run ??= Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
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

    private static (int Position, FunctionType Type)? Export(WasmInterface module, string name)
    {
        for (var i = 0; i < module.Exports.Length; i++)
        {
            if (module.Exports[i].Name == name && module.Exports[i].Type is FunctionType type) return (i, type);
        }

        return null;
    }

    private RunResult Result(Ending ending) => new()
    {
        Outcome = new Outcome(_phase, ending.Code),
        Text = ending.Text?.Trim(),
        Exit = ending.Exit,
        HostCalls = Functions.Calls,
        Stdout = Stdout,
        Stderr = Stderr,
        TimingsMs = new Timings(_compile, _link, _run),
    };

    /// <summary>A result as reports have it.</summary>
    protected static string Decimal(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
