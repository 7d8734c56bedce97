using System.Globalization;
using System.Text;

namespace Conformance.Machine;

/// <summary>
/// The SHA-256 of files that are large, used by every run and seldom another, such as an engine's library: kept by the file's size and
/// times, as long as these are the same.
/// </summary>
public static class KeptDigests
{
    /// <summary>Names the folder to workers in any language.</summary>
    public const string Variable = "CONFORMANCE_DIGESTS";

    /// <summary>A file that was written this lately may be written again within the same tick of its file system's clock.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(10);

    /// <summary>Where they are kept.</summary>
    public static string Folder => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? given
        : Path.Combine(ConformanceHome.Cache, "digests");

    /// <summary>Of a file's content: as it is now, or was read when the file was last another.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static string HexOfFile(string path)
    {
        var file = new FileInfo(Path.GetFullPath(path));
        file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        var place = Path.Combine(Folder, $"{Sha256.Hex(file.FullName)[..32]}.dotnet");
        var stamp = string.Create(CultureInfo.InvariantCulture,
            $"{file.FullName}\n{file.Length} {file.LastWriteTimeUtc.Ticks} {file.CreationTimeUtc.Ticks}\n");
        if (KeptFile.Read(place) is { } kept && Encoding.UTF8.GetString(kept) is var known
            && known.StartsWith(stamp, StringComparison.Ordinal))
        {
            return known[stamp.Length..];
        }

        var digest = Sha256.HexOfFile(file.FullName);
        if (DateTime.UtcNow - file.LastWriteTimeUtc > Settled) Keep(place, stamp + digest);
        return digest;
    }

    private static void Keep(string place, string content)
    {
        try
        {
            KeptFile.Write(place, Encoding.UTF8.GetBytes(content));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is read again the next time.
        }
    }
}
