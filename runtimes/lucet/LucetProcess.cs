using System.Runtime.InteropServices;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;

namespace Conformance.Runtimes.Lucet;

/// <summary>What a process needs once: the library, a place for one instance, and the way from guests to host functions.</summary>
internal sealed unsafe class LucetProcess : IDisposable
{
    private const ulong Page = 64 * 1024;
    private const ulong FourGiB = 1UL << 32;

    private readonly HashSet<string> _connected = new(StringComparer.Ordinal);
    private readonly string _folder;
    private readonly string? _cacheFolder;
    private readonly LucetLibrary.AllocationLimits _allocation;

    /// <param name="release">What to load.</param>
    /// <param name="limits">For guests.</param>
    /// <param name="folder">For the files of this worker.</param>
    /// <param name="cacheFolder">Of this release; null is none.</param>
    public LucetProcess(LucetRelease release, WorkerLimits limits, string folder, string? cacheFolder)
    {
        (_folder, _cacheFolder) = (folder, cacheFolder);
        Library = new LucetLibrary(release.Library);
        Streams = new StandardStreams(limits.OutputBytes);
        _allocation = new LucetLibrary.AllocationLimits
        {
            HeapMemory = Math.Min((ulong)limits.MemoryBytes / Page * Page, FourGiB - Page),
            HeapAddressSpace = 2 * FourGiB,
            Stack = 512 * 1024,
            Globals = 64 * 1024,
            SignalStack = 64 * 1024,
        };
        Region = NewRegion();
    }

    public LucetLibrary Library { get; }

    public StandardStreams Streams { get; }

    public HostCalls Calls { get; } = new();

    /// <summary>Where the one instance lives.</summary>
    public nint Region { get; private set; }

    /// <summary>Makes a module's host functions those of a cell, in a library that is loaded before the module.</summary>
    public void Connect(Bindings bindings, HostFunctions functions)
    {
        Calls.Begin(bindings, functions);
        if (bindings.Results.Length == 0 || !_connected.Add(bindings.Results)) return;
        var library = LucetLibrary.Load(LucetCompiler.HostLibrary(bindings.Results, _folder, _cacheFolder));
        ((delegate* unmanaged<int, int, void>)NativeLibrary.GetExport(library, LibrarySource.Connect(bindings.Results)))(Calls.ToHost,
            Calls.FromHost);
    }

    /// <summary>A new place: the old one counts an instance that could not be made as one that lives (0.6.1).</summary>
    public void Renew()
    {
        Library.ReleaseRegion(Region);
        Region = NewRegion();
    }

    public void Dispose()
    {
        Calls.Dispose();
        Streams.Dispose();
    }

    private nint NewRegion()
    {
        nint region;
        var allocation = _allocation;
        return Library.CreateRegion(1, &allocation, &region) is var error and not 0
            ? throw new LucetException($"lucet_mmap_region_create: {Library.ErrorName(error)}") : region;
    }
}
