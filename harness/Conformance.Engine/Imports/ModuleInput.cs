using System.IO.Compression;
using Conformance.Machine;
using Conformance.Wasm;

namespace Conformance.Engine.Imports;

/// <summary>A module as somebody hands it over: as it is, compressed by gzip or Brotli, or as text, whatever its name.</summary>
/// <param name="Path">The file, as it was named.</param>
/// <param name="Bytes">The module's, plain.</param>
/// <param name="Interface">What it declares; nothing where it can't be read.</param>
public sealed record ModuleInput(string Path, byte[] Bytes, WasmInterface Interface)
{
    /// <summary>Whether its sections could be read: what is wrong with one of which they can't is for engines to say.</summary>
    public bool IsRead { get; private init; } = true;

    /// <param name="path">The file.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="damaged">Whether a core module is taken whatever comes after its first bytes.</param>
    /// <exception cref="InputException">It is not there, or something else, which the message names.</exception>
    /// <exception cref="EnvironmentException">It is text, and what reads that is not here.</exception>
    public static async Task<ModuleInput> ReadAsync(string path, CancellationToken cancellation, bool damaged = false)
    {
        byte[] bytes;
        try
        {
            if (OrdinaryFile.Obstacle(path, OrdinaryFile.MostModuleBytes) is { } obstacle) throw new InputException($"{path} {obstacle}");
            bytes = await File.ReadAllBytesAsync(path, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: {e.Message}", e);
        }

        var plain = Plain(path, bytes);
        if (ModuleForms.IsText(plain)) plain = await TextFormat.ModuleAsync(path, plain, cancellation).ConfigureAwait(false);
        return WasmInterfaceReader.TryRead(plain) is { } found ? new ModuleInput(path, plain, found)
            : damaged && plain.AsSpan().StartsWith(WasmEncoding.Preamble)
                ? new ModuleInput(path, plain, WasmInterface.Empty) { IsRead = false }
            : throw new InputException($"{path}: {ModuleForms.WhatItIs(plain)}");
    }

    /// <summary>Which functions call which.</summary>
    /// <exception cref="InputException">Its code can't be read.</exception>
    public CallGraph ReadCalls()
    {
        try
        {
            return new CallGraph(Bytes);
        }
        catch (WasmFormatException e)
        {
            throw new InputException($"{Path}: its code can't be read: {e.Message}", e);
        }
    }

    /// <summary>Brotli begins with no mark of its own: what it unpacks to nothing known was none.</summary>
    private static byte[] Plain(string path, byte[] bytes) => ModuleForms.IsWasm(bytes) || ModuleForms.IsText(bytes) ? bytes
        : ModuleForms.IsGzip(bytes) ? Unpacked(path, bytes, stream => new GZipStream(stream, CompressionMode.Decompress)) ?? bytes
        : Unpacked(path, bytes, stream => new BrotliStream(stream, CompressionMode.Decompress)) is { } plain
            && (ModuleForms.IsWasm(plain) || ModuleForms.IsText(plain)) ? plain
        : bytes;

    /// <summary>Null where it is not compressed so, or damaged.</summary>
    private static byte[]? Unpacked(string path, byte[] bytes, Func<Stream, Stream> unpack)
    {
        try
        {
            using var stream = unpack(new MemoryStream(bytes));
            using var plain = new MemoryStream();
            var part = new byte[64 * 1024];
            for (int read; (read = stream.Read(part)) > 0;)
            {
                if (plain.Length + read > OrdinaryFile.MostModuleBytes)
                    throw new InputException($"{path}: unpacks to more than {OrdinaryFile.MostModuleBytes >> 20} MiB");
                plain.Write(part, 0, read);
            }

            return plain.ToArray();
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
        {
            return null;
        }
    }
}
