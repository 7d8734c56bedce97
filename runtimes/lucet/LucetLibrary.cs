using System.Runtime.InteropServices;
using Conformance.Runtimes.Hosting;

namespace Conformance.Runtimes.Lucet;

/// <summary>Lucet's words for what it does not do.</summary>
/// <param name="message">Its words.</param>
/// <param name="module">The module that <c>lucetc</c> refuses.</param>
internal sealed class LucetException(string message, byte[]? module = null) : Exception(message)
{
    public byte[]? Module => module;
}

/// <summary>
/// <c>liblucet_wasi.so</c>. It is loaded with <c>RTLD_GLOBAL</c>, since compiled modules name their host functions as C symbols.
/// </summary>
/// <seealso href="https://github.com/bytecodealliance/lucet/tree/main/lucet-runtime/include"/>
internal sealed unsafe partial class LucetLibrary
{
    private const int Now = 0x2;
    private const int Global = 0x100;

    private readonly nint _library;
    private readonly delegate* unmanaged<int, byte*> _errorName;

    public LucetLibrary(string path)
    {
        _library = Load(path);
        LoadModule = (delegate* unmanaged<byte*, nint*, int>)Export("lucet_dl_module_load");
        ReleaseModule = (delegate* unmanaged<nint, void>)Export("lucet_dl_module_release");
        ReleaseRegion = (delegate* unmanaged<nint, void>)Export("lucet_region_release");
        CreateRegion = (delegate* unmanaged<ulong, AllocationLimits*, nint*, int>)Export("lucet_mmap_region_create");
        CreateContext = (delegate* unmanaged<nint>)Export("lucet_wasi_ctx_create");
        SetArguments = (delegate* unmanaged<nint, nuint, byte**, int>)Export("lucet_wasi_ctx_args");
        InheritEnvironment = (delegate* unmanaged<nint, int>)Export("lucet_wasi_ctx_inherit_env");
        InheritStreams = (delegate* unmanaged<nint, int>)Export("lucet_wasi_ctx_inherit_stdio");
        NewInstance = (delegate* unmanaged<nint, nint, nint, nint*, int>)Export("lucet_region_new_instance_with_wasi_ctx");
        ReleaseInstance = (delegate* unmanaged<nint, void>)Export("lucet_instance_release");
        Run = (delegate* unmanaged<nint, byte*, nuint, void*, Result*, int>)Export("lucet_instance_run");
        _errorName = (delegate* unmanaged<int, byte*>)Export("lucet_error_name");
    }

    public readonly delegate* unmanaged<byte*, nint*, int> LoadModule;
    public readonly delegate* unmanaged<nint, void> ReleaseModule;
    public readonly delegate* unmanaged<ulong, AllocationLimits*, nint*, int> CreateRegion;
    public readonly delegate* unmanaged<nint, void> ReleaseRegion;
    public readonly delegate* unmanaged<nint> CreateContext;
    public readonly delegate* unmanaged<nint, nuint, byte**, int> SetArguments;
    public readonly delegate* unmanaged<nint, int> InheritEnvironment;
    public readonly delegate* unmanaged<nint, int> InheritStreams;
    public readonly delegate* unmanaged<nint, nint, nint, nint*, int> NewInstance;
    public readonly delegate* unmanaged<nint, void> ReleaseInstance;
    public readonly delegate* unmanaged<nint, byte*, nuint, void*, Result*, int> Run;

    /// <summary>Loads a library for all that are loaded after it.</summary>
    /// <exception cref="LucetException">The loader does not.</exception>
    public static nint Load(string path)
    {
        using var strings = new NativeStrings();
        var library = Open(strings.Text(path), Now | Global);
        return library != 0 ? library : throw new LucetException(Marshal.PtrToStringUTF8((nint)Error()) ?? path);
    }

    /// <summary>The name of an error, such as <c>lucet_error_dl</c>.</summary>
    public string ErrorName(int error) => Marshal.PtrToStringUTF8((nint)_errorName(error)) ?? $"lucet_error {error}";

    /// <summary>
    /// Makes the process's environment what a guest is to inherit. What this worker's own children get is .NET's copy, and stays.
    /// </summary>
    public static void SetEnvironment(IReadOnlyDictionary<string, string> environment)
    {
        _ = ClearEnvironment();
        using var strings = new NativeStrings();
        foreach (var (name, value) in environment) _ = SetVariable(strings.Text(name), strings.Text(value), 1);
    }

    private nint Export(string name) => NativeLibrary.GetExport(_library, name);

    [LibraryImport("libc", EntryPoint = "dlopen")]
    private static partial nint Open(byte* path, int mode);

    [LibraryImport("libc", EntryPoint = "dlerror")]
    private static partial byte* Error();

    [LibraryImport("libc", EntryPoint = "clearenv")]
    private static partial int ClearEnvironment();

    [LibraryImport("libc", EntryPoint = "setenv")]
    private static partial int SetVariable(byte* name, byte* value, int overwrite);

    /// <summary><c>lucet_alloc_limits</c>, bytes in whole pages of 4 KiB.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct AllocationLimits
    {
        public ulong HeapMemory;
        public ulong HeapAddressSpace;
        public ulong Stack;
        public ulong Globals;
        public ulong SignalStack;
    }

    /// <summary><c>lucet_result</c>: what ended a run, and what the kind of end comes with.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 1024)]
    public struct Result
    {
        [FieldOffset(0)] public ResultTag Tag;

        /// <summary>Of <see cref="ResultTag.Returned"/>.</summary>
        [FieldOffset(8)] public double Float64;
        [FieldOffset(8)] public float Float32;
        [FieldOffset(24)] public long Integer;

        /// <summary>Of <see cref="ResultTag.Faulted"/>.</summary>
        [FieldOffset(12)] public TrapCode Trap;

        /// <summary>Of <see cref="ResultTag.Terminated"/>.</summary>
        [FieldOffset(8)] public TerminationReason Reason;
    }

    public enum ResultTag
    {
        Returned,
        Yielded,
        Faulted,
        Terminated,
        Errored,
    }

    public enum TerminationReason
    {
        Signal,
        ContextNotFound,
        YieldTypeMismatch,
        BorrowError,
        Provided,
        Remote,
    }

    public enum TrapCode
    {
        StackOverflow,
        HeapOutOfBounds,
        OutOfBounds,
        IndirectCallToNull,
        BadSignature,
        IntegerOverflow,
        IntegerDivisionByZero,
        BadConversionToInteger,
        Interrupt,
        TableOutOfBounds,
        User,
        Unknown,
    }
}
