using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Conformance.Machine;
using Conformance.Model;
using Conformance.Model.Modules;
using Conformance.Protocol;
using Conformance.Wasm;

namespace Conformance.Engine.Imports;

/// <summary>What a module declares, for everybody who runs it.</summary>
/// <param name="Interface">Null where its bytes are no module, which is for the runtimes to say.</param>
/// <param name="Imports">The manifest's host functions with what the module declares for them.</param>
/// <param name="Section">A module with the same imports and no code: what resolves says of it does not depend on whether the module itself
/// compiles. The module itself where its imports can't be written alone.</param>
/// <param name="Probes">Base64 of a module for each distinct import; null where some can't be written alone.</param>
/// <param name="Definitions">What the manifest provides besides functions; null where that is nothing.</param>
/// <param name="Known">The types of what the manifest provides, where it fixes them, by the import's module and name.</param>
internal sealed record DeclaredModule(
    WasmInterface? Interface, ImmutableArray<DeclaredImport> Imports, ModuleFile Section, ImmutableArray<string>? Probes,
        ImmutableArray<DefinedImport>? Definitions, IReadOnlyDictionary<(string Module, string Name), ExternType> Known)
{
    /// <summary>The question who provides its imports.</summary>
    /// <param name="loader">With a module of a page, the script that provides them there.</param>
    public ResolveParams Question(ModuleFile? loader) => new(Section, Imports, loader, Probes, Definitions);
}

/// <summary>The modules of a run, each read once for all runtimes.</summary>
internal sealed class DeclaredModules : IDisposable
{
    private readonly DirectoryInfo _sections = Directory.CreateTempSubdirectory("conformance-imports-");

    private readonly ConcurrentDictionary<string, Lazy<DeclaredModule>> _modules = new(StringComparer.Ordinal);

    /// <exception cref="IOException">The module's file can't be read.</exception>
    public DeclaredModule Get(ModuleManifest module) => _modules.GetOrAdd(module.Id,
        _ => new Lazy<DeclaredModule>(() => Declare(module.WasmPath, module.Imports, module.Definitions))).Value;

    /// <summary>What any module declares.</summary>
    /// <param name="wasmPath">The module.</param>
    /// <param name="hosts">Its host functions.</param>
    /// <param name="definitions">What else its manifest provides.</param>
    /// <exception cref="IOException">The module's file can't be read.</exception>
    public DeclaredModule Declare(string wasmPath, ImmutableArray<HostImport> hosts, ImmutableArray<HostDefinition> definitions)
    {
        var found = Ledger.Interface(wasmPath);
        var (section, probes) = found is null ? (null, null) : Ask(found);
        var known = hosts.Where(host => host.Type is not null).Select(host => (host.Module, host.Name, Type: (ExternType)host.Type!))
            .Concat(definitions.Select(definition => (definition.Module, definition.Name, definition.Definition.Type)));
        return new DeclaredModule(
            found,
            Ledger.Declare(hosts, found),
            section ?? new ModuleFile(wasmPath, Sha256.HexOfFile(wasmPath)),
            probes,
            definitions.IsEmpty ? null : [.. definitions.Select(definition => new DefinedImport(definition.Module,
                definition.Name, Convert.ToBase64String(DefinitionModule.Write(definition.Definition))))],
            known.ToDictionary(entry => (entry.Module, entry.Name), entry => entry.Type));
    }

    /// <summary>A module of imports that is nobody's file.</summary>
    public DeclaredModule FromImports(ImmutableArray<WasmImport> imports)
    {
        var (section, probes) = Ask(new WasmInterface(imports, [], HasStart: false));
        return new DeclaredModule(
            new WasmInterface(imports, [], HasStart: false), [],
                section ?? throw new ArgumentException("these imports can't be written alone", nameof(imports)),
                probes, null, ImmutableDictionary<(string, string), ExternType>.Empty);
    }

    /// <summary>A command that uses a proposal: see <see cref="Proposals"/>.</summary>
    public ModuleFile Using(string proposal) => Write(Proposals.ModuleThatUses(proposal));

    public void Dispose() => _sections.Delete(recursive: true);

    private (ModuleFile? Section, ImmutableArray<string>? Probes) Ask(WasmInterface module)
    {
        if (ImportModule.Write(module.Imports, enterable: true) is not { } bytes) return (null, null);
        return (Write(bytes),
            [.. module.Imports.Distinct().Select(import => Convert.ToBase64String(ImportModule.Write([import], enterable: false)!))]);
    }

    private ModuleFile Write(byte[] bytes)
    {
        var sha256 = Sha256.Hex(bytes);
        var path = Path.Combine(_sections.FullName, $"{sha256}.wasm");
        WholeFile.Write(path, bytes);
        return new ModuleFile(path, sha256);
    }
}
