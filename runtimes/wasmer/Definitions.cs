using System.Collections.Immutable;
using Conformance.Model.Modules;
using Conformance.Model.Wasm;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Wasmer;

namespace Conformance.Runtimes.Wasmer;

/// <summary>What fulfils a module's imports in one store: the manifest's host functions, then what Wasmer's WASI has under the name.</summary>
internal sealed class Definitions
{
    private readonly Dictionary<WasmImport, Extern> _hosts = [];
    private readonly Dictionary<(string Module, string Name), Extern> _wasi = [];

    /// <param name="store">Where they live.</param>
    /// <param name="module">What imports.</param>
    /// <param name="imports">The manifest's host functions.</param>
    /// <param name="functions">What they do.</param>
    /// <param name="wasi">The environment of all its namespaces; null where the module imports none.</param>
    public Definitions(Store store, WasmInterface module, ImmutableArray<DeclaredImport> imports, HostFunctions functions, Wasi? wasi)
    {
        foreach (var host in HostImports.Of(module, imports, ValueTypes.Knows).DistinctBy(host => host.Import))
            _hosts[host.Import] = Function.FromCallback(store, ValueTypes.Type(host.Type), ValueTypes.Callback(host, functions));
        foreach (var import in HostImports.Mismatched(module, imports, ValueTypes.Knows))
            _hosts[import] = Function.FromCallback(store, new Conformance.Wasmer.FunctionType([], []), (_, _) => { });

        if (wasi is null) return;
        foreach (var name in WasiNamespaces(module))
        {
            foreach (var definition in wasi.GetNamespace(name)) _wasi[(definition.Module, definition.Name)] = definition.Item;
        }
    }

    public static bool ImportsWasi(WasmInterface module) => !WasiNamespaces(module).IsEmpty;

    /// <summary>What an import is given; null where nobody has its name.</summary>
    public Extern? Find(WasmImport import) => _hosts.GetValueOrDefault(import) ?? FindWasi(import);

    /// <summary>What WASI defines under an import's name.</summary>
    public Extern? FindWasi(WasmImport import) => _wasi.GetValueOrDefault((import.Module, import.Name));

    /// <summary>The namespaces that the module imports from; <c>wasi::thread-spawn</c> comes with any of them.</summary>
    private static ImmutableArray<string> WasiNamespaces(WasmInterface module)
    {
        var modules = module.Imports.Select(import => import.Module).ToHashSet();
        ImmutableArray<string> named = [.. Wasi.Namespaces.Where(modules.Contains)];
        return named.IsEmpty && modules.Contains("wasi") ? ["wasi_snapshot_preview1"] : named;
    }
}
