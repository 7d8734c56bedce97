using System.Collections.Immutable;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;
using Conformance.Wasmer;

namespace Conformance.Runtimes.Wasmer;

/// <summary>Wasmer by its C API.</summary>
internal sealed class WasmerWorker : IRuntimeWorker
{
    private Engine? _engine;
    private ModuleStore<Module>? _modules;
    private StandardStreams? _streams;
    private StdinRemainder? _remainder;

    public Task<InitializeResult> InitializeAsync(InitializeParams request)
    {
        if (OperatingSystem.IsWindows())
            throw new RuntimeUnavailableException("Wasmer's WASI prints to the process's own stdout, which this worker can give to a cell on Linux and macOS only", "run it there");

        var places = request.ReleaseFolder is { } release ? WasmerLibrary.Places(Path.Combine(release, "lib")) : WasmerLibrary.Places();
        string library;
        try
        {
            library = WasmerLibrary.Load(places);
            _engine = new Engine();
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            throw new RuntimeUnavailableException($"its library is not here ({e.Message})", null);
        }

        // What the loader found is a bare name on some systems.
        var file = File.Exists(library) ? LoadedLibraries.Hash(library) : null;
        var searched = places.Select(place => new SearchedPlace(place.Name, place.Path, place.Found)).ToImmutableArray();
        _streams = new StandardStreams(request.Limits.OutputBytes);
        _remainder = new StdinRemainder(_engine);
        _modules = new ModuleStore<Module>(new Compiler(_engine), request.CacheFolder is { } cache && file is not null ? Path.Combine(cache, "wasmer-" + file.Sha256[..16]) : null);
        return Task.FromResult(new InitializeResult(WasmerLibrary.Version, "Cranelift", file is null ? [] : [file with { Name = WasmerLibrary.FileName }], [.. Surface(), "typed-imports"], searched));
    }

    public Task<ResolveResult> ResolveAsync(ResolveParams request) => ModuleBytes.Resolve(request, module =>
    {
        using var store = new Store(_engine!);
        var wasi = Definitions.ImportsWasi(module) ? new Wasi(_engine!, store, new WasiConfiguration("")) : null;
        var definitions = new Definitions(_engine!, store, module, [], null, new HostFunctions(""), wasi);
        return new ResolveResult(
            HostImports.Answers(module, request, ValueTypes.Knows, import => definitions.FindWasi(import)?.Type is Conformance.Wasmer.FunctionType type ? ValueTypes.Type(type) : null),
            null,
            ImportProbes.Verdicts(request, (bytes, probe) => Instantiate(bytes, probe, request)));
    });

    /// <summary>Instantiates a module that has no code of its own; how that failed, or null.</summary>
    private Ending? Instantiate(byte[] bytes, WasmInterface module, ResolveParams request)
    {
        Module compiled;
        try
        {
            compiled = Module.FromBytes(_engine!, bytes);
        }
        catch (WasmerException e)
        {
            return new Ending(WasmerErrors.CodeOfCompileError(e.Message), e.Message);
        }

        try
        {
            using var store = new Store(_engine!);
            var wasi = Definitions.ImportsWasi(module) ? new Wasi(_engine!, store, new WasiConfiguration("")) : null;
            var definitions = new Definitions(_engine!, store, module, request.Imports, request.Definitions, new HostFunctions(""), wasi);
            _ = new Instance(store, compiled, [.. module.Imports.Select(definitions.Find).OfType<Extern>()]);
            return null;
        }
        catch (WasmerException e)
        {
            return new Ending(WasmerErrors.CodeOfLinkError(e.Message), e.Message);
        }
        finally
        {
            compiled.Dispose();
        }
    }

    public Task<RunResult> RunAsync(RunParams request, Action<Phase> reached)
    {
        using var cell = new WasmerCell(request, _engine!, _modules!, _streams!, _remainder!, reached);
        return Task.FromResult(cell.Run());
    }

    public ValueTask DisposeAsync()
    {
        _streams?.Dispose();
        _remainder?.Dispose();
        _modules?.Dispose();
        _engine?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>How many functions each WASI namespace has.</summary>
    private IEnumerable<string> Surface()
    {
        using var store = new Store(_engine!);
        var wasi = new Wasi(_engine!, store, new WasiConfiguration(""));
        return [.. Wasi.Namespaces.Select(name => $"{name}:{wasi.GetNamespace(name).Count(definition => definition.Module == name)}")];
    }

    private sealed class Compiler(Engine engine) : IModuleCompiler<Module>
    {
        public Module Compile(byte[] bytes) => Module.FromBytes(engine, bytes);

        public byte[] Serialize(Module module) => module.Serialize();

        public Module? Deserialize(byte[] serialized)
        {
            try
            {
                return Module.Deserialize(engine, serialized);
            }
            catch (WasmerException)
            {
                return null;
            }
        }
    }
}
