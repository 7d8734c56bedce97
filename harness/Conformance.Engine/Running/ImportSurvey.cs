using System.Collections.Immutable;
using Conformance.Engine.Imports;
using Conformance.Engine.Origins;
using Conformance.Engine.Workers;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Model.Runtimes;
using Conformance.Protocol;
using Conformance.Wasm;

namespace Conformance.Engine.Running;

/// <summary>What one runtime says of a module's imports.</summary>
/// <param name="Runtime">Its id.</param>
/// <param name="Version">Null where it is unavailable.</param>
/// <param name="Unavailable">Why there is no ledger, and what to do.</param>
/// <param name="Imports">The ledger; without what the runtime says nothing of.</param>
public sealed record SurveyedRuntime(string Runtime, string? Version, Unavailability? Unavailable, ImmutableArray<LedgerRow> Imports)
{
    /// <summary>
    /// What became of the module, of which nothing was run: whether it compiles, links, and has what its kind needs. Null where that was
    /// not asked, or not answered.
    /// </summary>
    public RunResult? Module { get; init; }

    /// <summary>Why the runtime did not answer, or not all; null where it did.</summary>
    public string? Failure { get; init; }

    /// <summary>Whether the module links there; it may lack what its kind needs all the same, such as a memory for WASI.</summary>
    public bool Links => Unavailable is null && Failure is null && !Refused.Any()
        && Module is null or { Outcome.Code: null } or { Outcome.Phase: Phase.Run or Phase.Observe };

    /// <summary>Its part of an atlas, as reports have it.</summary>
    public AtlasLine Atlas => new()
    {
        Runtime = Runtime,
        Functions = [.. Imports.Select(row => row.Links ? row : row with { Text = null })],
    };

    /// <summary>What it refuses.</summary>
    public IEnumerable<LedgerRow> Refused => Imports.Where(row => !row.IsFulfilled);
}

/// <summary>Asks runtimes about imports, of any module or of all that WASI has, without a manifest and without running anything.</summary>
public static class ImportSurvey
{
    /// <summary>How long a runtime may take to answer about a module, whatever it imports.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    /// <summary>And for each import besides: a command is started for each that it refuses.</summary>
    private static readonly TimeSpan ImportLimit = TimeSpan.FromSeconds(0.5);

    /// <param name="input">The module.</param>
    /// <param name="runtimes">Whom to ask; they are asked at once.</param>
    /// <param name="options">Limits and the cache.</param>
    /// <param name="answered">Is told of each that has answered, or will not.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<ImmutableArray<SurveyedRuntime>> AskAsync(ModuleInput input,
        ImmutableArray<RuntimeManifest> runtimes, RunOptions options, Action<string> answered, CancellationToken cancellation)
    {
        using var modules = new DeclaredModules();
        var module = DeclaredModules.Declare(modules.Write(input.Bytes).Path, [], []);
        return await AskAsync(modules, [module], entersToo: true, runtimes, options, answered, cancellation).ConfigureAwait(false);
    }

    /// <summary>The atlas: which runtime provides which function of WASI.</summary>
    /// <param name="runtimes">Whom to ask; they are asked at once.</param>
    /// <param name="options">Limits and the cache.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ConformanceException">A runtime fails.</exception>
    public static async Task<ImmutableArray<SurveyedRuntime>> AtlasAsync(ImmutableArray<RuntimeManifest> runtimes,
        RunOptions options, CancellationToken cancellation)
    {
        using var modules = new DeclaredModules();
        // One module each: what a runtime provides under one name may depend on which other a module imports from.
        return await AskAsync(modules, [.. WasiSurfaces.Namespaces.Select(name => modules.FromImports(WasiSurfaces.Read(name)))],
            entersToo: false, runtimes, options, _ => { }, cancellation).ConfigureAwait(false);
    }

    /// <summary>Where the module links, and why elsewhere it does not, where that is not for an import that is shown.</summary>
    public static string Links(ImmutableArray<SurveyedRuntime> answers)
    {
        var asked = answers.Where(answer => answer.Unavailable is null).ToList();
        if (asked.Count == 0) return "no runtime is here to ask";
        var links = asked.Where(answer => answer.Links).Select(answer => answer.Runtime).ToList();
        var others = asked.GroupBy(Stop).Where(same => same.Key is not null)
            .Select(same => $"{same.Key} on {string.Join(", ", same.Select(answer => answer.Runtime))}");
        return string.Join("; ", others.Prepend(links.Count > 0 ? $"links on {string.Join(", ", links)}" : "links nowhere here"));
    }

    /// <summary>Where the module stops, in a few words; null where it is for imports that are refused.</summary>
    public static string? Stop(SurveyedRuntime answer) => answer.Failure is { } failure ? $"no answer ({failure})" : answer.Module?.Outcome switch
    {
        // Where imports are resolved by compiling, it is they that are shown.
        { Phase: Phase.Compile, Code: OutcomeCodes.UnknownImport } when answer.Refused.Any() => null,
        { Phase: Phase.Load or Phase.Compile, Code: { } code } => $"does not compile ({code})",
        { Phase: Phase.Link, Code: { } code } when !answer.Refused.Any() => $"does not link as a whole ({code})",
        { Phase: Phase.Start, Code: { } code } => $"stops when it is instantiated ({code})",
        { Phase: Phase.Run or Phase.Observe, Code: { } code } => $"links, and can't be entered ({code})",
        _ => null,
    };

    /// <summary>Where the module links, and what is in the way elsewhere, in one sentence.</summary>
    public static string Sentence(ImmutableArray<SurveyedRuntime> answers)
    {
        var refused = answers.Where(answer => answer.Unavailable is null).Where(answer => answer.Refused.Any())
            .GroupBy(answer => string.Join(", ",
                answer.Refused.Select(row => $"{ImportNames.Format(row, answer.Imports)}{(IsMissing(row) ? "" : $" ({row.Refusal})")}")))
            .Select(same => $"on {string.Join(", ", same.Select(answer => answer.Runtime))} {same.First().Refused.Count()} of {same.First().Imports.Length} imports {State([.. same.First().Refused])}: {same.Key}");
        return string.Join("; ", refused.Prepend(Links(answers)));
    }

    private static bool IsMissing(LedgerRow row) => row.Refusal is OutcomeCodes.UnknownImport or OutcomeCodes.UnknownModule;

    private static string State(ImmutableArray<LedgerRow> refused) =>
        (refused.Length == 1 ? "is " : "are ") + (refused.All(IsMissing) ? "missing" : "refused");

    private static async Task<ImmutableArray<SurveyedRuntime>> AskAsync(DeclaredModules files, ImmutableArray<DeclaredModule> modules,
        bool entersToo, ImmutableArray<RuntimeManifest> runtimes, RunOptions options, Action<string> answered,
        CancellationToken cancellation)
    {
        await using var own = options.Workers is null ? new WorkerPool() : null;
        return [.. await Task.WhenAll(runtimes.Select(async runtime =>
        {
            var answer = await AskOneAsync(files, modules, entersToo, runtime, options.Workers ?? own!, options, cancellation)
                .ConfigureAwait(false);
            answered(runtime.Id);
            return answer;
        })).ConfigureAwait(false)];
    }

    /// <summary>Whatever becomes of one runtime, it is an answer: the others' stand beside it.</summary>
    private static async Task<SurveyedRuntime> AskOneAsync(DeclaredModules files, ImmutableArray<DeclaredModule> modules,
        bool entersToo, RuntimeManifest runtime, WorkerPool pool, RunOptions options, CancellationToken cancellation)
    {
        var answer = new SurveyedRuntime(runtime.Id, null, null, []);
        var refused = new RefusedProposal(files);
        Worker? worker = null;
        KeptLedgers? kept = null;
        try
        {
            worker = await pool.TakeAsync(runtime, options, cancellation).ConfigureAwait(false);
            answer = answer with { Version = worker.Identity.Version };
            if (entersToo)
            {
                try
                {
                    var entered = await Inquiry(modules[0]).EnterAsync(modules[0], cancellation).ConfigureAwait(false);
                    answer = answer with { Module = entered };
                }
                catch (WorkerFailureException e) when (e is not WorkerTimedOutException)
                {
                    // What ends it says nothing of the imports: another one is asked about those.
                    answer = answer with { Module = RunResult.Failed(worker.Reached, OutcomeCodes.Crashed, e.Message) };
                    await worker.DisposeAsync().ConfigureAwait(false);
                    worker = await pool.TakeAsync(runtime, options, cancellation).ConfigureAwait(false);
                }
            }

            var rows = ImmutableArray.CreateBuilder<LedgerRow>();
            foreach (var module in modules)
                rows.AddRange(await LedgerAsync(module).ConfigureAwait(false));
            pool.Keep(worker, runtime, options);
            worker = null;
            return answer with { Imports = rows.ToImmutable() };
        }
        catch (RuntimeMissingException e)
        {
            return new SurveyedRuntime(runtime.Id, null, e.Unavailability, []);
        }
        catch (WorkerFailureException e)
        {
            return answer with { Failure = e.Message };
        }
        finally
        {
            if (worker is not null) await worker.DisposeAsync().ConfigureAwait(false);
        }

        async Task<ImmutableArray<LedgerRow>> LedgerAsync(DeclaredModule module)
        {
            try
            {
                return await Inquiry(module).AskAsync(module, null, cancellation).ConfigureAwait(false);
            }
            catch (WorkerFailureException e) when (e is not WorkerTimedOutException && ImportInquiry.HasSpecial(module))
            {
                // What is of a proposal has ended it: another one is asked about the others.
                await worker!.DisposeAsync().ConfigureAwait(false);
                worker = await pool.TakeAsync(runtime, options, cancellation).ConfigureAwait(false);
                return await Inquiry(module).AskPlainAsync(module, e.Message, cancellation).ConfigureAwait(false);
            }
        }

        ImportInquiry Inquiry(DeclaredModule module) =>
            new(worker!, files, refused, kept ??= new KeptLedgers(runtime, worker!.Identity, options),
                AnswerLimit + (ImportLimit * module.Interface!.Imports.Length));
    }
}
