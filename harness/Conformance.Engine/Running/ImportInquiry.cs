using System.Collections.Immutable;
using Conformance.Engine.Imports;
using Conformance.Engine.Judging;
using Conformance.Engine.Workers;
using Conformance.Model.Counters;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Wasm;

namespace Conformance.Engine.Running;

/// <summary>
/// Asks one worker who provides a module's imports. An import that can't be asked about as the others are, since its type can't be written
/// alone or needs a proposal that the runtime has not, takes the answers of nobody else.
/// </summary>
/// <param name="worker">Whom to ask.</param>
/// <param name="modules">Where modules for asking are kept.</param>
/// <param name="refused">Names the proposals that its runtime lacks.</param>
/// <param name="kept">What it said in other runs; null is not known.</param>
/// <param name="limit">For each answer.</param>
internal sealed class ImportInquiry(Worker worker, DeclaredModules modules, RefusedProposal refused, KeptLedgers? kept, TimeSpan limit)
{
    private const int MostAlone = 50;

    /// <summary>
    /// Of names in one question: an answer has each name twice, once in the engine's words, and a character may take six in JSON.
    /// </summary>
    private const int MostCharacters = 1 << 19;

    /// <summary>An optimizing compiler takes seconds for more.</summary>
    private const int LargeBytes = 1 << 20;

    /// <summary>The ledger, asked once in a runtime's lifetime; empty where the runtime says nothing at all of it.</summary>
    /// <param name="module">What imports; its interface is known.</param>
    /// <param name="loader">With a module of a page, the script that provides its imports there.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="WorkerFailureException">The worker does not answer.</exception>
    public async Task<ImmutableArray<LedgerRow>> AskAsync(DeclaredModule module, ModuleFile? loader, CancellationToken cancellation)
    {
        if (kept?.Read(module, loader) is { } known) return known;
        var ledger = await AskNowAsync(module, loader, cancellation).ConfigureAwait(false);
        kept?.Keep(module, loader, ledger);
        return ledger;
    }

    private async Task<ImmutableArray<LedgerRow>> AskNowAsync(DeclaredModule module, ModuleFile? loader, CancellationToken cancellation)
    {
        var all = module.Interface!.Imports;
        var rows = new Dictionary<(string Module, string Name, ExternKind Kind, string Type), LedgerRow>();
        var alone = all.ToLookup(import => import.Type.ValueTypes.All(WasmEncoding.Writes));
        // Without imports, the question is still whether the runtime answers.
        foreach (var part in Parts([.. alone[true]])) await AskPartAsync(part).ConfigureAwait(false);
        if (alone[false].Any())
        {
            var whole = new ImportPart(module.Interface, module.File, null);
            if (await RowsAsync(whole).ConfigureAwait(false) is { } answered) Add(answered.Where(row => !rows.ContainsKey(Key(row))));
        }

        return [.. all.Distinct().Select(import => rows.GetValueOrDefault(Key(import))).OfType<LedgerRow>()];

        void Add(IEnumerable<LedgerRow> answered)
        {
            foreach (var row in answered) rows[Key(row)] = row;
        }

        async Task<ImmutableArray<LedgerRow>?> RowsAsync(ImportPart part)
        {
            var answer = await worker.ResolveAsync(
                module.Question(part, loader), part.Interface, limit, cancellation).ConfigureAwait(false);
            return answer.Failure is null ? Ledger.Rows(module with { Interface = part.Interface }, answer.Imports, answer.Verdicts) : null;
        }

        async Task AskPartAsync(ImmutableArray<WasmImport> imports)
        {
            if (await RowsAsync(modules.Part(imports)).ConfigureAwait(false) is { } together)
            {
                Add(together);
                return;
            }

            // Some import needs what the runtime has not.
            var memory = imports.FirstOrDefault(import => import.Type.Kind == ExternKind.Memory);
            var parts = imports.ToLookup(import => IsPlain(import.Type) && (import.Type.Kind != ExternKind.Memory || import == memory));
            if (parts[true].Any() && parts[false].Any()) await AskPartAsync([.. parts[true]]).ConfigureAwait(false);
            // A runtime that answers nothing at all is not asked for ever.
            if (!parts[false].Any() && imports.Length > MostAlone) return;
            foreach (var same in (parts[false].Any() ? parts[false] : imports).GroupBy(import => import))
            {
                var part = modules.Part([.. same]);
                if (imports.Length > same.Count() && await RowsAsync(part).ConfigureAwait(false) is { } answered) Add(answered);
                else Add([await RefusedAsync(part, same.Count()).ConfigureAwait(false)]);
            }
        }

        async Task<LedgerRow> RefusedAsync(ImportPart part, int times)
        {
            var import = part.Interface.Imports[0];
            var result = await RunAsync(part.File, module, cancellation).ConfigureAwait(false);
            return Refused(import, result.Outcome.Code ?? OutcomeCodes.Unchecked, result.Text) with { Times = times > 1 ? times : 0 };
        }
    }

    /// <summary>Imports in parts that an answer has room for; one part, without any, where there are none.</summary>
    private static IEnumerable<ImmutableArray<WasmImport>> Parts(ImmutableArray<WasmImport> imports)
    {
        var part = ImmutableArray.CreateBuilder<WasmImport>();
        var characters = 0;
        foreach (var import in imports)
        {
            if (part.Count > 0 && characters > MostCharacters)
            {
                yield return part.DrainToImmutable();
                characters = 0;
            }

            part.Add(import);
            characters += import.Module.Length + import.Name.Length;
        }

        yield return part.DrainToImmutable();
    }

    /// <summary>Whether a module has imports of types that WebAssembly 1.0 has not.</summary>
    public static bool HasSpecial(DeclaredModule module) => !module.Interface!.Imports.All(import => IsPlain(import.Type));

    /// <summary>The ledger where an import of a type of a proposal ended the worker: those are not asked about again.</summary>
    /// <param name="module">What imports; its interface is known.</param>
    /// <param name="end">How the worker ended, in words.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="WorkerFailureException">The worker does not answer.</exception>
    public async Task<ImmutableArray<LedgerRow>> AskPlainAsync(DeclaredModule module, string end, CancellationToken cancellation)
    {
        var all = module.Interface!.Imports;
        var plain = module with { Interface = module.Interface with { Imports = [.. all.Where(import => IsPlain(import.Type))] } };
        var rows = (await AskAsync(plain, null, cancellation).ConfigureAwait(false)).ToDictionary(Key);
        return [.. all.Distinct().Select(import => rows.GetValueOrDefault(Key(import)) ?? Refused(import, OutcomeCodes.Crashed, end))];
    }

    /// <summary>
    /// What becomes of a module of which nothing runs: whether it compiles, links, and has what its kind needs. Of a large one, engines
    /// validate all code and compile none, unless they refuse it.
    /// </summary>
    /// <param name="module">The module.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="WorkerFailureException">The worker does not answer.</exception>
    public async Task<RunResult> EnterAsync(DeclaredModule module, CancellationToken cancellation)
    {
        var path = module.File.Path;
        if (new FileInfo(path).Length > LargeBytes)
        {
            var validated = await RunAsync(modules.Uncompiled(path), module, cancellation).ConfigureAwait(false);
            if (validated.Outcome is not { Code: not null, Phase: Phase.Load or Phase.Compile }) return validated;
        }

        return await RunAsync(modules.Idle(path), module, cancellation).ConfigureAwait(false);
    }

    /// <summary>Whether the runtime refuses to compile the smallest module that uses a proposal.</summary>
    /// <param name="proposal">Its name.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="WorkerFailureException">The worker does not answer.</exception>
    public async Task<bool> RefusesAsync(string proposal, CancellationToken cancellation) => Applicability.IsRefused(
        await worker.RunAsync(Entering(modules.Using(proposal), [], null), limit, cancellation).ConfigureAwait(false));

    /// <summary>What became of a module, and for which proposal it is refused.</summary>
    private async Task<RunResult> RunAsync(ModuleFile file, DeclaredModule module, CancellationToken cancellation)
    {
        var result = await worker.RunAsync(Entering(file, module.Imports, module.Definitions), limit, cancellation).ConfigureAwait(false);
        return await refused.NameAsync(result, file.Path, proposal => RefusesAsync(proposal, cancellation)).ConfigureAwait(false);
    }

    private static LedgerRow Refused(WasmImport import, string code, string? text) => new()
    {
        Module = import.Module,
        Name = import.Name,
        Kind = import.Type.Kind,
        Type = import.Type.ToString(),
        Provider = Provider.Missing,
        Code = code,
        Text = text,
    };

    private static RunParams Entering(
        ModuleFile file, ImmutableArray<DeclaredImport> imports, ImmutableArray<DefinedImport>? definitions) =>
        new(file, imports, ModuleKind.WasiCommand, "_start", [], ImmutableSortedDictionary<string, string>.Empty, null, [],
            "http://127.0.0.1:9", Definitions: definitions);

    /// <summary>Of WebAssembly 1.0, which every runtime has.</summary>
    private static bool IsPlain(ExternType type) => type switch
    {
        FunctionType { Results.Length: > 1 } => false,
        TableType { Shared: true } or TableType { Limits.Is64Bit: true } => false,
        MemoryType memory => memory is { Shared: false, PageSizeLog2: 16, Limits.Is64Bit: false },
        GlobalType { Shared: true } or TagType => false,
        _ => type.ValueTypes.All(value => value is "i32" or "i64" or "f32" or "f64" or "funcref"),
    };

    private static (string Module, string Name, ExternKind Kind, string Type) Key(WasmImport import) =>
        (import.Module, import.Name, import.Type.Kind, import.Type.ToString());

    private static (string Module, string Name, ExternKind Kind, string Type) Key(LedgerRow row) =>
        (row.Module, row.Name, row.Kind, row.Type);
}
