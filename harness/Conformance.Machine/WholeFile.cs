namespace Conformance.Machine;

/// <summary>Files that are found whole or not at all, whoever else writes them meanwhile.</summary>
public static class WholeFile
{
    /// <summary>Writes beside the place, and moves it there when all is written; the folder is made where it is missing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes its content.</param>
    /// <exception cref="IOException">It can't be written; what was there stays.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written; what was there stays.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        // Of this thread alone: several may write the same file at once, and the last one stays.
        var beside = $"{full}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}.new";
        try
        {
            using (var file = new FileStream(beside, FileMode.Create, FileAccess.Write)) write(file);
            File.Move(beside, full, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }

    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    public static void Write(string path, ReadOnlyMemory<byte> content) => Write(path, file => file.Write(content.Span));
}
