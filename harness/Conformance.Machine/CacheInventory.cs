using System.Security.Cryptography;

namespace Conformance.Machine;

/// <summary>
/// Something that the cache keeps: a file, with its digest if that stands beside it, or a folder that somebody else fills.
/// </summary>
/// <param name="Kind">The folder of the cache that it lies in.</param>
/// <param name="Path">Where.</param>
/// <param name="Bytes">How much room it takes.</param>
/// <param name="Used">When it was used last.</param>
public sealed record CacheEntry(string Kind, string Path, long Bytes, DateTime Used);

/// <summary>All that is kept between runs to be fast: it may be removed at any time, and is made anew.</summary>
public static class CacheInventory
{
    private const string CompiledExtension = ".compiled";

    /// <summary>All entries.</summary>
    /// <param name="cache">The cache's folder.</param>
    public static IReadOnlyList<CacheEntry> Read(string cache) => !Directory.Exists(cache) ? []
        : [.. Directory.EnumerateDirectories(cache).Order(StringComparer.Ordinal)
            .SelectMany(kind => In(kind, System.IO.Path.GetFileName(kind)))];

    /// <summary>Whether an entry is as it was written.</summary>
    public static bool IsWhole(CacheEntry entry)
    {
        var isFile = File.Exists(entry.Path);
        try
        {
            return Directory.Exists(entry.Path) ? !KeptFolder.Damaged(entry.Path).Any()
                : entry.Path.EndsWith(CompiledExtension, StringComparison.Ordinal) ? HasOwnDigest(entry.Path)
                : entry.Kind == CompressedFile.CacheKind
                    ? System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(entry.Path)) == Sha256.HexOfFile(entry.Path)
                : KeptFile.IsWhole(entry.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
        finally
        {
            // To be looked at is not to be used.
            if (isFile) KeptFile.Touch(entry.Path, entry.Used);
        }
    }

    /// <summary>Removes an entry.</summary>
    /// <exception cref="IOException">It can't be removed.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be removed.</exception>
    public static void Remove(CacheEntry entry)
    {
        if (Directory.Exists(entry.Path))
        {
            Directory.Delete(entry.Path, recursive: true);
            return;
        }

        File.Delete(entry.Path);
        File.Delete(entry.Path + KeptFile.DigestExtension);
        // A folder for one file goes with it.
        var folder = System.IO.Path.GetDirectoryName(entry.Path)!;
        if (!Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
    }

    /// <summary>Removes what was not used for the longest time, until the rest has no more than so many bytes.</summary>
    /// <param name="cache">The cache's folder.</param>
    /// <param name="most">Bytes.</param>
    /// <returns>What was removed.</returns>
    public static IReadOnlyList<CacheEntry> Trim(string cache, long most)
    {
        var entries = Read(cache);
        var bytes = entries.Sum(entry => entry.Bytes);
        var removed = new List<CacheEntry>();
        foreach (var entry in entries.OrderBy(entry => entry.Used).TakeWhile(_ => bytes > most))
        {
            try
            {
                Remove(entry);
                bytes -= entry.Bytes;
                removed.Add(entry);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody uses it, and so it is not old.
            }
        }

        return removed;
    }

    private static IEnumerable<CacheEntry> In(string folder, string kind)
    {
        if (File.Exists(System.IO.Path.Combine(folder, KeptFolder.Digests)))
        {
            var used = File.GetLastAccessTimeUtc(System.IO.Path.Combine(folder, KeptFolder.Digests));
            return [new CacheEntry(kind, folder, Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Sum(Length), used)];
        }

        return Directory.EnumerateFiles(folder)
            .Where(file => !(file.EndsWith(KeptFile.DigestExtension, StringComparison.Ordinal)
                && File.Exists(file[..^KeptFile.DigestExtension.Length])))
            .Select(file => new CacheEntry(kind, file, Length(file), File.GetLastAccessTimeUtc(file)))
            .Concat(Directory.EnumerateDirectories(folder).SelectMany(inner => In(inner, kind)));
    }

    private static long Length(string file)
    {
        try
        {
            return new FileInfo(file).Length;
        }
        catch (IOException)
        {
            // It has gone meanwhile.
            return 0;
        }
    }

    /// <summary>A compiled module begins with the digest of the rest.</summary>
    private static bool HasOwnDigest(string path)
    {
        using var file = File.OpenRead(path);
        var digest = new byte[SHA256.HashSizeInBytes];
        return file.ReadAtLeast(digest, digest.Length, throwOnEndOfStream: false) == digest.Length
            && SHA256.HashData(file).AsSpan().SequenceEqual(digest);
    }
}
