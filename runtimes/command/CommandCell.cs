using System.Collections.Immutable;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;

namespace Conformance.Runtimes.Command;

/// <summary>One run of one module by a command. Whether it links is asked of the module as it is; what runs may be composed.</summary>
internal sealed class CommandCell(
    RunParams request, RuntimeCommand command, ImportProbes probes, Composition composition, Action<Phase> reached)
{
    private readonly HostFunctions _functions = new(request.CounterUrl);

    public RunResult Run()
    {
        byte[] bytes;
        WasmInterface module;
        try
        {
            bytes = ModuleBytes.Read(request.Module);
        }
        catch (IOException e)
        {
            return RunResult.Failed(Phase.Load, OutcomeCodes.Unmapped, e.Message);
        }

        try
        {
            module = WasmInterfaceReader.Read(bytes);
        }
        catch (WasmFormatException e)
        {
            return RunResult.Failed(Phase.Compile, OutcomeCodes.Malformed, e.Message);
        }

        if (Unprovidable() is { } unprovidable) return RunResult.Failed(Phase.Link, OutcomeCodes.Unprovidable, unprovidable);
        ImmutableArray<FulfilledImport> hosts = [.. HostImports.Fulfilled(module, request.Imports, HostFunctions.IsNumber)];
        var named = request is { Entry: not "_start" } or { Kind: ModuleKind.WasiReactor };
        if (request.Verdicts is { } verdicts)
            probes.Learn(module.Imports.Distinct().Zip(verdicts).Where(asked => !IsProvided(asked.First)));
        var provided = module.Imports.Any(IsProvided);
        var enters = !named || !command.Description.Entry.IsEmpty && request.Kind != ModuleKind.WasiReactor;
        return !provided && enters ? RunAsItIs(bytes, module, named) : RunComposed(bytes, module, hosts);
    }

    /// <summary>Whether the manifest provides an import.</summary>
    private bool IsProvided(WasmImport import) => request.Imports.Any(host => (host.Module, host.Name) == (import.Module, import.Name))
        || (request.Definitions ?? []).Any(definition => (definition.Module, definition.Name) == (import.Module, import.Name));

    /// <summary>What the command has no argument for, in words; null where it has all that the scenario needs.</summary>
    private string? Unprovidable()
    {
        var description = command.Description;
        if (request.Argv0 is not null && description.Argv0.IsEmpty) return $"{description.Program} has no option for argv[0]";
        if (!request.Preopens.IsEmpty && description.Preopen.IsEmpty) return $"{description.Program} has no option for folders";
        return description.ReadOnlyPreopen.IsEmpty ? UnprovidableException.ReadOnlyFolder(request.Preopens, description.Program) : null;
    }

    private RunResult RunAsItIs(byte[] bytes, WasmInterface module, bool named)
    {
        reached(Phase.Run);
        var file = command.Description.Stdin.IsEmpty ? null : request.StdinPath;
        var run = CommandRun.ForCell(request, request.Module.Path, request.Module.Sha256);
        var end = command.Run(run with { Entry = named ? request.Entry : null, Stdin = file },
            file is null ? request.StdinPath : null, null);
        if (CommandFailures.Find(command.Description, end) is { } failed && !(end.OwnWords is null && Exits(bytes, module, end, failed)))
            return Result(failed, end);
        if (NoEntry(module) is { } missing) return missing;
        if (!named || end.Exit != 0) return Result(Outcome.Success, end) with { Exit = end.Exit };
        var results = ((FunctionType)module.Exports.First(export => export.Name == request.Entry).Type).Results.Length;
        var (result, stdout) = CommandFailures.Result(command.Description, end, results);
        return Result(Outcome.Success, end with { Stdout = stdout }) with { Result = result };
    }

    /// <summary>
    /// Whether it was the guest that ended, by <c>proc_exit</c>: then the words of a failure among its output are its own. Asked of those
    /// only that can print such words and end so, by running them again with a <c>proc_exit</c> that tells.
    /// </summary>
    private bool Exits(byte[] bytes, WasmInterface module, CommandEnd end, CommandFailure failed)
    {
        // What is merged has lost the imports that nothing calls, and could link where the guest does not.
        if (failed.Outcome.Phase == Phase.Link
            && probes.Ask(module.Imports).Values.Any(verdict => verdict.Code is not (null or OutcomeCodes.Unchecked)))
        {
            return false;
        }

        if (HostCallModule.ExitOf(module) is null || !module.Imports.Any(import => import.Name is "fd_write" or "fd_pwrite")
            || Composition.Limit(module, [], request, !command.Description.Stdin.IsEmpty) is not null)
        {
            return false;
        }

        try
        {
            var calls = new ComposedCalls([], _functions, null, request.StdinPath);
            var guest = composition.Compose(bytes, module, [], request);
            var again = command.Run(CommandRun.ForCell(request, guest.Path, guest.Key), null, calls);
            return calls.HasExited && again.Exit == end.Exit;
        }
        catch (UnprovidableException)
        {
            return false;
        }
    }

    private RunResult RunComposed(byte[] bytes, WasmInterface module, ImmutableArray<FulfilledImport> hosts)
    {
        reached(Phase.Compile);
        if (command.Refusal(request.Module) is { } refusal) return RunResult.Failed(Phase.Compile, refusal.Code!, refusal.Text);
        if (Unfit(module, hosts) is { } unfit) return RunResult.Failed(Phase.Link, unfit.Code!, unfit.Text);
        if (NoEntry(module) is { } missing) return missing;
        if (Composition.Limit(module, hosts, request, !command.Description.Stdin.IsEmpty) is { } limit)
            return RunResult.Failed(Phase.Link, OutcomeCodes.Unprovidable, $"host functions are composed, and {limit}");

        ComposedGuest guest;
        try
        {
            guest = composition.Compose(bytes, module, hosts, request);
        }
        catch (UnprovidableException e)
        {
            return RunResult.Failed(Phase.Link, OutcomeCodes.Unprovidable, $"host functions are composed, and that failed: {e.Message}");
        }

        reached(Phase.Run);
        var calls = new ComposedCalls(guest.Hosts, _functions, guest.ResultType, request.StdinPath);
        var end = command.Run(CommandRun.ForCell(request, guest.Path, guest.Key), null, calls);
        if (calls.Violation is { } violation) return Result(Outcome.Failure(Phase.Run, OutcomeCodes.ProtocolError), end, violation);
        if (calls.Failure is { } failure) return Result(Outcome.Failure(Phase.Run, OutcomeCodes.HostCallFailed), end, failure.Message);
        // How the command ended comes before what the guest says of itself.
        if (!calls.HasExited && CommandFailures.Find(command.Description, end) is { } failed)
        {
            return failed.Outcome is { Phase: Phase.Start, Code: OutcomeCodes.WasiFault }
                ? RunResult.Failed(Phase.Link, OutcomeCodes.Unprovidable,
                    $"composed host functions ask by WASI, which a start function has not here: {failed.Text}")
                : Result(failed, end);
        }

        if (!calls.HasReturned || end.Exit != 0) return Result(Outcome.Success, end) with { Exit = end.Exit };
        return Result(Outcome.Success, end) with
        {
            Exit = request.Kind == ModuleKind.WasiCommand ? 0 : null,
            Result = calls.Returned,
        };
    }

    /// <summary>The first import that keeps the module from linking, as it is.</summary>
    private Ending? Unfit(WasmInterface module, ImmutableArray<FulfilledImport> hosts)
    {
        var verdicts = ImportVerdicts.Ask(module, hosts.ToDictionary(host => host.Import), request.Imports, request.Definitions, probes);
        return module.Imports.Select(import => verdicts[import]).FirstOrDefault(verdict =>
            verdict.Code is not (null or OutcomeCodes.Unchecked)) is { Code: { } code } refused ? new Ending(code, refused.Text) : null;
    }

    private RunResult? NoEntry(WasmInterface module) => module.Exports.FirstOrDefault(export => export.Name == request.Entry)?.Type switch
    {
        FunctionType { Parameters.IsEmpty: true } => null,
        FunctionType type => RunResult.Failed(Phase.Run, OutcomeCodes.NoEntry,
            $"'{request.Entry}' is {type}: an entry takes no parameters"),
        _ => RunResult.Failed(Phase.Run, OutcomeCodes.NoEntry, $"the module exports no function '{request.Entry}'"),
    };

    private RunResult Result(CommandFailure failed, CommandEnd end)
    {
        var outcome = failed.Offset is { } offset
            ? Outcome.Failure(failed.Outcome.Phase, TableTraps.Refine(failed.Outcome.Code, ModuleBytes.Read(request.Module), offset)!)
            : failed.Outcome;
        return Result(outcome, end with { Stdout = failed.Stdout }, failed.Text);
    }

    private RunResult Result(Outcome outcome, CommandEnd end, string? text = null) => new()
    {
        Outcome = outcome,
        Text = text,
        HostCalls = _functions.Calls,
        Stdout = end.Stdout,
        Stderr = end.Stderr,
        TimingsMs = new Timings(null, null, end.Milliseconds),
    };
}
