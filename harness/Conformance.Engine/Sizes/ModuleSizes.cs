using System.IO.Compression;
using System.Text.Json;
using Conformance.Machine;
using Conformance.Model;
using Conformance.Model.Modules;
using Conformance.Model.Reports;
using Conformance.Wasm;

namespace Conformance.Engine.Sizes;

/// <summary>Measures modules. What was measured is kept by the module's hash, for the optimiser takes a minute for ten megabytes.</summary>
/// <param name="cacheFolder">Where it is kept; null is nowhere.</param>
public sealed class ModuleSizes(string? cacheFolder)
{
    /// <summary>How many of the largest functions are told.</summary>
    private const int LargestFunctions = 10;

    /// <summary>What a module may use: the finished proposals, by name, since --all-features writes what engines refuse.</summary>
    private static readonly string[] Features =
    [
        "--enable-mutable-globals", "--enable-sign-ext", "--enable-nontrapping-float-to-int", "--enable-bulk-memory", "--enable-multivalue",
        "--enable-reference-types", "--enable-simd", "--enable-tail-call", "--enable-exception-handling", "--enable-gc",
        "--enable-threads",
    ];

    /// <summary>The optimiser: <c>WASM_OPT</c>, the one that the launcher installed with the guests' compilers, or PATH's.</summary>
    public static string Optimiser => Environment.GetEnvironmentVariable("WASM_OPT") is { Length: > 0 } given ? given
        : Path.Combine(ConformanceHome.Folder, "guest-npm", "node_modules", ".bin", "wasm-opt") is var installed
            && File.Exists(installed) ? installed
        : "wasm-opt";

    /// <summary>What was measured of a module before, or null.</summary>
    public SizeLine? Known(ModuleManifest module)
    {
        if (CacheFile(module) is not { } file || KeptFile.Read(file) is not { } kept) return null;
        try
        {
            return JsonSerializer.Deserialize(kept, ModelJson.Readable.SizeLine) is { } size
                ? size with { Module = module.Id } : null;
        }
        catch (JsonException)
        {
            return null; // of an older harness, or cut short: it is measured anew
        }
    }

    /// <summary>What was measured before, or is now.</summary>
    /// <exception cref="WasmFormatException">It is no module.</exception>
    public async Task<SizeLine> MeasureAsync(ModuleManifest module, CancellationToken cancellation)
    {
        if (Known(module) is { } known) return known;
        var bytes = await File.ReadAllBytesAsync(module.WasmPath, cancellation).ConfigureAwait(false);
        var parts = WasmSizeReader.Read(bytes);
        var optimised = OptimisedAsync(module.WasmPath, cancellation);
        var gzip = Task.Run(() => Compressed(bytes, stream => new GZipStream(stream, CompressionLevel.SmallestSize)), cancellation);
        var brotli = Task.Run(() => Compressed(bytes, stream => new BrotliStream(stream, CompressionLevel.SmallestSize)), cancellation);
        var (bytesOptimised, why) = await optimised.ConfigureAwait(false);
        var size = new SizeLine
        {
            Module = module.Id,
            Raw = bytes.Length,
            Optimised = bytesOptimised,
            NotOptimised = why,
            Gzip = await gzip.ConfigureAwait(false),
            Brotli = await brotli.ConfigureAwait(false),
            Sections = parts.Sections,
            Functions = [.. parts.Functions.OrderByDescending(part => part.Bytes).Take(LargestFunctions)],
        };
        // An optimiser may be there the next time.
        if (size.Optimised is not null && CacheFile(module) is { } file)
            KeptFile.Write(file, JsonSerializer.SerializeToUtf8Bytes(size, ModelJson.Readable.SizeLine));
        return size;
    }

    private string? CacheFile(ModuleManifest module) =>
        cacheFolder is null ? null : Path.Combine(cacheFolder, "sizes", $"{module.Sha256}.json");

    private static long Compressed(byte[] bytes, Func<Stream, Stream> compressor)
    {
        var counted = new MemoryStream();
        using (var stream = compressor(counted)) stream.Write(bytes);
        return counted.ToArray().Length;
    }

    /// <summary>The bytes, or why there are none.</summary>
    private static async Task<(long? Bytes, string? Why)> OptimisedAsync(string path, CancellationToken cancellation)
    {
        var output = Path.Combine(SessionFolder.Create("size").FullName, "optimised.wasm");
        try
        {
            var run = await ToolRun.StartAsync(Optimiser, [path, "-Oz", .. Features, "-o", output], cancellation).ConfigureAwait(false);
            return run.Exit switch
            {
                0 => (new FileInfo(output).Length, null),
                ToolRun.NotFound => (null, $"{Optimiser} is not here: ./conformance test installs one, WASM_OPT names another"),
                _ => (null, $"{Path.GetFileName(Optimiser)} refuses it: {run.Words.Split('\n')[0]}"),
            };
        }
        finally
        {
            File.Delete(output);
        }
    }
}
