using System.Collections.Immutable;
using Conformance.Engine.Imports;
using Conformance.Engine.Origins;
using Conformance.Engine.Workers;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Model.Runtimes;
using Conformance.Protocol;

namespace Conformance.Engine.Running;

/// <summary>What one runtime says of a module's imports.</summary>
/// <param name="Runtime">Its id.</param>
/// <param name="Version">Null where it is unavailable.</param>
/// <param name="Unavailable">Why there is no ledger, and what to do.</param>
/// <param name="Imports">The ledger.</param>
public sealed record SurveyedRuntime(string Runtime, string? Version, Unavailability? Unavailable, ImmutableArray<LedgerRow> Imports)
{
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

    /// <param name="wasmPath">The module.</param>
    /// <param name="runtimes">Whom to ask; they are asked at once.</param>
    /// <param name="options">Limits and the cache.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ConformanceException">The file is no module, or not there, or a runtime fails.</exception>
    public static async Task<ImmutableArray<SurveyedRuntime>> AskAsync(string wasmPath,
        ImmutableArray<RuntimeManifest> runtimes, RunOptions options, CancellationToken cancellation)
    {
        using var modules = new DeclaredModules();
        DeclaredModule module;
        try
        {
            module = modules.Declare(Path.GetFullPath(wasmPath), [], []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{wasmPath}: {e.Message}", e);
        }

        if (module.Interface is null) throw new InputException($"{wasmPath}: not a WebAssembly module");
        return await AskAsync([module], runtimes, options, cancellation).ConfigureAwait(false);
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
        return await AskAsync([.. WasiSurfaces.Namespaces.Select(name => modules.FromImports(WasiSurfaces.Read(name)))],
            runtimes, options, cancellation).ConfigureAwait(false);
    }

    /// <summary>Where the module links.</summary>
    public static string Links(ImmutableArray<SurveyedRuntime> answers)
    {
        var asked = answers.Where(answer => answer.Unavailable is null).ToList();
        var links = asked.Where(answer => !answer.Refused.Any()).Select(answer => answer.Runtime).ToList();
        return asked.Count == 0 ? "no runtime is here to ask" : links.Count > 0
            ? $"links on {string.Join(", ", links)}" : "links nowhere here";
    }

    /// <summary>Where the module links, and what is in the way elsewhere, in one sentence.</summary>
    public static string Sentence(ImmutableArray<SurveyedRuntime> answers)
    {
        var refused = answers.Where(answer => answer.Unavailable is null).Where(answer => answer.Refused.Any())
            .GroupBy(answer => string.Join(", ",
                answer.Refused.Select(row => $"{row.Module}::{row.Name}{(IsMissing(row) ? "" : $" ({row.Refusal})")}")))
            .Select(same => $"on {string.Join(", ", same.Select(answer => answer.Runtime))} {same.First().Refused.Count()} of {same.First().Imports.Length} imports {State([.. same.First().Refused])}: {same.Key}");
        return string.Join("; ", refused.Prepend(Links(answers)));
    }

    private static bool IsMissing(LedgerRow row) => row.Refusal is OutcomeCodes.UnknownImport or OutcomeCodes.UnknownModule;

    private static string State(ImmutableArray<LedgerRow> refused) =>
        (refused.Length == 1 ? "is " : "are ") + (refused.All(IsMissing) ? "missing" : "refused");

    private static async Task<ImmutableArray<SurveyedRuntime>> AskAsync(ImmutableArray<DeclaredModule> modules,
        ImmutableArray<RuntimeManifest> runtimes, RunOptions options, CancellationToken cancellation) =>
        [.. await Task.WhenAll(runtimes.Select(runtime => AskOneAsync(modules, runtime, options, cancellation))).ConfigureAwait(false)];

    private static async Task<SurveyedRuntime> AskOneAsync(ImmutableArray<DeclaredModule> modules,
        RuntimeManifest runtime, RunOptions options, CancellationToken cancellation)
    {
        try
        {
            await using var worker = await Worker.StartAsync(
                runtime, new WorkerLimits(options.MemoryBytes, options.OutputBytes),
                    RuntimeSupervisor.ProcessMemory(options), options.CacheFolder, cancellation).ConfigureAwait(false);
            var rows = ImmutableArray.CreateBuilder<LedgerRow>();
            foreach (var module in modules)
            {
                var answer = await worker.ResolveAsync(module.Question(loader: null),
                    module.Interface!, AnswerLimit + (ImportLimit * module.Interface!.Imports.Length), cancellation).ConfigureAwait(false);
                if (answer.Failure is { } failure) throw new EnvironmentException($"{runtime.Id} does not answer: {failure}");
                rows.AddRange(Ledger.Rows(module, answer.Imports, answer.Verdicts));
            }

            return new SurveyedRuntime(runtime.Id, worker.Identity.Version, null, rows.ToImmutable());
        }
        catch (RuntimeMissingException e)
        {
            return new SurveyedRuntime(runtime.Id, null, e.Unavailability, []);
        }
        catch (WorkerFailureException e)
        {
            throw new EnvironmentException($"{runtime.Id} does not answer: {e.Message}; {e.Stderr.Trim()}", e);
        }
    }
}
