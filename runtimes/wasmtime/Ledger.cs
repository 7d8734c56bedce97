using System.Collections.Immutable;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Wasm;
using Wasmtime;

namespace Conformance.Runtimes.Wasmtime;

/// <summary>Asks Wasmtime's linker, by name, for each import that the module declares.</summary>
internal static class Ledger
{
    public static ImmutableArray<LedgerRow> Build(Store store, Linker linker, WasmInterface module, ImmutableArray<HostImport> hosts)
    {
        var served = WasmtimeWorker.HostImports(module, hosts).Select(h => h.Import).ToHashSet();
        return
        [
            .. from import in module.Imports
               group import by import into same
               select Row(store, linker, same.Key, served.Contains(same.Key), hosts) with { Times = same.Count() > 1 ? same.Count() : 0 },
        ];
    }

    private static LedgerRow Row(Store store, Linker linker, WasmImport import, bool served, ImmutableArray<HostImport> hosts)
    {
        var row = new LedgerRow
        {
            Module = import.Module,
            Name = import.Name,
            Kind = import.Type.Kind,
            Type = import.Type.ToString(),
            Provider = Provider.Missing,
        };
        if (served) return row with { Provider = Provider.Host };
        if (hosts.Any(h => h.Module == import.Module && h.Name == import.Name))
            return row with { Provider = Provider.Mismatch, Text = "a host function is a func with number parameters and at most one number as its result" };

        return Found(store, linker, import) switch
        {
            null => row,
            var found when found == import.Type => row with { Provider = import.Module.StartsWith("wasi_", StringComparison.Ordinal) ? Provider.Wasi : Provider.Runtime },
            var found => row with { Provider = Provider.Mismatch, Text = $"{found.Kind.ToString().ToLowerInvariant()} {found}" },
        };
    }

    /// <summary>Wasmtime's own definition of that name: WASI's functions are all that it brings.</summary>
    private static FunctionType? Found(Store store, Linker linker, WasmImport import) =>
        linker.GetFunction(store, import.Module, import.Name) is { } function ? ValueTypes.Type(function) : null;
}
