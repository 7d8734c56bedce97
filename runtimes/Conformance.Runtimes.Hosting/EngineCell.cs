using System.Diagnostics;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Wasm;

namespace Conformance.Runtimes.Hosting;

/// <summary>One run of one module in an engine that is bound in C#, phase by phase.</summary>
internal sealed class EngineCell<TModule>(EngineSession<TModule> session, RunParams request, Action<Phase> reached) : IDisposable
    where TModule : class, IDisposable
{
    private readonly GuestSetup _setup = new(request.Imports, request.Definitions ?? [], new HostFunctions(request.CounterUrl), request);
    private CompiledModule<TModule>? _module;
    private EngineGuest<TModule>? _guest;
    private string? _variant;
    private Phase _phase = Phase.Load;
    private bool _told;
    private double? _compile;
    private double? _link;
    private double? _run;

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
        catch (Exception e) when (session.ExplainAny(e, _phase) is { } ending)
        {
            // proc_exit is how a command ends: that is no failure, whatever the code. A trap while linking is the start function's.
            if (ending.Code is null) _phase = Phase.Observe;
            else if (_phase == Phase.Link && ending.IsExecution) _phase = Phase.Start;
            else if (ending.Offset is { } offset)
                ending = ending with { Code = TableTraps.Refine(ending.Code, ModuleBytes.Read(request.Module), offset) };
            else if (e is UnprovidableException) _phase = Phase.Link; // some engines have to be kept from it earlier
            return Result(ending);
        }
    }

    public void Dispose()
    {
        _guest?.Dispose();
        if (_variant is null) _module?.Module.Dispose();
    }

    private RunResult Observe()
    {
        _phase = Phase.Compile;
        _variant = session.Variant(request);
        Enter(Phase.Compile, tell: !session.Has(request.Module, _variant));
        var module = _module = session.Get(request.Module, _variant, _setup);
        _compile = session.TakeCompileTime(request.Module);

        // Linking as such can't hang: a message for it is only worth its time where the module's own code runs in it.
        Enter(Phase.Link, tell: module.Interface.HasStart);
        session.RefuseUnprovidable(module.Interface, _setup);
        var started = Stopwatch.GetTimestamp();
        var guest = _guest = session.Open(_setup, module.Interface);
        guest.Instantiate(module);
        _link = Stopwatch.GetElapsedTime(started).TotalMilliseconds;

        if (request.Kind == ModuleKind.WasiReactor && Export(module.Interface, "_initialize") is { } initialize)
        {
            Enter(Phase.Start, tell: true);
            if (guest.BeforeFirstCall(module) is { } refused) return Result(refused);
            guest.Call((initialize.Position, "_initialize"));
            Enter(Phase.Run, tell: _told);
        }
        else
        {
            Enter(Phase.Run, tell: _told);
            if (guest.BeforeFirstCall(module) is { } refused) return Result(refused);
        }

        if (Export(module.Interface, request.Entry) is not { } entry)
            return Result(new Ending(OutcomeCodes.NoEntry, $"the module exports no function '{request.Entry}'"));
        if (!entry.Type.Parameters.IsEmpty)
            return Result(new Ending(OutcomeCodes.NoEntry, $"'{request.Entry}' is {entry.Type}: an entry takes no parameters"));

        started = Stopwatch.GetTimestamp();
        try
        {
            var result = guest.Call((entry.Position, request.Entry));
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
        foreach (var (position, export) in module.Exports.Index())
        {
            if (export.Name == name && export.Type is FunctionType type) return (position, type);
        }

        return null;
    }

    private RunResult Result(Ending ending)
    {
        var (stdout, stderr) = _guest?.Output ?? (CapturedText.Empty, CapturedText.Empty);
        return new RunResult
        {
            Outcome = new Outcome(_phase, ending.Code),
            Text = ending.Text?.Trim(),
            Exit = ending.Exit,
            HostCalls = _setup.Functions.Calls,
            Stdout = stdout,
            Stderr = stderr,
            TimingsMs = new Timings(_compile, _link, _run),
        };
    }
}
