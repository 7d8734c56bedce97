using System.Security.Cryptography;
using System.Text;

namespace Conformance.Machine;

/// <summary>SHA-256 as manifests, reports and file names have it: 64 lower-case hexadecimal digits.</summary>
public static class Sha256
{
    /// <summary>Of bytes.</summary>
    public static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Of a text's UTF-8.</summary>
    public static string Hex(string text) => Hex(Encoding.UTF8.GetBytes(text));

    /// <summary>Of a file's content, which is not kept in memory.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static string HexOfFile(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
