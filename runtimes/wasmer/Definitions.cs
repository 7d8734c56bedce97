using System.Collections.Immutable;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;
using Conformance.Wasmer;
using FunctionType = Conformance.Wasmer.FunctionType;

namespace Conformance.Runtimes.Wasmer;

/// <summary>What fulfils a module's imports in one store: the manifest's, then what Wasmer's WASI has under the name.</summary>
internal sealed class Definitions
{
    private readonly Dictionary<WasmImport, Extern> _hosts = [];
    private readonly Dictionary<(string Module, string Name), Extern> _defined = [];
    private readonly Dictionary<(string Module, string Name), Extern> _wasi = [];

    /// <param name="engine">The store's.</param>
    /// <param name="store">Where they live.</param>
    /// <param name="module">What imports.</param>
    /// <param name="setup">What the manifest provides.</param>
    /// <param name="wasi">The environment of all its namespaces; null where the module imports none.</param>
    public Definitions(Engine engine, Store store, WasmInterface module, GuestSetup setup, Wasi? wasi)
    {
        var kinds = WasmerGuest.Kinds;
        foreach (var host in HostImports.Fulfilled(module, setup.Imports, HostFunctions.IsNumber))
        {
            var type = new FunctionType([.. kinds.Kinds(host.Type.Parameters)], [.. kinds.Kinds(host.Type.Results)]);
            _hosts[host.Import] = Function.FromCallback(store, type, Callback(host, setup.Functions));
        }

        foreach (var import in HostImports.Mismatched(module, setup.Imports))
            _hosts[import] = Function.FromCallback(store, new FunctionType([], []), (_, _) => { });

        foreach (var import in setup.Definitions)
        {
            using var definition = Module.FromBytes(engine, Convert.FromBase64String(import.Definition));
            _defined[(import.Module, import.Name)] = new Instance(store, definition).GetExport(DefinitionModule.Export)!;
        }

        if (wasi is null) return;
        foreach (var name in WasiNamespaces(module))
        {
            foreach (var definition in wasi.GetNamespace(name)) _wasi[(definition.Module, definition.Name)] = definition.Item;
        }
    }

    public static bool ImportsWasi(WasmInterface module) => !WasiNamespaces(module).IsEmpty;

    /// <summary>What an import is given; null where nobody has its name.</summary>
    public Extern? Find(WasmImport import) =>
        _hosts.GetValueOrDefault(import) ?? _defined.GetValueOrDefault((import.Module, import.Name)) ?? FindWasi(import);

    /// <summary>What WASI defines under an import's name.</summary>
    public Extern? FindWasi(WasmImport import) => _wasi.GetValueOrDefault((import.Module, import.Name));

    private static HostFunction Callback(FulfilledImport host, HostFunctions functions)
    {
        var answer = functions.Answering<Value>(host, value => value, value => value, value => value, value => value);
        return (_, results) =>
        {
            if (answer() is { } result) results[0] = result;
        };
    }

    /// <summary>The namespaces that the module imports from; <c>wasi::thread-spawn</c> comes with any of them.</summary>
    private static ImmutableArray<string> WasiNamespaces(WasmInterface module)
    {
        var modules = module.Imports.Select(import => import.Module).ToHashSet();
        ImmutableArray<string> named = [.. Wasi.Namespaces.Where(modules.Contains)];
        return named.IsEmpty && modules.Contains("wasi") ? ["wasi_snapshot_preview1"] : named;
    }
}
