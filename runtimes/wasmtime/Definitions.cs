using System.Collections.Immutable;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;
using Wasmtime;

namespace Conformance.Runtimes.Wasmtime;

/// <summary>What fulfils a module's imports in one store: WASI, and what the manifest provides.</summary>
/// <param name="engine">The store's.</param>
/// <param name="hosts">The manifest's host functions.</param>
/// <param name="defined">Its memories, tables and globals.</param>
/// <param name="functions">What the host functions do.</param>
internal sealed class Definitions(Engine engine, ImmutableArray<DeclaredImport> hosts, ImmutableArray<DefinedImport>? defined, HostFunctions functions)
{
    /// <summary>Gives it all to a linker. Host functions have the types that the module declares for them, where the manifest fixes none.</summary>
    public void Define(Linker linker, Store store, WasmInterface module)
    {
        linker.DefineWasi();
        linker.AllowShadowing = true; // a manifest may fulfil a name of WASI itself, and a name may be imported with two types
        foreach (var import in HostImports.Mismatched(module, hosts, ValueTypes.Knows)) linker.DefineFunction(import.Module, import.Name, () => { });
        foreach (var host in HostImports.Of(module, hosts, ValueTypes.Knows))
            linker.DefineFunction(host.Import.Module, host.Import.Name, ValueTypes.Callback(host, functions), ValueTypes.Kinds(host.Type.Parameters), ValueTypes.Kinds(host.Type.Results));
        foreach (var definition in defined ?? []) Define(linker, store, definition);
    }

    private void Define(Linker linker, Store store, DefinedImport import)
    {
        using var module = Module.FromBytes(engine, "definition", Convert.FromBase64String(import.Definition));
        var instance = new Instance(store, module);
        if (instance.GetMemory(DefinitionModule.Export) is { } memory) linker.Define(import.Module, import.Name, memory);
        else if (instance.GetTable(DefinitionModule.Export) is { } table) linker.Define(import.Module, import.Name, table);
        else linker.Define(import.Module, import.Name, instance.GetGlobal(DefinitionModule.Export)!);
    }
}
