using System.Collections.Concurrent;
using System.Text;

namespace Conformance.Machine;

/// <summary>
/// A folder of the cache that somebody else fills, such as a command with what it compiled: what stood there when its digests were taken is
/// used, and anything else goes before the folder is used again. Each is looked at once by a process.
/// </summary>
public static class KeptFolder
{
    /// <summary>The file with a line for each other one: its SHA-256 and its path in the folder.</summary>
    public const string Digests = ".digests";

    private static readonly ConcurrentDictionary<string, bool> Checked = new(StringComparer.Ordinal);

    /// <summary>Makes the folder, and removes from it what is not as it was.</summary>
    /// <exception cref="IOException">It can't be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static void Open(string folder)
    {
        if (!Checked.TryAdd(folder, true)) return;
        Directory.CreateDirectory(folder);
        foreach (var damaged in Damaged(folder)) File.Delete(damaged);
        if (File.Exists(Path.Combine(folder, Digests))) KeptFile.Touch(Path.Combine(folder, Digests));
    }

    /// <summary>Takes the digests of all that is there now, where there is something new.</summary>
    /// <exception cref="IOException">They can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">They may not be written.</exception>
    public static void Take(string folder)
    {
        var known = Read(folder);
        var files = Files(folder).ToList();
        if (files.Count == known.Count && files.All(file => known.ContainsKey(Path.GetRelativePath(folder, file)))) return;
        var lines = files.Select(file => Path.GetRelativePath(folder, file))
            .Select(name => $"{known.GetValueOrDefault(name) ?? Sha256.HexOfFile(Path.Combine(folder, name))} {name}\n");
        WholeFile.Write(Path.Combine(folder, Digests), Encoding.UTF8.GetBytes(string.Concat(lines)));
    }

    /// <summary>The files that are not what their digests say, or have none.</summary>
    internal static IEnumerable<string> Damaged(string folder)
    {
        var known = Read(folder);
        return [.. Files(folder).Where(file =>
            !known.TryGetValue(Path.GetRelativePath(folder, file), out var digest) || digest != Sha256.HexOfFile(file))];
    }

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => file != Path.Combine(folder, Digests));

    private static Dictionary<string, string> Read(string folder)
    {
        const int DigestLength = 64;
        var path = Path.Combine(folder, Digests);
        return !File.Exists(path) ? [] : File.ReadLines(path).Where(line => line.Length > DigestLength + 1)
            .GroupBy(line => line[(DigestLength + 1)..]).ToDictionary(same => same.Key, same => same.Last()[..DigestLength]);
    }
}
