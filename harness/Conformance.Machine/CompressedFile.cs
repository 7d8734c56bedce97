using System.IO.Compression;

namespace Conformance.Machine;

/// <summary>
/// What compilers wrote, modules above all, may lie in the repository compressed by Brotli, so that a clone stays small; it is unpacked on
/// first use into the cache, by its hash.
/// </summary>
public static class CompressedFile
{
    /// <summary>What the file's name ends with, after the file's own.</summary>
    public const string Extension = ".br";

    /// <summary>The file itself, and the hash of what it holds; a null hash where the file is no Brotli.</summary>
    /// <param name="path">The compressed file.</param>
    /// <param name="sha256">Of the file that is expected.</param>
    /// <exception cref="IOException">The cache can't be written.</exception>
    public static (string Path, string? Sha256) Unpack(string path, string sha256)
    {
        var name = Path.GetFileName(path)[..^Extension.Length];
        var unpacked = Path.Combine(ConformanceHome.Cache, "modules", sha256, name);
        if (File.Exists(unpacked) && Sha256.HexOfFile(unpacked) == sha256) return (unpacked, sha256);

        byte[] bytes;
        try
        {
            using var compressed = new BrotliStream(File.OpenRead(path), CompressionMode.Decompress);
            using var plain = new MemoryStream();
            compressed.CopyTo(plain);
            bytes = plain.ToArray();
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
        {
            return (unpacked, null);
        }

        var actual = Sha256.Hex(bytes);
        if (actual != sha256) return (unpacked, actual);
        WholeFile.Write(unpacked, bytes);
        return (unpacked, actual);
    }
}
