using System.ComponentModel;
using System.Diagnostics;
using System.IO.Compression;
using Conformance.Model;
using Conformance.Model.Modules;
using Conformance.Model.Wasm;

namespace Conformance.Engine.Building;

/// <summary>How large a module is, in bytes, as it is and as it could be sent.</summary>
/// <param name="Raw">As committed.</param>
/// <param name="Optimised">After <c>wasm-opt -Oz</c>; null where that is not here, or refuses the module.</param>
/// <param name="Gzip">Raw, compressed.</param>
/// <param name="Brotli">Raw, compressed at the highest quality.</param>
/// <param name="Parts">What takes the space.</param>
public sealed record ModuleSize(long Raw, long? Optimised, long Gzip, long Brotli, WasmSizes Parts);

/// <summary>Measures modules.</summary>
public static class ModuleSizes
{
    /// <summary>What a module may use: the finished proposals, by name, since --all-features writes what engines refuse.</summary>
    private static readonly string[] Features =
    [
        "--enable-mutable-globals", "--enable-sign-ext", "--enable-nontrapping-float-to-int", "--enable-bulk-memory", "--enable-multivalue",
        "--enable-reference-types", "--enable-simd", "--enable-tail-call", "--enable-exception-handling", "--enable-gc",
    ];

    /// <summary>The optimiser: <c>WASM_OPT</c>, the one that the launcher installed with the guests' compilers, or PATH's.</summary>
    public static string Optimiser => Environment.GetEnvironmentVariable("WASM_OPT") is { Length: > 0 } given ? given
        : Path.Combine(ConformanceHome.Folder, "guest-npm", "node_modules", ".bin", "wasm-opt") is var installed && File.Exists(installed) ? installed
        : "wasm-opt";

    /// <exception cref="WasmFormatException">It is no module.</exception>
    public static async Task<ModuleSize> MeasureAsync(ModuleManifest module, CancellationToken cancellation)
    {
        var bytes = await File.ReadAllBytesAsync(module.WasmPath, cancellation).ConfigureAwait(false);
        return new ModuleSize(
            bytes.Length,
            await OptimisedAsync(module.WasmPath, cancellation).ConfigureAwait(false),
            Compressed(bytes, stream => new GZipStream(stream, CompressionLevel.SmallestSize)),
            Compressed(bytes, stream => new BrotliStream(stream, CompressionLevel.SmallestSize)),
            WasmSizeReader.Read(bytes));
    }

    private static long Compressed(byte[] bytes, Func<Stream, Stream> compressor)
    {
        var counted = new MemoryStream();
        using (var stream = compressor(counted)) stream.Write(bytes);
        return counted.ToArray().Length;
    }

    private static async Task<long?> OptimisedAsync(string path, CancellationToken cancellation)
    {
        var output = Path.GetTempFileName();
        try
        {
            using var process = Process.Start(new ProcessStartInfo(Optimiser, [path, "-Oz", .. Features, "-o", output]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            try
            {
                await Task.WhenAll(process.StandardOutput.ReadToEndAsync(cancellation), process.StandardError.ReadToEndAsync(cancellation)).ConfigureAwait(false);
                await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }

            return process.ExitCode == 0 ? new FileInfo(output).Length : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
        finally
        {
            File.Delete(output);
        }
    }
}
