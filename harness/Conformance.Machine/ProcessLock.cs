namespace Conformance.Machine;

/// <summary>
/// What one process at a time may do, on every system: a file that is open. The lock ends with the process, however that ends; the file
/// goes with the lock, and stays where a process was killed, locked by nobody.
/// </summary>
public static class ProcessLock
{
    /// <summary><c>ERROR_SHARING_VIOLATION</c>.</summary>
    private const int SharingViolation = 32;

    private const int MostLength = 1 << 20;

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    /// <summary>Takes it, where nobody has it; to be disposed of when it is over.</summary>
    /// <param name="path">The file; its folder is made.</param>
    /// <returns>Null where somebody else holds it.</returns>
    /// <exception cref="IOException">The file can't be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be made.</exception>
    public static FileStream? TryTake(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        while (true)
        {
            FileStream taken;
            try
            {
                taken = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException e) when (IsTaken(e))
            {
                return null;
            }

            if (IsAt(path, taken)) return taken;
            taken.Dispose();
        }
    }

    /// <summary>What the system says of a file that somebody else has open: .NET has its number as the result.</summary>
    private static bool IsTaken(IOException e) => OperatingSystem.IsWindows()
        ? (e.HResult & 0xFFFF) == SharingViolation : e.HResult == MachineFault.Again;

    /// <summary>
    /// Whether a file that is held is the one that others find: whoever held it before may have removed it between its opening and its
    /// locking. Told by a length that no other file there has, for what is locked can't be read.
    /// </summary>
    private static bool IsAt(string path, FileStream taken)
    {
        // There a file that is open can't be removed.
        if (OperatingSystem.IsWindows()) return true;
        var length = Random.Shared.Next(1, MostLength);
        taken.SetLength(length);
        var found = new FileInfo(path);
        return found.Exists && found.Length == length;
    }

    /// <summary>Waits for its turn; to be disposed of when it is over.</summary>
    /// <param name="path">The file; its folder is made.</param>
    /// <param name="onWaiting">Is called once where somebody else holds it.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="IOException">The file can't be made.</exception>
    public static async Task<FileStream> TakeAsync(string path, Action onWaiting, CancellationToken cancellation)
    {
        for (var told = false; ; told = true)
        {
            if (TryTake(path) is { } taken) return taken;
            if (!told) onWaiting();
            // A file lock can't be awaited.
            await Task.Delay(LookAgain, cancellation).ConfigureAwait(false);
        }
    }
}
