using System.Collections.Concurrent;
using System.Collections.Immutable;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Runtimes.Lucet;
using Conformance.Wasm;

return await WorkerHost.RunAsync(LucetSession.StartAsync);

/// <summary>
/// Lucet: <c>lucetc</c> compiles a module to a shared object, whose imports are C symbols. Whether an import has one is asked at compile,
/// and its type never.
/// </summary>
internal sealed class LucetSession(LucetCompiler compiler,
    LucetProcess process, DirectoryInfo folder, InitializeParams request, InitializeResult identity)
    : EngineSession<LucetModule>(request, identity)
{
    /// <summary>What modules import, by their hash: each is read once.</summary>
    private readonly ConcurrentDictionary<string, WasmInterface> _declared = new(StringComparer.Ordinal);

    /// <summary>The export that a guest's start function is.</summary>
    public static string Start => StartExport;

    public static Task<IRuntimeSession> StartAsync(InitializeParams request)
    {
        var release = LucetRelease.Find();
        ImmutableArray<string> features =
            [WasiUnstable.Module, WorkerFeatures.CompileTimeLinking,
                WorkerFeatures.ExitCodesLost, WorkerFeatures.FunctionsOnly, WorkerFeatures.LimitedImports, WorkerFeatures.NoFolders];
        ImmutableArray<LibraryHash> libraries = [LoadedLibraries.Hash(release.Compiler), LoadedLibraries.Hash(release.Library)];
        var identity = new InitializeResult(release.Version, "Cranelift", libraries, features, release.Places);
        var folder = Directory.CreateTempSubdirectory("conformance-lucet-");
        try
        {
            var process = new LucetProcess(release, request.Limits, folder.FullName, CacheOf(request, identity));
            return Task.FromResult<IRuntimeSession>(
                new LucetSession(new LucetCompiler(release, folder.FullName), process, folder, request, identity));
        }
        catch (Exception e) when (e is LucetException or EntryPointNotFoundException)
        {
            folder.Delete(recursive: true);
            throw new RuntimeUnavailableException($"{release.Library}: {e.Message}", null);
        }
    }

    public override LucetModule Compile(byte[] bytes, GuestSetup setup)
    {
        var module = WasmInterfaceReader.TryRead(bytes) ?? WasmInterface.Empty;
        // How a start function ended, the C API does not tell; of a call it does.
        return compiler.Compile(
            module.HasStart ? StartFunction.AsExport(bytes, StartExport) : bytes, new Bindings(module, setup.Imports).Json);
    }

    public override byte[] Serialize(LucetModule module) => File.ReadAllBytes(module.Path);

    public override LucetModule Deserialize(byte[] serialized) => compiler.Restore(serialized);

    /// <summary>Its bindings are compiled into a module.</summary>
    protected override string? Variant(RunParams run) => new Bindings(Declared(run.Module), run.Imports).Key;

    protected override EngineGuest<LucetModule> Open(GuestSetup setup, WasmInterface module) => new LucetGuest(setup, module, process);

    protected override Ending? Explain(Exception e, Phase phase) => e is not LucetException ? null
        : phase == Phase.Compile ? new Ending(LucetErrors.CodeOfCompileError((LucetException)e), e.Message)
        : new Ending(LucetErrors.CodeOfInstantiationError(e.Message), e.Message);

    protected override void DisposeEngine()
    {
        process.Dispose();
        folder.Delete(recursive: true);
    }

    public override Task<ResolveResult> ResolveAsync(ResolveParams request) => ModuleBytes.Resolve(request, module =>
    {
        var answers = HostImports.Answers(module, request, HostFunctions.IsNumber, WasiUnstable.Type)
            .Zip(module.Imports, (answer, import) => answer.Provider == Provider.Wasi
                ? answer with { Note = WasiUnstable.Note(import) } : answer);
        return new ResolveResult([.. answers], null, request.Probes is null ? null : [.. Verdicts(module.Imports.Distinct(), request)]);
    });

    /// <summary>
    /// What <c>lucetc</c> says of each import. Of those that it is given no symbol for it says the same, whatever their names, and is asked
    /// about one, unless it may refuse a type before that.
    /// </summary>
    private IEnumerable<ProbeVerdict> Verdicts(IEnumerable<WasmImport> imports, ResolveParams resolved)
    {
        ProbeVerdict? unbound = null;
        foreach (var import in imports)
        {
            var words = LucetErrors.UnknownModule(import);
            var isUnbound = import.Type is FunctionType { Results.Length: <= 1 } type && type.ValueTypes.All(HostFunctions.IsNumber)
                && new Bindings(new WasmInterface([import], [], HasStart: false), resolved.Imports).IsEmpty;
            var verdict = isUnbound && unbound is not null ? unbound with { Text = words } : Verdict(import, resolved);
            if (isUnbound && verdict.Text == words) unbound = verdict;
            yield return verdict;
        }
    }

    /// <summary>What <c>lucetc</c> says of one import; where it takes it, nobody has looked at its type.</summary>
    private ProbeVerdict Verdict(WasmImport import, ResolveParams resolved)
    {
        if (ImportModule.Write([import], enterable: true) is not { } bytes) return new ProbeVerdict(OutcomeCodes.Unchecked, null);
        var module = WasmInterfaceReader.Read(bytes);
        if (UnprovidableException.OtherThanFunctions(module, resolved.Definitions, "lucetc") is { } unprovided)
            return new ProbeVerdict(OutcomeCodes.Unprovidable, unprovided);
        try
        {
            compiler.Compile(bytes, new Bindings(module, resolved.Imports).Json).Dispose();
            return new ProbeVerdict(OutcomeCodes.Unchecked, null);
        }
        catch (LucetException e)
        {
            return new ProbeVerdict(LucetErrors.CodeOfCompileError(e), e.Message);
        }
    }

    /// <summary>What can't be read has no imports: the cell, or <c>lucetc</c>, will say what is wrong with it.</summary>
    private WasmInterface Declared(ModuleFile module)
    {
        try
        {
            return _declared.GetOrAdd(module.Sha256, _ => WasmInterfaceReader.TryRead(ModuleBytes.Read(module)) ?? WasmInterface.Empty);
        }
        catch (IOException)
        {
            return WasmInterface.Empty;
        }
    }
}
