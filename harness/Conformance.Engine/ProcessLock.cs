namespace Conformance.Engine;

/// <summary>What one process at a time may do, on every system: a file that is open.</summary>
internal static class ProcessLock
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    /// <summary>Waits for its turn; to be disposed of when it is over. It ends with the process, however that ends.</summary>
    /// <param name="path">The file; its folder is made.</param>
    /// <param name="onWaiting">Is called once where somebody else holds it.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="IOException">The file can't be made.</exception>
    public static async Task<FileStream> TakeAsync(string path, Action onWaiting, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        for (var told = false; ; told = true)
        {
            try
            {
                return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException) when (File.Exists(path) && !cancellation.IsCancellationRequested)
            {
                if (!told) onWaiting();
                // A file lock can't be awaited.
                await Task.Delay(LookAgain, cancellation).ConfigureAwait(false);
            }
        }
    }
}
