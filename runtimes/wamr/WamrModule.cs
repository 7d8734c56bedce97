using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Conformance.Model.Modules;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;

namespace Conformance.Runtimes.Wamr;

/// <summary>WAMR's words for what it does not do.</summary>
internal sealed class WamrException(string message, bool isExecution = false) : Exception(message)
{
    /// <summary>Whether it is of code that ran.</summary>
    public bool IsExecution => isExecution;

    /// <summary>The module that is not loaded; null where it is of something else.</summary>
    public byte[]? Module { get; init; }
}

/// <summary>
/// A loaded module, in a library that is initialised for it alone: natives are bound by the load, and there is no other way to be rid of
/// another module's that every version has.
/// </summary>
internal sealed unsafe class WamrModule : IDisposable
{
    private const int WordBytes = 256;

    /// <summary>
    /// Room for <c>module_malloc</c>, which nobody calls, and which makes the guest's memory larger; but without any, the library of 2020
    /// leaves WASI out.
    /// </summary>
    private const uint WasiHeapBytes = 8192;

    private readonly WamrLibrary _library;
    private readonly NativeStrings _strings = new();
    private readonly nint _module;
    private readonly uint _heapBytes;

    /// <param name="library">Not initialised.</param>
    /// <param name="bytes">The module.</param>
    /// <param name="declared">Its imports.</param>
    /// <param name="hosts">The manifest's host functions.</param>
    /// <param name="functions">What they do.</param>
    /// <exception cref="WamrException">It is not loaded.</exception>
    public WamrModule(WamrLibrary library, byte[] bytes,
        WasmInterface declared, ImmutableArray<DeclaredImport> hosts, HostFunctions functions)
    {
        _library = library;
        _heapBytes = library.WasiExitCode is null && declared.Imports.Any(import => import.Module.StartsWith("wasi", StringComparison.Ordinal))
            ? WasiHeapBytes : 0;
        var arguments = new WamrLibrary.RuntimeArguments { Allocation = WamrLibrary.RuntimeArguments.SystemAllocator };
        if (library.Initialise(&arguments) == 0) throw new WamrException("wasm_runtime_full_init failed");
        try
        {
            Natives = new HostNatives(library, declared, hosts, functions, _strings);
            // The library changes the bytes, and refers to them later.
            var copy = (byte*)_strings.Allocate(Math.Max(1, bytes.Length));
            bytes.CopyTo(new Span<byte>(copy, bytes.Length));
            var words = stackalloc byte[WordBytes];
            _module = library.Load(copy, (uint)bytes.Length, words, WordBytes);
            if (_module == 0) throw new WamrException(Marshal.PtrToStringUTF8((nint)words)!) { Module = bytes };
        }
        catch
        {
            Release();
            throw;
        }
    }

    public HostNatives Natives { get; }

    /// <summary>Why a host function that it imports can't be bound; null where all can.</summary>
    public string? Unbound { get; init; }

    /// <summary>What its WASI is given; before it is instantiated.</summary>
    /// <param name="arguments">The program's name first.</param>
    /// <param name="environment">All of it.</param>
    /// <param name="preopens">Guest path → folder.</param>
    public void SetWasi(IReadOnlyCollection<string> arguments,
        IReadOnlyDictionary<string, string> environment, ImmutableArray<Preopen> preopens)
    {
        // "guest::folder" is a pair for those versions that read it.
        var pairs = preopens.Select(preopen => $"{preopen.GuestPath}::{preopen.Folder}").ToList();
        var variables = environment.Select(variable => $"{variable.Key}={variable.Value}").ToList();
        _library.SetWasiArguments(_module, null, 0, _strings.Array(pairs),
            (uint)pairs.Count, _strings.Array(variables), (uint)variables.Count, _strings.Array(arguments), arguments.Count);
    }

    /// <exception cref="WamrException">It is not instantiated, or its start function trapped.</exception>
    public nint Instantiate(uint stackBytes)
    {
        var words = stackalloc byte[WordBytes];
        var instance = _library.Instantiate(_module, stackBytes, _heapBytes, words, WordBytes);
        if (instance != 0) return instance;
        var text = Marshal.PtrToStringUTF8((nint)words)!;
        throw new WamrException(text, WamrErrors.IsExecution(text));
    }

    public void Dispose()
    {
        _library.Unload(_module);
        Release();
    }

    private void Release()
    {
        _library.Destroy();
        _strings.Dispose();
    }
}
