using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Conformance.Machine;

/// <summary>
/// What compilers wrote, modules above all, may lie in the repository compressed by Brotli, so that a clone stays small; it is unpacked on
/// first use into the cache, by its hash.
/// </summary>
public static class CompressedFile
{
    /// <summary>What the file's name ends with, after the file's own.</summary>
    public const string Extension = ".br";

    /// <summary>The folder of the cache that they lie in.</summary>
    public const string CacheKind = "modules";

    /// <summary>The file itself, and the hash of what it holds.</summary>
    /// <param name="path">The compressed file.</param>
    /// <param name="sha256">Of the file that is expected: another is not kept.</param>
    /// <param name="most">How large the file may be, in bytes; no more is unpacked.</param>
    /// <exception cref="InvalidDataException">It is no Brotli, or holds more: in words that fit after its name.</exception>
    /// <exception cref="IOException">The cache can't be written.</exception>
    public static (string Path, string Sha256) Unpack(string path, string sha256, long most)
    {
        var name = Path.GetFileName(path)[..^Extension.Length];
        var unpacked = Path.Combine(ConformanceHome.Cache, CacheKind, sha256, name);
        if (File.Exists(unpacked) && Sha256.HexOfFile(unpacked) == sha256)
        {
            KeptFile.Touch(unpacked);
            return (unpacked, sha256);
        }

        var actual = "";
        try
        {
            WholeFile.Write(unpacked, file =>
            {
                actual = Copy(path, file, most);
                if (actual != sha256) throw new OtherFileException();
            });
        }
        catch (OtherFileException)
        {
            // What is meant is another, which stays unmade.
        }

        return (unpacked, actual);
    }

    private static string Copy(string path, Stream file, long most)
    {
        using var compressed = new BrotliStream(File.OpenRead(path), CompressionMode.Decompress);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bytes = new byte[64 * 1024];
        var written = 0L;
        while (true)
        {
            int read;
            try
            {
                read = compressed.Read(bytes);
            }
            catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
            {
                throw new InvalidDataException("is not compressed by Brotli", e);
            }

            if (read == 0) return Convert.ToHexStringLower(hash.GetHashAndReset());
            written += read;
            if (written > most)
                throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"unpacks to more than {most:N0} bytes"));
            hash.AppendData(bytes, 0, read);
            file.Write(bytes, 0, read);
        }
    }

    private sealed class OtherFileException : Exception;
}
