using System.Reflection;
using System.Security.Cryptography;
using Conformance.Machine;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;
using Wasmtime;
using Module = Wasmtime.Module;

namespace Conformance.Runtimes.Wasmtime;

/// <summary>Wasmtime by its NuGet package.</summary>
internal sealed class WasmtimeWorker : IRuntimeWorker
{
    private Engine? _engine;
    private ModuleStore<Module>? _modules;
    private WorkerLimits _limits = new(0, 0);

    public Task<InitializeResult> InitializeAsync(InitializeParams request)
    {
        var library = Path.Combine(AppContext.BaseDirectory, "runtimes", Platform.Name, "native", NativeName());
        if (!File.Exists(library))
        {
            throw new RuntimeUnavailableException(
                $"the Wasmtime package has no engine for {Platform.Name}", "use Linux, macOS or Windows on x64 or arm64, and build with dotnet build Conformance.sln -c Release");
        }

        var sha256 = Sha256.HexOfFile(library);
        _limits = request.Limits;
        _engine = new Engine();
        _modules = new ModuleStore<Module>(new Compiler(_engine), request.CacheFolder is { } cache ? Path.Combine(cache, "wasmtime-" + sha256[..16]) : null);
        var version = typeof(Engine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";
        return Task.FromResult(new InitializeResult(version, "Cranelift", [new LibraryHash(NativeName(), sha256)], ["wasi_snapshot_preview1", "typed-imports"]));
    }

    public Task<ResolveResult> ResolveAsync(ResolveParams request) => ModuleBytes.Resolve(request, module =>
    {
        using var store = new Store(_engine!);
        store.SetWasiConfiguration(new WasiConfiguration());
        using var linker = new Linker(_engine!);
        var definitions = new Definitions(_engine!, request.Imports, request.Definitions, new HostFunctions(""));
        definitions.Define(linker, store, module);
        // Asked by name; WASI's functions are all that Wasmtime itself brings.
        return new ResolveResult(
            HostImports.Answers(module, request, ValueTypes.Knows, import => linker.GetFunction(store, import.Module, import.Name) is { } function ? ValueTypes.Type(function) : null),
            null,
            ImportProbes.Verdicts(request, (bytes, probe) => Instantiate(bytes, probe, definitions)));
    });

    /// <summary>Instantiates a module that has no code of its own; how that failed, or null.</summary>
    private Ending? Instantiate(byte[] bytes, WasmInterface module, Definitions definitions)
    {
        Module compiled;
        try
        {
            compiled = Module.FromBytes(_engine!, "probe", bytes);
        }
        catch (WasmtimeException e)
        {
            return new Ending(ValidatorWords.Code(e.Message), e.Message);
        }

        try
        {
            using var store = new Store(_engine!);
            store.SetWasiConfiguration(new WasiConfiguration());
            using var linker = new Linker(_engine!);
            definitions.Define(linker, store, module);
            linker.Instantiate(store, compiled);
            return null;
        }
        catch (WasmtimeException e)
        {
            return new Ending(WasmtimeErrors.CodeOfLinkError(e.Message), e.Message);
        }
        finally
        {
            compiled.Dispose();
        }
    }

    public Task<RunResult> RunAsync(RunParams request, Action<Phase> reached)
    {
        using var cell = new WasmtimeCell(request, _limits, _engine!, _modules!, reached);
        return Task.FromResult(cell.Run());
    }

    public ValueTask DisposeAsync()
    {
        _modules?.Dispose();
        _engine?.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string NativeName() =>
        OperatingSystem.IsWindows() ? "wasmtime.dll" : OperatingSystem.IsMacOS() ? "libwasmtime.dylib" : "libwasmtime.so";

    private sealed class Compiler(Engine engine) : IModuleCompiler<Module>
    {
        public Module Compile(byte[] bytes) => Module.FromBytes(engine, "guest", bytes);

        public byte[] Serialize(Module module) => module.Serialize();

        public Module? Deserialize(byte[] serialized)
        {
            try
            {
                return Module.Deserialize(engine, "guest", serialized);
            }
            catch (WasmtimeException)
            {
                return null;
            }
        }
    }
}
