using System.Collections.Immutable;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Wasm;

namespace Conformance.Engine.Imports;

/// <summary>
/// Joins what manifests and workers say of imports with the import section that it is about, which the harness reads itself.
/// </summary>
internal static class Ledger
{
    /// <summary>What a module imports and exports; null where its bytes are no module, which is for the runtimes to say.</summary>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static WasmInterface? Interface(string wasmPath) => WasmInterfaceReader.TryRead(File.ReadAllBytes(wasmPath));

    /// <summary>
    /// The manifest's host functions with the type that it fixes, or with what the module declares for them. Where one name is imported
    /// with several types, the first result counts.
    /// </summary>
    public static ImmutableArray<DeclaredImport> Declare(ImmutableArray<HostImport> hosts, WasmInterface? module) =>
    [
        .. from host in hosts
           let types = (module?.Imports ?? []).Where(i => i.Module == host.Module && i.Name == host.Name)
               .Select(i => i.Type).OfType<FunctionType>()
           let results = host.Type is { } type ? type.Results : types.SelectMany(t => t.Results)
           select new DeclaredImport(host.Module, host.Name, host.Method,
               host.Path, host.Returns, results.FirstOrDefault(), host.Type?.ToString()),
    ];

    /// <summary>
    /// What is wrong with a worker's answers: they must be about this section's entries, in its order; null where nothing is.
    /// </summary>
    public static string? Problem(WasmInterface module, ResolveResult answer, int probes)
    {
        if (answer.Failure is not null) return answer.Imports.IsEmpty ? null : "'failure' and 'imports' are both there";
        if (probes > 0 && answer.Verdicts?.Length != probes) return $"{answer.Verdicts?.Length ?? 0} verdicts for {probes} probes";
        if (answer.Imports.Length != module.Imports.Length) return $"{answer.Imports.Length} answers for {module.Imports.Length} imports";
        foreach (var (import, given) in module.Imports.Zip(answer.Imports))
        {
            if ((given.Module, given.Name) != (import.Module, import.Name))
                return $"an answer for {given.Module}::{given.Name} where {import.Module}::{import.Name} stands";
        }

        return null;
    }

    /// <summary>What is left to say where a runtime was not asked: who provides the import is known.</summary>
    private static string? Unasked(Provider provider) => provider switch
    {
        Provider.Missing => OutcomeCodes.UnknownImport,
        Provider.Mismatch => OutcomeCodes.IncompatibleType,
        _ => OutcomeCodes.Unchecked,
    };

    /// <summary>The rows; imports that stand there more than once with the same type are one.</summary>
    /// <param name="module">What imports; its interface is known.</param>
    /// <param name="answers">For each entry of its section.</param>
    /// <param name="verdicts">For each distinct entry; null where they could not be asked about one by one.</param>
    public static ImmutableArray<LedgerRow> Rows(DeclaredModule module,
        ImmutableArray<ImportAnswer> answers, ImmutableArray<ProbeVerdict>? verdicts) =>
    [
        .. module.Interface!.Imports.Zip(answers).GroupBy(pair => pair.First, pair => pair.Second)
            .Select((same, i) => Row(module, same.Key, same.First(), same.Count(), verdicts?[i])),
    ];

    private static LedgerRow Row(DeclaredModule module, WasmImport import, ImportAnswer answer, int times, ProbeVerdict? verdict)
    {
        // Where the manifest fixes a type, whether it fits is the harness's to say: JavaScript hosts could not.
        var (provider, found) = module.Known.GetValueOrDefault((import.Module, import.Name)) is { } given
            ? ImportMatching.Fits(given, import.Type) ? (Provider.Host,
                null) : (Provider.Mismatch, $"{given.Kind.ToString().ToLowerInvariant()} {given}")
            : (answer.Provider, answer.Text);
        return new LedgerRow
        {
            Module = import.Module,
            Name = import.Name,
            Kind = import.Type.Kind,
            Type = import.Type.ToString(),
            Provider = provider,
            Found = found,
            Note = answer.Note,
            Code = verdict is null ? Unasked(provider) : verdict.Code,
            Text = verdict?.Text,
            Times = times > 1 ? times : 0,
        };
    }
}
