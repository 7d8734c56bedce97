using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Conformance.Machine;
using Conformance.Model.Modules;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;

namespace Conformance.Runtimes.Command;

/// <summary>A guest with its host functions in it.</summary>
/// <param name="Path">The file.</param>
/// <param name="Key">What tells it from others.</param>
/// <param name="Hosts">The host functions, by the number of their requests.</param>
/// <param name="ResultType">The type of what its entry returns, where a <c>_start</c> of ours calls that; null otherwise.</param>
internal sealed record ComposedGuest(string Path, string Key, ImmutableArray<FulfilledImport> Hosts, string? ResultType);

/// <summary>Merges guests with their host functions by Binaryen's <c>wasm-merge</c>, once for each guest and manifest.</summary>
/// <param name="folder">Where the composed modules are kept.</param>
internal sealed class Composition(string folder)
{
    /// <summary>What a guest may be made of, so that it is read; nothing of it is put into one that has it not.</summary>
    private static readonly string[] Features =
    [
        "mutable-globals", "sign-ext", "nontrapping-float-to-int", "bulk-memory", "bulk-memory-opt",
            "reference-types", "multivalue", "simd", "tail-call", "extended-const", "threads", "exception-handling", "gc",
    ];

    /// <summary>What is composed, besides its parts; changed where modules that are kept would be others now.</summary>
    private const string Form = "5: imports of host functions are renamed by their places; proc_exit tells; the guest's stdin comes by requests";

    private static readonly string Merge = Path.Combine(AppContext.BaseDirectory, "binaryen", "wasm-merge");

    private readonly Dictionary<string, ComposedGuest> _composed = new(StringComparer.Ordinal);

    /// <summary>Why nothing can be composed on this machine, and what to do; null where it can.</summary>
    public static (string Reason, string Remedy)? Missing() =>
        !Programs.IsOnPath("node") ? ("node is not on PATH, and wasm-merge, which composes host functions into guests, is a program of it",
            "install Node.js 20 or newer so that node is on PATH")
        : !File.Exists(Merge) ? ($"{Merge} is not there, which composes host functions into guests",
            "build the repository with npm on PATH: dotnet build Conformance.sln -c Release")
        : null;

    /// <summary>What stands in the way of composing a guest; null where nothing does.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="hosts">The host functions that it imports.</param>
    /// <param name="request">The cell.</param>
    /// <param name="stdinIsFile">Whether the command gives guests a file as stdin, and not its own.</param>
    public static string? Limit(WasmInterface guest, ImmutableArray<FulfilledImport> hosts, RunParams request, bool stdinIsFile)
    {
        var memory = guest.Exports.FirstOrDefault(export => export.Name == "memory")?.Type as MemoryType;
        var entry = EntryOf(guest, request);
        return stdinIsFile ? "the answers of composed host functions come on the command's stdin, which is not its guests'"
            : guest.Imports.Any(import => import.Name == "fd_renumber" && import.Module.StartsWith("wasi_", StringComparison.Ordinal))
                ? "the guest can put its stdin elsewhere, where the answers of its composed host functions would come"
            : guest.HasMemory && memory is null ? "the guest's memory is not exported as 'memory': composed host functions could not use it"
            : memory is { Limits.Is64Bit: true } ? "the guest's memory is 64-bit: composed host functions work in a 32-bit one"
            : memory is { Shared: true } ? "the guest's memory is shared: composed host functions work in one of their own"
            : memory is { Limits.Minimum: 0 } ? "the guest's memory has no page at first: composed host functions have no room in it"
            : hosts.Length >= HostCallModule.Reserved ? $"{hosts.Length} host functions are more than composed ones can be told apart"
            : entry is { Type.Results.Length: > 1 } ? "the entry returns several values: a composed one can return one"
            : entry is { Type.Results: [not ("i32" or "i64" or "f32" or "f64")] } ? "the entry returns no number"
            : null;
    }

    /// <summary>The guest with its host functions; made when it is first asked for.</summary>
    /// <param name="bytes">The guest.</param>
    /// <param name="guest">What it declares.</param>
    /// <param name="hosts">The host functions that it imports.</param>
    /// <param name="request">The cell, which has none of the limits.</param>
    /// <exception cref="UnprovidableException"><c>wasm-merge</c> refuses it.</exception>
    /// <exception cref="IOException">The files can't be written, or <c>node</c> can't be started.</exception>
    public ComposedGuest Compose(byte[] bytes, WasmInterface guest, ImmutableArray<FulfilledImport> hosts, RunParams request)
    {
        var entry = EntryOf(guest, request);
        var requests = HostCallModule.WriteRequests(hosts, guest, request.Kind, entry);
        // By place, not by name: one name may be imported with several types, or exported by the guest as well.
        var imports = hosts.Select(host => host.Import).ToList();
        var numbers = guest.Imports.Select(imports.IndexOf).ToList();
        var name = Path.GetFileName(request.Module.Path);
        var key = Sha256.Hex(string.Join('\n', Form, request.Module.Sha256, name, string.Join(' ', numbers), requests));
        if (_composed.TryGetValue(key, out var known)) return known;

        // Its folder tells it from others; its own name stays, which the guest may print.
        var place = Directory.CreateDirectory(Path.Combine(folder, key)).FullName;
        var path = Path.Combine(place, name);
        if (!KeptFile.IsThere(path))
        {
            var asking = ImportRenaming.Rename(bytes,
                i => numbers[i] >= 0 ? (HostCallModule.Requests, HostCallModule.ExportOf(numbers[i]))
                    : HostCallModule.ReplacementOf(guest.Imports[i]) is { } ours ? (HostCallModule.Requests, ours) : null);
            MergeInto(path, place, asking, requests, ownStart: entry is not null);
        }

        return _composed[key] = new ComposedGuest(path, key, hosts, entry?.Type.Results is [var result] ? result : null);
    }

    /// <summary>The export that a <c>_start</c> of ours has to call; null where the guest's own <c>_start</c> is the entry.</summary>
    private static (string Name, FunctionType Type)? EntryOf(WasmInterface guest, RunParams request) =>
        request is { Entry: "_start", Kind: not ModuleKind.WasiReactor } || guest.Exports.FirstOrDefault(export =>
            export.Name == request.Entry)?.Type is not FunctionType type ? null : (request.Entry, type);

    private static void MergeInto(string path, string place, byte[] bytes, string requests, bool ownStart)
    {
        var suffix = $".{Environment.ProcessId}";
        var (guest, shim, output) = (Path.Combine(place, $"guest{suffix}.wasm"),
            Path.Combine(place, $"requests{suffix}.wat"), $"{path}{suffix}");
        try
        {
            File.WriteAllBytes(guest, bytes);
            File.WriteAllText(shim, requests);
            // The first that exports a name keeps it: a _start of ours, and the guest's own memory.
            var result = ToolRun.Run("node", [Merge, .. Features.Select(feature => $"--enable-{feature}"),
                "--skip-export-conflicts", shim, HostCallModule.Requests, guest, HostCallModule.Guest, "-o", output]);
            if (result.Exit != 0)
                throw new UnprovidableException($"wasm-merge: {(result.Errors.Length > 0 ? result.Errors : result.Output)}");
            // Our _start calls it. Some commands (wasmtime) do so too where they find it, and it must not run twice.
            if (ownStart) File.WriteAllBytes(output, ExportRemoval.Without(File.ReadAllBytes(output), "_initialize"));
            KeptFile.Keep(output, path);
        }
        finally
        {
            foreach (var file in new[] { guest, shim, output }) File.Delete(file);
        }
    }
}
