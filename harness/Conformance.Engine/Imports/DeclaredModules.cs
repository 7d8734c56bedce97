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
/// <param name="File">The module.</param>
/// <param name="Definitions">What the manifest provides besides functions; null where that is nothing.</param>
/// <param name="Known">The types of what the manifest provides, where it fixes them, by the import's module and name.</param>
internal sealed record DeclaredModule(
    WasmInterface? Interface, ImmutableArray<DeclaredImport> Imports, ModuleFile File,
        ImmutableArray<DefinedImport>? Definitions, IReadOnlyDictionary<(string Module, string Name), ExternType> Known)
{
    /// <summary>The question who provides imports of it.</summary>
    /// <param name="part">Which of them, and how they are asked about.</param>
    /// <param name="loader">With a module of a page, the script that provides them there.</param>
    public ResolveParams Question(ImportPart part, ModuleFile? loader) => new(part.File, Imports, loader, part.Probes, Definitions);
}

/// <summary>Imports that are asked about together.</summary>
/// <param name="Interface">They alone.</param>
/// <param name="File">A module with these imports and no code: what resolves says of it does not depend on whether the module itself
/// compiles.</param>
/// <param name="Probes">Base64 of a module for each distinct import; null for the module itself, of which some can't be written alone.
/// </param>
internal sealed record ImportPart(WasmInterface Interface, ModuleFile File, ImmutableArray<string>? Probes);

/// <summary>The modules of a run, each read once for all runtimes.</summary>
internal sealed class DeclaredModules : IDisposable
{
    private readonly DirectoryInfo _sections = SessionFolder.Create("imports");

    private readonly ConcurrentDictionary<string, Lazy<DeclaredModule>> _modules = new(StringComparer.Ordinal);

    /// <summary>Made of a module's file, once for all runtimes.</summary>
    private readonly ConcurrentDictionary<(string Form, string Path), Lazy<ModuleFile>> _changed = new();

    private readonly ConcurrentDictionary<string, Lazy<ImmutableArray<string>>> _proposals = new(StringComparer.Ordinal);

    /// <exception cref="IOException">The module's file can't be read.</exception>
    public DeclaredModule Get(ModuleManifest module) => _modules.GetOrAdd(module.Id,
        _ => new Lazy<DeclaredModule>(() => Declare(module.WasmPath, module.Imports, module.Definitions))).Value;

    /// <summary>What any module declares.</summary>
    /// <param name="wasmPath">The module.</param>
    /// <param name="hosts">Its host functions.</param>
    /// <param name="definitions">What else its manifest provides.</param>
    /// <exception cref="IOException">The module's file can't be read.</exception>
    public static DeclaredModule Declare(string wasmPath, ImmutableArray<HostImport> hosts, ImmutableArray<HostDefinition> definitions)
    {
        var found = Ledger.Interface(wasmPath);
        var known = hosts.Where(host => host.Type is not null).Select(host => (host.Module, host.Name, Type: (ExternType)host.Type!))
            .Concat(definitions.Select(definition => (definition.Module, definition.Name, definition.Definition.Type)));
        return new DeclaredModule(
            found,
            Ledger.Declare(hosts, found),
            new ModuleFile(Path.GetFullPath(wasmPath), Sha256.HexOfFile(wasmPath)),
            definitions.IsEmpty ? null : [.. definitions.Select(definition => new DefinedImport(definition.Module,
                definition.Name, Convert.ToBase64String(DefinitionModule.Write(definition.Definition))))],
            known.ToDictionary(entry => (entry.Module, entry.Name), entry => entry.Type));
    }

    /// <summary>Imports that are nobody's file, all of which can be written alone.</summary>
    public DeclaredModule FromImports(ImmutableArray<WasmImport> imports)
    {
        var part = Part(imports);
        return new DeclaredModule(
            part.Interface, [], part.File, null, ImmutableDictionary<(string, string), ExternType>.Empty);
    }

    /// <summary>Imports that can be written alone, to ask about them.</summary>
    public ImportPart Part(ImmutableArray<WasmImport> imports) => new(new WasmInterface(imports, [], HasStart: false),
        Write(ImportModule.Write(imports, enterable: true) ?? throw new ArgumentException("can't be written alone", nameof(imports))),
        [.. imports.Distinct().Select(import => Convert.ToBase64String(ImportModule.Write([import], enterable: false)!))]);

    /// <summary>A module of which nothing runs, to see whether it compiles and links.</summary>
    /// <exception cref="WasmFormatException">It is none.</exception>
    public ModuleFile Idle(string wasmPath) => _changed.GetOrAdd(("idle", wasmPath),
        _ => new Lazy<ModuleFile>(() => Write(StartFunction.Idle(File.ReadAllBytes(wasmPath))))).Value;

    /// <summary>The same, with functions that engines validate and compile nothing of.</summary>
    /// <exception cref="WasmFormatException">It is none.</exception>
    public ModuleFile Uncompiled(string wasmPath) => _changed.GetOrAdd(("uncompiled", wasmPath),
        _ => new Lazy<ModuleFile>(() => Write(StartFunction.Idle(UnreachableCode.Write(File.ReadAllBytes(wasmPath)))))).Value;

    /// <summary>The proposals that a module uses, of those that a runtime can be asked about.</summary>
    /// <exception cref="IOException">The module's file can't be read.</exception>
    public ImmutableArray<string> UsedBy(string wasmPath) => _proposals.GetOrAdd(wasmPath, _ => new Lazy<ImmutableArray<string>>(
        () => UsedProposals.Known(File.ReadAllBytes(wasmPath)))).Value;

    /// <summary>A command that uses a proposal: see <see cref="Proposals"/>.</summary>
    public ModuleFile Using(string proposal) => Write(Proposals.ModuleThatUses(proposal));

    public void Dispose() => _sections.Delete(recursive: true);

    /// <summary>A module's bytes as a file of this run.</summary>
    public ModuleFile Write(byte[] bytes)
    {
        var sha256 = Sha256.Hex(bytes);
        var path = Path.Combine(_sections.FullName, $"{sha256}.wasm");
        WholeFile.Write(path, bytes);
        return new ModuleFile(path, sha256);
    }
}
