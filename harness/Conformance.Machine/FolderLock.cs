using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Conformance.Machine;

/// <summary>
/// One writer of a folder at a time: the next one is told who that is. Nothing lies in the folder for it: the folder itself is locked, on
/// Windows a file that the system removes with the process. The lock ends with the process, however that ends.
/// </summary>
public sealed partial class FolderLock : IDisposable
{
    private const int LockExclusive = 2, LockAtOnce = 4;

    private readonly IDisposable _held;
    private readonly string? _holder;

    private FolderLock(IDisposable held, string? holder) => (_held, _holder) = (held, holder);

    /// <summary>Takes a folder, which is made where it is missing.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="FolderTakenException">Somebody else writes in it.</exception>
    /// <exception cref="IOException">It can't be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static FolderLock Take(string folder)
    {
        Directory.CreateDirectory(folder);
        // Who holds it is told by a file elsewhere; the folder may be reached by links.
        var full = Path.GetFullPath(Directory.ResolveLinkTarget(folder, returnFinalTarget: true)?.FullName ?? folder);
        var name = $"writes-{Sha256.Hex(full)[..16]}";
        IDisposable? held = OperatingSystem.IsWindows() ? ProcessLock.TryTake(Path.Combine(full, ".conformance.lock")) : TryLock(full);
        if (held is null) throw new FolderTakenException(folder, Read(name));
        string? holder = null;
        try
        {
            holder = Path.Combine(SessionFolder.Path, name);
            WholeFile.Write(holder, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
                $"process {Environment.ProcessId}, since {DateTimeOffset.UtcNow:yyyy-MM-dd HH:mm:ss} UTC")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then the next one is told that somebody does.
        }

        return new FolderLock(held, holder);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            if (_holder is not null) File.Delete(_holder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is read only while somebody holds the folder.
        }

        _held.Dispose();
    }

    /// <summary>The holder has said so in its session.</summary>
    private static string Read(string name)
    {
        foreach (var session in Directory.EnumerateDirectories(Path.GetTempPath(), SessionFolder.Prefix + "*"))
        {
            try
            {
                if (File.Exists(Path.Combine(session, name))) return File.ReadAllText(Path.Combine(session, name));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has just been given up, or is another user's.
            }
        }

        return "another process";
    }

    /// <seealso href="https://man7.org/linux/man-pages/man2/flock.2.html"/>
    private static SafeFileHandle? TryLock(string folder)
    {
        // Read-only, which is 0 everywhere: a folder can't be opened otherwise. It is not inherited by who is started meanwhile: a worker
        // that outlives its run would keep the folder.
        var descriptor = Open(folder, OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000);
        if (descriptor < 0) throw new IOException($"{folder}: {Marshal.GetLastPInvokeErrorMessage()}");
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        // A file system that knows no locks keeps nobody out.
        if (Lock(descriptor, LockExclusive | LockAtOnce) == 0 || Marshal.GetLastPInvokeError() != MachineFault.Again) return handle;
        handle.Dispose();
        return null;
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(int descriptor, int operation);
}

/// <summary>Somebody else writes in a folder.</summary>
/// <param name="folder">The folder.</param>
/// <param name="holder">Who does, in words.</param>
public sealed class FolderTakenException(string folder, string holder)
    : IOException($"{folder} is being written by {holder}: one run at a time writes in a folder");
