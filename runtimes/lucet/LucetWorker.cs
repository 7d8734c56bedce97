using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;

namespace Conformance.Runtimes.Lucet;

/// <summary>
/// Lucet: <c>lucetc</c> compiles a module to a shared object, whose imports are C symbols. Whether an import has one is asked at compile, and its type never.
/// </summary>
internal sealed class LucetWorker : IRuntimeWorker
{
    private readonly Dictionary<string, ModuleStore<LucetModule>> _modules = new(StringComparer.Ordinal);
    private DirectoryInfo? _folder;
    private LucetRelease? _release;
    private LucetProcess? _process;
    private string? _cacheFolder;

    public Task<InitializeResult> InitializeAsync(InitializeParams request)
    {
        _release = LucetRelease.Find();
        _folder = Directory.CreateTempSubdirectory("conformance-lucet-");
        var (compiler, library) = (LoadedLibraries.Hash(_release.Compiler), LoadedLibraries.Hash(_release.Library));
        _cacheFolder = request.CacheFolder is { } cache ? Path.Combine(cache, $"lucet-{compiler.Sha256[..16]}") : null;
        try
        {
            _process = new LucetProcess(_release, request.Limits, _folder!.FullName, _cacheFolder);
        }
        catch (Exception e) when (e is LucetException or EntryPointNotFoundException)
        {
            throw new RuntimeUnavailableException($"{_release.Library}: {e.Message}", null);
        }

        return Task.FromResult(new InitializeResult(_release.Version, "Cranelift", [compiler, library], [WasiUnstable.Module, WorkerFeatures.CompileTimeLinking, WorkerFeatures.ExitCodesLost, WorkerFeatures.FunctionsOnly, WorkerFeatures.NoFolders], _release.Places));
    }

    public Task<ResolveResult> ResolveAsync(ResolveParams request) => ModuleBytes.Resolve(request, module =>
    {
        var answers = HostImports.Answers(module, request, HostFunctions.IsNumber, WasiUnstable.Type)
            .Zip(module.Imports, (answer, import) => answer.Provider == Provider.Wasi ? answer with { Note = WasiUnstable.Note(import) } : answer);
        return new ResolveResult([.. answers], null, request.Probes is null ? null : [.. module.Imports.Distinct().Select(import => Verdict(import, request))]);
    });

    public Task<RunResult> RunAsync(RunParams request, Action<Phase> reached)
    {
        using var cell = new LucetCell(request, Store(request), _process!, reached);
        return Task.FromResult(cell.Run());
    }

    public ValueTask DisposeAsync()
    {
        _process?.Dispose();
        foreach (var store in _modules.Values) store.Dispose();
        _folder?.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>What <c>lucetc</c> says of one import; where it takes it, nobody has looked at its type.</summary>
    private ProbeVerdict Verdict(WasmImport import, ResolveParams request)
    {
        if (ImportModule.Write([import], enterable: true) is not { } bytes) return new ProbeVerdict(OutcomeCodes.Unchecked, null);
        var module = WasmInterfaceReader.Read(bytes);
        if (Unprovided.Of(module, request.Definitions, "lucetc") is { } unprovided) return new ProbeVerdict(OutcomeCodes.Unprovidable, unprovided);
        try
        {
            new LucetCompiler(_release!, _folder!.FullName, new Bindings(module, request.Imports).Json).Compile(bytes).Dispose();
            return new ProbeVerdict(OutcomeCodes.Unchecked, null);
        }
        catch (LucetException e)
        {
            return new ProbeVerdict(LucetErrors.CodeOfCompileError(e.Message), e.Message);
        }
    }

    /// <summary>The compiled modules with the same bindings.</summary>
    private ModuleStore<LucetModule> Store(RunParams request)
    {
        Bindings bindings;
        try
        {
            bindings = new Bindings(ModuleBytes.Interface(request.Module), request.Imports);
        }
        catch (Exception e) when (e is WasmFormatException or IOException)
        {
            // The cell will say so.
            bindings = new Bindings(new WasmInterface([], [], HasStart: false), []);
        }

        if (!_modules.TryGetValue(bindings.Key, out var store))
        {
            _modules[bindings.Key] = store = new ModuleStore<LucetModule>(
                new LucetCompiler(_release!, _folder!.FullName, bindings.Json), _cacheFolder is { } cache ? Path.Combine(cache, bindings.Key) : null);
        }

        return store;
    }
}
