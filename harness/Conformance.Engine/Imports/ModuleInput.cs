using System.IO.Compression;
using Conformance.Wasm;

namespace Conformance.Engine.Imports;

/// <summary>A module as somebody hands it over: as it is, or compressed by gzip or Brotli, whatever its name.</summary>
internal static class ModuleInput
{
    /// <summary>More than any module has, and less than a bomb would fill.</summary>
    private const int MostBytes = 512 << 20;

    /// <summary>The module's bytes.</summary>
    /// <exception cref="InputException">It is something else, which the message names.</exception>
    public static byte[] Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: {e.Message}", e);
        }

        // Brotli begins with no mark of its own: what it unpacks to nothing known was none.
        var module = ModuleForms.IsWasm(bytes) ? bytes
            : ModuleForms.IsGzip(bytes) ? Unpacked(stream => new GZipStream(stream, CompressionMode.Decompress)) ?? bytes
            : Unpacked(stream => new BrotliStream(stream, CompressionMode.Decompress)) is { } plain && ModuleForms.IsWasm(plain)
                ? plain : bytes;
        return WasmInterfaceReader.TryRead(module) is not null ? module
            : throw new InputException($"{path}: {ModuleForms.WhatItIs(module)}");

        byte[]? Unpacked(Func<Stream, Stream> unpack)
        {
            try
            {
                using var stream = unpack(new MemoryStream(bytes));
                using var plain = new MemoryStream();
                var part = new byte[64 * 1024];
                for (int read; (read = stream.Read(part)) > 0;)
                {
                    if (plain.Length + read > MostBytes) throw new InputException($"{path}: unpacks to more than {MostBytes >> 20} MiB");
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
}
