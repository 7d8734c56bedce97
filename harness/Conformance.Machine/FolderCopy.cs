namespace Conformance.Machine;

/// <summary>
/// Copies of folders, to be written by whoever gets them: links stay links and are never followed, wherever they lead.
/// </summary>
public static class FolderCopy
{
    /// <summary>Why a folder can't be copied: the first thing in it that can't, and why, in words; null where all can.</summary>
    /// <param name="folder">One that is there.</param>
    public static string? Obstacle(string folder)
    {
        try
        {
            foreach (var entry in Entries(folder))
            {
                if (entry.LinkTarget is null && (entry is DirectoryInfo ? Obstacle(entry.FullName) : FileObstacle(entry)) is { } obstacle)
                    return obstacle;
            }

            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"'{folder}' can't be read: {e.Message.TrimEnd('.')}";
        }
    }

    /// <summary>The first link in a folder, by its path from there; null where there is none.</summary>
    /// <param name="folder">One that is there.</param>
    /// <exception cref="IOException">It can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static string? FirstLink(string folder) => Entries(folder).Select(entry =>
        entry.LinkTarget is not null ? entry.Name
        : entry is DirectoryInfo && FirstLink(entry.FullName) is { } inner ? $"{entry.Name}/{inner}" : null).FirstOrDefault(link => link is not null);

    /// <summary>Copies what is in a folder.</summary>
    /// <param name="source">The folder.</param>
    /// <param name="target">An empty folder.</param>
    /// <exception cref="IOException">It can't be copied; what was is left there.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be copied; what was is left there.</exception>
    public static void Make(string source, string target)
    {
        foreach (var entry in Entries(source))
        {
            var place = Path.Combine(target, entry.Name);
            if (entry.LinkTarget is { } link)
            {
                if (entry is DirectoryInfo) Directory.CreateSymbolicLink(place, link);
                else File.CreateSymbolicLink(place, link);
            }
            else if (entry is DirectoryInfo)
            {
                Make(entry.FullName, Directory.CreateDirectory(place).FullName);
            }
            else
            {
                File.Copy(entry.FullName, place);
                // A copy has the mode of what it was made of, and fixtures may be read-only.
                if (OperatingSystem.IsWindows()) File.SetAttributes(place, FileAttributes.Normal);
                else File.SetUnixFileMode(place, File.GetUnixFileMode(place) | UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }
    }

    private static IEnumerable<FileSystemInfo> Entries(string folder) => new DirectoryInfo(folder).EnumerateFileSystemInfos();

    private static string? FileObstacle(FileSystemInfo entry)
    {
        if (entry is FileInfo file && !OrdinaryFile.Is(file))
            return $"'{entry.FullName}' is neither a file, a folder nor a link";
        try
        {
            using var opened = File.OpenHandle(entry.FullName);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"'{entry.FullName}' can't be read: {e.Message.TrimEnd('.')}";
        }
    }
}
