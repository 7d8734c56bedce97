using System.Collections.Immutable;
using System.Reflection;
using System.Security.Cryptography;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;
using Conformance.Model.Wasm;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Wasmtime;

namespace Conformance.Runtimes.Wasmtime;

/// <summary>Wasmtime by its NuGet package.</summary>
internal sealed class WasmtimeWorker : IRuntimeWorker
{
    private Engine? _engine;
    private ModuleStore? _modules;
    private WorkerLimits _limits = new(0, 0);

    public Task<InitializeResult> InitializeAsync(InitializeParams request)
    {
        var library = Path.Combine(AppContext.BaseDirectory, "runtimes", NativeFolder(), "native", NativeName());
        if (!File.Exists(library))
        {
            throw new RuntimeUnavailableException(
                $"the Wasmtime package has no engine for {NativeFolder()}", "use Linux, macOS or Windows on x64 or arm64, and build with dotnet build Conformance.sln -c Release");
        }

        using var stream = File.OpenRead(library);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(stream));
        _limits = request.Limits;
        _engine = new Engine();
        _modules = new ModuleStore(_engine, request.CacheFolder is { } cache ? Path.Combine(cache, "wasmtime-" + sha256[..16]) : null);
        var version = typeof(Engine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";
        return Task.FromResult(new InitializeResult(version, "Cranelift", [new LibraryHash(NativeName(), sha256)], ["wasi_snapshot_preview1", "typed-imports"]));
    }

    public Task<ResolveResult> ResolveAsync(ResolveParams request)
    {
        CompiledModule compiled;
        try
        {
            compiled = _modules!.Get(request.Module);
        }
        catch (Exception e) when (e is WasmtimeException or WasmFormatException or IOException)
        {
            return Task.FromResult(new ResolveResult([], e.Message));
        }

        using var store = new Store(_engine!);
        store.SetWasiConfiguration(new WasiConfiguration());
        using var linker = new Linker(_engine!);
        Define(linker, compiled.Interface, request.Imports, new HostFunctions(""));
        return Task.FromResult(new ResolveResult(Ledger.Build(store, linker, compiled.Interface, request.Imports), null));
    }

    public Task<RunResult> RunAsync(RunParams request, Action<Phase> reached) =>
        Task.FromResult(new WasmtimeCell(request, _limits, reached).Run(_engine!, _modules!));

    public ValueTask DisposeAsync()
    {
        _modules?.Dispose();
        _engine?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>WASI, and the manifest's host functions with the types that this module declares for them.</summary>
    internal static void Define(Linker linker, WasmInterface module, ImmutableArray<HostImport> hosts, HostFunctions functions)
    {
        linker.DefineWasi();
        linker.AllowShadowing = true; // a manifest may fulfil a name of WASI itself, and a name may be imported with two types
        foreach (var (import, type, host) in HostImports(module, hosts))
            linker.DefineFunction(import.Module, import.Name, ValueTypes.Callback(type, host, functions), ValueTypes.Kinds(type.Parameters), ValueTypes.Kinds(type.Results));
    }

    /// <summary>Imports that the manifest fulfils and whose declared type a host function can have.</summary>
    internal static IEnumerable<(WasmImport Import, FunctionType Type, HostImport Host)> HostImports(WasmInterface module, ImmutableArray<HostImport> hosts) =>
        from import in module.Imports
        let host = hosts.FirstOrDefault(h => h.Module == import.Module && h.Name == import.Name)
        where host is not null
        let type = import.Type as FunctionType
        where type is not null && HostFunctions.Fits(type) && ValueTypes.AreKnown(type)
        select (import, type, host);

    private static string NativeName() =>
        OperatingSystem.IsWindows() ? "wasmtime.dll" : OperatingSystem.IsMacOS() ? "libwasmtime.dylib" : "libwasmtime.so";

    private static string NativeFolder()
    {
        var os = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        return $"{os}-{System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
    }
}
