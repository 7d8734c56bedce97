using System.Formats.Tar;
using System.Globalization;

namespace Conformance.Machine;

/// <summary>
/// Files that end: a pipe would be waited for, and a device read for ever. What others wrote is looked at before it is opened.
/// </summary>
public static class OrdinaryFile
{
    /// <summary>What a module may have, compressed or not, in bytes: more than any that is known.</summary>
    public const long MostModuleBytes = 512L << 20;

    /// <summary>What a manifest may have, in bytes.</summary>
    public const long MostManifestBytes = 4L << 20;

    /// <summary>What a guest's stdin may have, in bytes: it is kept in memory.</summary>
    public const long MostStdinBytes = 64L << 20;

    /// <summary>Why a file is not read, in words that fit after its name; null where it is.</summary>
    /// <param name="path">One that is there; a link is followed.</param>
    /// <param name="most">How large it may be, in bytes.</param>
    /// <exception cref="IOException">It can't be looked at.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be looked at.</exception>
    public static string? Obstacle(string path, long most)
    {
        var file = new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
        if (!Is(file)) return "is no file, but a pipe, a socket or a device";
        return file.Length > most ? string.Create(CultureInfo.InvariantCulture, $"has {file.Length:N0} bytes: {most:N0} are the most") : null;
    }

    /// <summary>Whether it is a file and nothing that only looks like one.</summary>
    /// <param name="file">One that is there, and no link.</param>
    // What has no length may be a pipe; what it is .NET tells only whoever writes it into an archive.
    internal static bool Is(FileInfo file) => OperatingSystem.IsWindows() || file.Length > 0 || IsRegular(file.FullName);

    private static bool IsRegular(string path)
    {
        using var archive = new MemoryStream();
        try
        {
            using (var writer = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true)) writer.WriteEntry(path, "entry");
        }
        catch (IOException)
        {
            // A socket has no place in an archive.
            return false;
        }

        archive.Position = 0;
        using var reader = new TarReader(archive);
        return reader.GetNextEntry()?.EntryType == TarEntryType.RegularFile;
    }
}
