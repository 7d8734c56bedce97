using System.Collections.Immutable;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;

namespace Conformance.Runtimes.Command;

/// <summary>
/// Whether an import of a module, as it is, links: by the command's own word, but for what is composed, of which it hears nothing.
/// </summary>
internal static class ImportVerdicts
{
    /// <summary>How the ledger marks a host function.</summary>
    public const string Note = "composed";

    /// <summary>Of an import that a composed host function fulfils.</summary>
    private static ProbeVerdict FromComposed(FulfilledImport host) => ImportMatching.Fits(host.Type, host.Import.Type)
        ? new ProbeVerdict(null, null)
        : new ProbeVerdict(host.Import.Type.Kind == ExternKind.Func ? OutcomeCodes.IncompatibleType : OutcomeCodes.IncompatibleKind,
            $"{host.Import.Module}::{host.Import.Name}: the host function to compose is {host.Type}, and the guest wants {host.Import.Type}");

    /// <summary>Of all imports of a module.</summary>
    /// <param name="module">The guest.</param>
    /// <param name="composed">Those of them that a composed host function fulfils.</param>
    /// <param name="hosts">What the manifest declares.</param>
    /// <param name="definitions">What it provides besides functions.</param>
    /// <param name="probes">Have the word about the others.</param>
    public static IReadOnlyDictionary<WasmImport, ProbeVerdict> Ask(
        WasmInterface module, IReadOnlyDictionary<WasmImport, FulfilledImport> composed,
            ImmutableArray<DeclaredImport> hosts, ImmutableArray<DefinedImport>? definitions, ImportProbes probes)
    {
        var known = module.Imports.Distinct().ToDictionary(import => import,
            import => composed.TryGetValue(import, out var host) ? FromComposed(host) : FromUncomposable(import, hosts, definitions));
        var asked = probes.Ask(known.Where(pair => pair.Value is null).Select(pair => pair.Key));
        return known.ToDictionary(pair => pair.Key, pair => pair.Value ?? asked[pair.Key]);
    }

    /// <summary>Of an import that the manifest provides and that can't be composed; null where it provides none.</summary>
    private static ProbeVerdict? FromUncomposable(WasmImport import,
        ImmutableArray<DeclaredImport> hosts, ImmutableArray<DefinedImport>? definitions)
    {
        if ((definitions ?? []).Any(definition => (definition.Module, definition.Name) == (import.Module, import.Name)))
            return new ProbeVerdict(OutcomeCodes.Unprovidable, $"{import.Module}::{import.Name} is no function: only those are composed");
        if (!hosts.Any(host => (host.Module, host.Name) == (import.Module, import.Name))) return null;
        return HostImports.Unprovidable([import], hosts, HostFunctions.IsNumber) is { } why
            ? new ProbeVerdict(OutcomeCodes.Unprovidable, why)
            : new ProbeVerdict(OutcomeCodes.IncompatibleKind,
                $"{import.Module}::{import.Name}: a host function is a func, and the guest wants a {import.Type.Kind.ToString().ToLowerInvariant()} {import.Type}");
    }
}
