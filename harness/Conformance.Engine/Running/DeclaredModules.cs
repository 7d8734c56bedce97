using System.Collections.Concurrent;
using System.Collections.Immutable;
using Conformance.Model.Modules;
using Conformance.Model.Wasm;
using Conformance.Protocol;

namespace Conformance.Engine.Running;

/// <summary>What a module declares, for everybody who runs it.</summary>
/// <param name="Interface">Null where its bytes are no module, which is for the runtimes to say.</param>
/// <param name="Imports">The manifest's host functions with what the module declares for them.</param>
internal sealed record DeclaredModule(WasmInterface? Interface, ImmutableArray<DeclaredImport> Imports);

/// <summary>The modules of a run, each read once for all runtimes.</summary>
internal sealed class DeclaredModules
{
    private readonly ConcurrentDictionary<string, Lazy<DeclaredModule>> _modules = new(StringComparer.Ordinal);

    /// <exception cref="IOException">The module's file can't be read.</exception>
    public DeclaredModule Get(ModuleManifest module) => _modules.GetOrAdd(module.Id, _ => new Lazy<DeclaredModule>(() =>
    {
        var found = Ledger.Interface(module.WasmPath);
        return new DeclaredModule(found, Ledger.Declare(module.Imports, found));
    })).Value;
}
