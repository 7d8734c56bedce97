using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Conformance.CounterServer;
using Conformance.Engine.Imports;
using Conformance.Engine.Installing;
using Conformance.Engine.Judging;
using Conformance.Engine.Planning;
using Conformance.Engine.Servers;
using Conformance.Engine.Workers;
using Conformance.Machine;
using Conformance.Model.Counters;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Model.Runtimes;
using Conformance.Protocol;
using Conformance.Wasm;

namespace Conformance.Engine.Running;

/// <summary>
/// Everything of one runtime in a run: its workers (as many as cells are run at once), started when they are needed, replaced when they
/// fail, and its ledgers, asked for once per module. Whatever a worker does becomes an observation.
/// </summary>
internal sealed class RuntimeSupervisor(RuntimeManifest runtime,
    RunOptions options, WorkerPool pool, ICounterServer server, PageServer? pages, DeclaredModules modules)
{
    /// <summary>A runtime whose workers fail this often in a row before their first answer is not started again.</summary>
    private const int StartAttempts = 3;

    /// <summary>Nobody guesses a counter's key, nor the path that is made of it.</summary>
    private const int KeyBytes = 16;

    private readonly ConcurrentBag<Worker> _idle = [];
    private readonly ConcurrentDictionary<string, ImmutableArray<LedgerRow>> _ledgers = new(StringComparer.Ordinal);

    private KeptLedgers? _kept;
    private readonly RefusedProposal _refused = new(modules);
    private readonly Installable _item = Installable.From(runtime);
    private int _failedStarts;
    private WorkerFailureException? _lastStartFailure;
    private string? _serverFault;
    private string? _reached;

    public RuntimeManifest Runtime => runtime;

    /// <summary>What the report's header says of it, as far as it is known.</summary>
    public RuntimeInfo Info =>
        ReportHeader.Runtime(runtime, Identity,
            IsExpected ? new Unavailability("it is being set up", runtime.Remedy) : Unavailability);

    /// <summary>What the first worker said it is; null until then, or where it is unavailable.</summary>
    public InitializeResult? Identity { get; private set; }

    public Unavailability? Unavailability { get; private set; }

    /// <summary>Whether it is not here, and is to be set up.</summary>
    public bool IsExpected { get; private set; }

    /// <summary>Starts the first worker. A worker that fails is not an error yet: its cells will tell.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        // A tool that is there and too old would start it, and tomorrow's run would have the newer one.
        var tools = options.Setup?.MissingTools(_item).Select(tool => tool.Name).ToList() ?? [];
        Unavailability = tools.Count > 0 && options.Setup!.Knows(_item)
            ? new Unavailability($"{string.Join(", ", tools)}: not here", runtime.Remedy)
            : await StartFirstAsync(cancellation).ConfigureAwait(false);
        IsExpected = Unavailability is not null && options.Setup?.Knows(_item) == true;
    }

    /// <summary>Sets up a runtime that is not here, and starts its first worker then.</summary>
    public async Task ArriveAsync(CancellationToken cancellation)
    {
        var why = await options.Setup!.EnsureAsync(_item, cancellation).ConfigureAwait(false);
        var missing = why is null ? await StartFirstAsync(cancellation)
            .ConfigureAwait(false) : new Unavailability($"{Unavailability!.Reason}; {why}", Unavailability.Remedy);
        // In this order, for headers are written meanwhile.
        IsExpected = false;
        Unavailability = missing;
    }

    /// <summary>Why the runtime is not here, or null.</summary>
    private async Task<Unavailability?> StartFirstAsync(CancellationToken cancellation)
    {
        try
        {
            _idle.Add(await StartWorkerAsync(cancellation).ConfigureAwait(false));
        }
        catch (RuntimeMissingException e)
        {
            return e.Unavailability;
        }
        catch (WorkerFailureException)
        {
            // Remembered with the attempts.
        }

        return null;
    }

    /// <summary>
    /// Runs a cell; only cancellation comes out as an exception. One whose counter server was lost is run again, where that could be
    /// started again.
    /// </summary>
    public async Task<Observation> ObserveAsync(Cell cell, CancellationToken cancellation)
    {
        if (Unavailability is { } missing) return Nothing(OutcomeCodes.Unavailable, missing.Reason, "");
        for (var first = true; ; first = false)
        {
            if (Volatile.Read(ref _serverFault) is { } known) return Nothing(OutcomeCodes.NotRun, known, "");
            var restarts = server.Restarts;
            var counter = new CounterKey(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes)));
            var observation = await ObserveOnceAsync(cell, counter.Prefix, cancellation).ConfigureAwait(false);
            var journal = await server.TakeJournalAsync(counter, cancellation).ConfigureAwait(false);
            // A server that was started again meanwhile has not counted all of it.
            if (journal is not null && server.Restarts == restarts) return CountAccounting.WithCounts(observation, cell, journal);
            if (await server.RestoreAsync(restarts, cancellation).ConfigureAwait(false) is { } fault)
                Volatile.Write(ref _serverFault, fault);
            else if (!first)
                return Nothing(OutcomeCodes.NotRun, $"the counter server at {server.Url} did not answer, twice", "");
        }
    }

    private async Task<Observation> ObserveOnceAsync(Cell cell, string prefix, CancellationToken cancellation)
    {
        try
        {
            var observation = await AskAsync(cell, prefix, cancellation).ConfigureAwait(false);
            return observation with
            {
                Run = await _refused.NameAsync(observation.Run, cell.Module.WasmPath,
                    proposal => RefusesAsync(proposal, cancellation)).ConfigureAwait(false),
            };
        }
        catch (WorkerFailureException e)
        {
            return Failure(e, Phase.Load);
        }
        catch (RuntimeMissingException e)
        {
            // What is not there is known before the first cell: this was there, and is not any more.
            return Nothing(OutcomeCodes.Crashed,
                $"{(Identity is null ? "it failed, and then it was not there" : "it worked, and can't be started again")}: {e.Message}", "");
        }
        catch (EnvironmentException e)
        {
            return Nothing(OutcomeCodes.NotRun, e.Message, "");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Nothing(OutcomeCodes.NotRun, $"the cell's files can't be used: {e.Message}", "");
        }
    }

    /// <summary>Why a cell that was observed is not applicable to this runtime; null where it is.</summary>
    public async Task<string?> LimitAsync(Cell cell, Observation observation, CancellationToken cancellation)
    {
        string? lacking = null;
        if (Applicability.IsRefused(observation.Run))
        {
            foreach (var proposal in cell.Module.Proposals)
            {
                if (!await _refused.IsLackingAsync(proposal, name => RefusesAsync(name, cancellation)).ConfigureAwait(false)) continue;
                lacking = proposal;
                break;
            }
        }

        return Applicability.Limit(cell, observation, Identity?.Features ?? ImmutableArray<string>.Empty, lacking);
    }

    /// <summary>Gives its workers back when its cells have been run.</summary>
    public void Release()
    {
        while (_idle.TryTake(out var worker)) pool.Keep(worker, runtime, options);
    }

    /// <summary>Sees to it that workers can ask the server; one that was lost and started again is elsewhere.</summary>
    private void ReachServer()
    {
        var url = server.Url;
        if (runtime.UsesMachineNetwork || Volatile.Read(ref _reached) == url) return;
        LoopbackRelay.Reach(new Uri(url));
        Volatile.Write(ref _reached, url);
    }

    private async Task<Observation> AskAsync(Cell cell, string prefix, CancellationToken cancellation)
    {
        using var workspace = new CellWorkspace(cell.Scenario);
        if (!_idle.TryTake(out var worker)) worker = await StartWorkerAsync(cancellation).ConfigureAwait(false);
        try
        {
            var module = new ModuleFile(cell.Module.WasmPath, cell.Module.Sha256);
            var limit = cell.Scenario.TimeLimit ?? options.TimeLimit;
            var declared = modules.Get(cell.Module);
            if (!_ledgers.TryGetValue(cell.Module.Id, out var ledger))
            {
                _kept ??= new KeptLedgers(runtime, worker.Identity, options);
                ledger = declared.Interface is null ? []
                    : await new ImportInquiry(worker, modules, _refused, _kept, CellClock.Preparing(limit))
                        .AskAsync(declared, Loader(cell.Module), cancellation).ConfigureAwait(false);
                _ledgers[cell.Module.Id] = ledger;
            }

            var scenario = cell.Scenario;
            ReachServer();
            var counterUrl = server.Url + prefix;
            var environment = scenario.EnvironmentAt(counterUrl);
            var page = scenario.Page is { } steps ? new PageVisit(pages!.Link(cell.Module, environment),
                steps, Loader(cell.Module)!) : null;
            var request = new RunParams(
                module, declared.Imports, cell.Module.Kind, scenario.Entry, scenario.Args, environment,
                    workspace.StdinPath, workspace.Preopens, counterUrl, page,
                    CellAttachments.Folder(options, cell), declared.Definitions, scenario.Argv0,
                    Verdicts(worker, declared, ledger));
            var result = await worker.RunAsync(request, limit, cancellation).ConfigureAwait(false);
            _idle.Add(worker);
            return new Observation(Named(CellAttachments.InReport(result, cell))) { Ledger = ledger };
        }
        catch (WorkerFailureException e)
        {
            await worker.DisposeAsync().ConfigureAwait(false);
            return Failure(e, worker.Reached) with { Ledger = _ledgers.GetValueOrDefault(cell.Module.Id, []) };
        }
        catch
        {
            await worker.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What a ledger says of each distinct import, for a worker that composes; null for others, and where it lacks one.</summary>
    private static ImmutableArray<ProbeVerdict>? Verdicts(Worker worker, DeclaredModule module, ImmutableArray<LedgerRow> ledger) =>
        worker.Identity.Features.Contains(WorkerFeatures.Composed) && KeptLedgers.IsComplete(module, ledger)
            ? [.. ledger.Select(row => new ProbeVerdict(row.Code, row.Text))] : null;

    /// <summary>Whether the runtime refuses to compile the smallest module that uses a proposal.</summary>
    private async Task<bool> RefusesAsync(string proposal, CancellationToken cancellation)
    {
        Worker? worker = null;
        try
        {
            if (!_idle.TryTake(out worker)) worker = await StartWorkerAsync(cancellation).ConfigureAwait(false);
            var refuses = await new ImportInquiry(worker, modules, _refused, null, options.TimeLimit)
                .RefusesAsync(proposal, cancellation).ConfigureAwait(false);
            _idle.Add(worker);
            return refuses;
        }
        catch (Exception e) when (e is WorkerFailureException or RuntimeMissingException or EnvironmentException)
        {
            // It did not say that it refuses it.
            if (worker is not null) await worker.DisposeAsync().ConfigureAwait(false);
            return false;
        }
    }

    private static ModuleFile? Loader(ModuleManifest module) =>
        module.Page is { } page ? new ModuleFile(page.LoaderPath, page.LoaderSha256) : null;

    private async Task<Worker> StartWorkerAsync(CancellationToken cancellation)
    {
        if (Volatile.Read(ref _failedStarts) >= StartAttempts) throw _lastStartFailure!;
        try
        {
            var worker = await pool.TakeAsync(runtime, options, cancellation).ConfigureAwait(false);
            Interlocked.Exchange(ref _failedStarts, 0);
            Identity ??= worker.Identity;
            return worker;
        }
        catch (WorkerFailureException e)
        {
            _lastStartFailure = e;
            Interlocked.Increment(ref _failedStarts);
            throw;
        }
    }

    /// <summary>
    /// A guest that exits with another code than 0 says that it failed: then that is the outcome, and its last words on stderr are the
    /// text.
    /// </summary>
    private static RunResult Named(RunResult result) => result is { Outcome.IsSuccess: true, Exit: { } exit and not 0 }
        ? result with
        {
            Outcome = Outcome.Failure(Phase.Run, OutcomeCodes.Exit(exit)),
            Text = result.Stderr.Text.TrimEnd() is { Length: > 0 } words ? words[(words.LastIndexOf('\n') + 1)..] : null,
        }
        : result;

    private static Observation Failure(WorkerFailureException e, Phase phase) => Nothing(
        e switch
        {
            WorkerTimedOutException => OutcomeCodes.TimedOut,
            WorkerProtocolException => OutcomeCodes.ProtocolError,
            _ => OutcomeCodes.Crashed
        }, e.Message, e.Stderr, phase);

    private static Observation Nothing(string code, string text, string stderr, Phase phase = Phase.Load) =>
        new(RunResult.Failed(phase, code, text)) { WorkerStderr = stderr.Length > 0 ? stderr : null };
}
