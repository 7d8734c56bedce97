using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;

namespace Conformance.Runtimes.Wamr;

/// <summary>
/// WAMR's library by <c>wasm_export.h</c>, of 2020 or of 2.x: what both have, and what the later one adds. Its functions are found by name
/// when it is loaded, since an older one lacks some.
/// </summary>
/// <seealso href="https://github.com/bytecodealliance/wasm-micro-runtime/blob/main/core/iwasm/include/wasm_export.h"/>
internal sealed unsafe class WamrLibrary
{
    private const string Variable = "WAMR_LIBRARY";

    /// <summary>What the loader is asked for where the variable names nothing.</summary>
    private static readonly string[] Names = OperatingSystem.IsMacOS()
        ? ["libiwasm.dylib", "libvmlib.dylib"] : ["libiwasm.so", "libvmlib.so"];

    private readonly nint _library;

    private WamrLibrary(nint library, string? path, ImmutableArray<SearchedPlace> places)
    {
        _library = library;
        Path = path;
        Places = places;
        Initialise = (delegate* unmanaged<RuntimeArguments*, byte>)Required("wasm_runtime_full_init");
        Destroy = (delegate* unmanaged<void>)Required("wasm_runtime_destroy");
        RegisterNativesRaw = (delegate* unmanaged<byte*, NativeSymbol*, uint, byte>)Required("wasm_runtime_register_natives_raw");
        Attachment = (delegate* unmanaged<nint, nint>)Required("wasm_runtime_get_function_attachment");
        InstanceOf = (delegate* unmanaged<nint, nint>)Required("wasm_runtime_get_module_inst");
        Load = (delegate* unmanaged<byte*, uint, byte*, uint, nint>)Required("wasm_runtime_load");
        Unload = (delegate* unmanaged<nint, void>)Required("wasm_runtime_unload");
        SetWasiArguments = (delegate* unmanaged<nint, byte**,
            uint, byte**, uint, byte**, uint, byte**, int, void>)Required("wasm_runtime_set_wasi_args");
        Instantiate = (delegate* unmanaged<nint, uint, uint, byte*, uint, nint>)Required("wasm_runtime_instantiate");
        Deinstantiate = (delegate* unmanaged<nint, void>)Required("wasm_runtime_deinstantiate");
        LookUpFunction = (delegate* unmanaged<nint, byte*, byte*, nint>)Required("wasm_runtime_lookup_function");
        CreateExecution = (delegate* unmanaged<nint, uint, nint>)Required("wasm_runtime_create_exec_env");
        DestroyExecution = (delegate* unmanaged<nint, void>)Required("wasm_runtime_destroy_exec_env");
        Call = (delegate* unmanaged<nint, nint, uint, uint*, byte>)Required("wasm_runtime_call_wasm");
        Exception = (delegate* unmanaged<nint, byte*>)Required("wasm_runtime_get_exception");
        SetException = (delegate* unmanaged<nint, byte*, void>)Required("wasm_runtime_set_exception");
        WasiExitCode = (delegate* unmanaged<nint, uint>)Optional("wasm_runtime_get_wasi_exit_code");
        Version = ReadVersion();
    }

    public readonly delegate* unmanaged<RuntimeArguments*, byte> Initialise;
    public readonly delegate* unmanaged<void> Destroy;
    public readonly delegate* unmanaged<byte*, NativeSymbol*, uint, byte> RegisterNativesRaw;
    public readonly delegate* unmanaged<nint, nint> Attachment;
    public readonly delegate* unmanaged<nint, nint> InstanceOf;
    public readonly delegate* unmanaged<byte*, uint, byte*, uint, nint> Load;
    public readonly delegate* unmanaged<nint, void> Unload;
    public readonly delegate* unmanaged<nint, byte**, uint, byte**, uint, byte**, uint, byte**, int, void> SetWasiArguments;
    public readonly delegate* unmanaged<nint, uint, uint, byte*, uint, nint> Instantiate;
    public readonly delegate* unmanaged<nint, void> Deinstantiate;
    public readonly delegate* unmanaged<nint, byte*, byte*, nint> LookUpFunction;
    public readonly delegate* unmanaged<nint, uint, nint> CreateExecution;
    public readonly delegate* unmanaged<nint, void> DestroyExecution;
    public readonly delegate* unmanaged<nint, nint, uint, uint*, byte> Call;
    public readonly delegate* unmanaged<nint, byte*> Exception;
    public readonly delegate* unmanaged<nint, byte*, void> SetException;

    /// <summary>Null in a library that is too old for it: there, the number that <c>proc_exit</c> is given is lost.</summary>
    public readonly delegate* unmanaged<nint, uint> WasiExitCode;

    /// <summary>The file; null where the loader found it and does not say where.</summary>
    public string? Path { get; }

    public ImmutableArray<SearchedPlace> Places { get; }

    /// <summary>Such as <c>2.4.3</c>; begins with 0 where the library is too old to tell.</summary>
    public string Version { get; }

    /// <summary>Loads it from the first place that has it.</summary>
    /// <exception cref="RuntimeUnavailableException">No place has it, or what is there is no WAMR.</exception>
    public static WamrLibrary Find()
    {
        var named = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } value ? System.IO.Path.GetFullPath(value) : null;
        var places = ImmutableArray.CreateBuilder<SearchedPlace>();
        places.Add(new SearchedPlace(Variable, named, File.Exists(named)));
        try
        {
            // What a variable names is meant: where that is wrong, another library would be a surprise.
            if (named is not null) return new WamrLibrary(NativeLibrary.Load(named), named, places.ToImmutable());
            foreach (var name in Names)
            {
                var found = NativeLibrary.TryLoad(name, typeof(WamrLibrary).Assembly, DllImportSearchPath.SafeDirectories, out var library);
                var path = found ? LoadedLibraries.PathOf(name) : null;
                places.Add(new SearchedPlace("the loader's default", path ?? name, found));
                if (found) return new WamrLibrary(library, path, places.ToImmutable());
            }
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new RuntimeUnavailableException($"{Variable} ({named}) can't be loaded: {e.Message}", null);
        }
        catch (EntryPointNotFoundException e)
        {
            throw new RuntimeUnavailableException($"{places[^1].Path} is no libiwasm: {e.Message}", null);
        }

        throw new RuntimeUnavailableException(
            $"its library is not here ({Variable} is not set, and none of the loader's default places has {string.Join(" or ", Names)})",
            null);
    }

    private nint Required(string name) => NativeLibrary.GetExport(_library, name);

    private nint Optional(string name) => NativeLibrary.TryGetExport(_library, name, out var address) ? address : 0;

    private string ReadVersion()
    {
        var read = (delegate* unmanaged<uint*, uint*, uint*, void>)Optional("wasm_runtime_get_version");
        if (read is null) return "0 (too old to tell)";
        uint major, minor, patch;
        read(&major, &minor, &patch);
        return $"{major}.{minor}.{patch}";
    }

    /// <summary><c>RuntimeInitArgs</c>, as far as any version of it goes: what comes later is zero, its default.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    public struct RuntimeArguments
    {
        public int Allocation;

        /// <summary><c>Alloc_With_System_Allocator</c>.</summary>
        public const int SystemAllocator = 2;
    }

    /// <summary><c>NativeSymbol</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct NativeSymbol
    {
        public byte* Name;
        public void* Function;
        public byte* Signature;
        public nint Attachment;
    }
}
