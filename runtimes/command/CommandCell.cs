using System.Collections.Immutable;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;

namespace Conformance.Runtimes.Command;

/// <summary>One run of one module by a command. Whether it links is asked of the module as it is; what runs may be composed.</summary>
internal sealed class CommandCell(RunParams request, RuntimeCommand command, Composition composition, Action<Phase> reached)
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

        ImmutableArray<FulfilledImport> hosts = [.. HostImports.Fulfilled(module, request.Imports, HostFunctions.IsNumber)];
        var named = request is { Entry: not "_start" } or { Kind: ModuleKind.WasiReactor };
        var provided = module.Imports.Any(import => request.Imports.Any(host => (host.Module, host.Name) == (import.Module, import.Name))
            || (request.Definitions ?? []).Any(definition => (definition.Module, definition.Name) == (import.Module, import.Name)));
        var enters = !named || !command.Description.Entry.IsEmpty && request.Kind != ModuleKind.WasiReactor;
        return !provided && enters ? RunAsItIs(module, named) : RunComposed(bytes, module, hosts);
    }

    private RunResult RunAsItIs(WasmInterface module, bool named)
    {
        reached(Phase.Run);
        var file = command.Description.Stdin.IsEmpty ? null : request.StdinPath;
        var end = command.Run(new CommandRun(request.Module.Path, request.Args,
            request.Env, request.Preopens, named ? request.Entry : null, file), file is null ? request.StdinPath : null, null);
        if (CommandFailures.Find(command.Description, end) is { } failed)
            return Result(failed.Outcome, end with { Stdout = failed.Stdout }, failed.Text);
        if (NoEntry(module) is { } missing) return missing;
        if (!named) return Result(Outcome.Success, end) with { Exit = end.Exit };
        if (end.Exit != 0) return Result(Outcome.Failure(Phase.Run, OutcomeCodes.Unmapped), end, RuntimeCommand.FirstLine(end.Stderr.Text));
        var result = command.Description.Result is { } pattern
            && CommandFailures.Match(pattern, end.Stdout.Text) is { Success: true } match ? match.Groups["result"].Value : null;
        return Result(Outcome.Success, end) with { Result = result };
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
        catch (IOException e)
        {
            return RunResult.Failed(Phase.Link, OutcomeCodes.Unprovidable, $"host functions are composed, and that failed: {e.Message}");
        }

        reached(Phase.Run);
        var calls = new ComposedCalls(guest.Hosts, _functions, guest.ResultType);
        var end = command.Run(new CommandRun(guest.Path, request.Args, request.Env, request.Preopens), null, calls);
        if (calls.Failure is { } failure) return Result(Outcome.Failure(Phase.Run, OutcomeCodes.HostCallFailed), end, failure.Message);
        if (calls.HasReturned)
        {
            return Result(Outcome.Success, end) with
            {
                Exit = request.Kind == ModuleKind.WasiCommand ? 0 : null,
                Result = calls.Returned,
            };
        }

        if (CommandFailures.Find(command.Description, end) is { } failed)
            return Result(failed.Outcome, end with { Stdout = failed.Stdout }, failed.Text);
        return Result(Outcome.Success, end) with { Exit = end.Exit };
    }

    /// <summary>The first import that keeps the module from linking, as it is.</summary>
    private Ending? Unfit(WasmInterface module, ImmutableArray<FulfilledImport> hosts)
    {
        var verdicts = ImportVerdicts.Ask(module, hosts.ToDictionary(host => host.Import), request.Imports, request.Definitions, command);
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
