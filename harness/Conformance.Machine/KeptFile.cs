using System.Collections.Concurrent;
using System.Text;

namespace Conformance.Machine;

/// <summary>
/// A file of the cache with its digest beside it: one that is damaged, or was never whole, is not there, and is made anew. Each is looked
/// at once by a process.
/// </summary>
public static class KeptFile
{
    /// <summary>What the digest's name ends with, after the file's own.</summary>
    public const string DigestExtension = ".sha256";

    private static readonly ConcurrentDictionary<string, bool> Whole = new(StringComparer.Ordinal);

    /// <summary>Whether the file is there as it was written; what is not goes.</summary>
    /// <param name="path">The file.</param>
    public static bool IsThere(string path)
    {
        if (Whole.ContainsKey(path) && File.Exists(path)) return true;
        if (!File.Exists(path)) return false;
        if (!IsWhole(path))
        {
            Remove(path);
            return false;
        }

        Whole[path] = true;
        Touch(path);
        return true;
    }

    /// <summary>Keeps a file that was made beside its place.</summary>
    /// <param name="made">The file; it is moved.</param>
    /// <param name="path">Its place; the folder is made.</param>
    /// <exception cref="IOException">It can't be kept.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be kept.</exception>
    public static void Keep(string made, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // The digest first: a file without one is never taken, and one with another's is not either.
        WholeFile.Write(path + DigestExtension, Encoding.ASCII.GetBytes(Sha256.HexOfFile(made)));
        File.Move(made, path, overwrite: true);
        Whole[path] = true;
    }

    /// <summary>Keeps content.</summary>
    /// <param name="path">Its place; the folder is made.</param>
    /// <param name="content">The content.</param>
    /// <exception cref="IOException">It can't be kept.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be kept.</exception>
    public static void Write(string path, byte[] content)
    {
        WholeFile.Write(path + DigestExtension, Encoding.ASCII.GetBytes(Sha256.Hex(content)));
        WholeFile.Write(path, content);
    }

    /// <summary>What is kept; null where it is not there as it was written, and what is not goes.</summary>
    /// <param name="path">The file.</param>
    public static byte[]? Read(string path)
    {
        try
        {
            if (!File.Exists(path)) return null;
            // What is looked at is what is given back: somebody else may change it meanwhile.
            var content = File.ReadAllBytes(path);
            if (File.Exists(path + DigestExtension) && File.ReadAllText(path + DigestExtension) == Sha256.Hex(content))
            {
                Touch(path);
                return content;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        Remove(path);
        return null;
    }

    /// <summary>Whether a file is what its digest says.</summary>
    internal static bool IsWhole(string path)
    {
        try
        {
            return File.Exists(path + DigestExtension) && File.ReadAllText(path + DigestExtension) == Sha256.HexOfFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>A file is used: what was used last goes last where there is too much. Reading alone is not seen on every system.</summary>
    /// <param name="path">The file.</param>
    /// <param name="at">When it was used; null is now.</param>
    public static void Touch(string path, DateTime? at = null)
    {
        try
        {
            File.SetLastAccessTimeUtc(path, at ?? DateTime.UtcNow);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It only goes earlier.
        }
    }

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
            File.Delete(path + DigestExtension);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is not taken all the same.
        }
    }
}
