using System.Runtime.InteropServices;

namespace Conformance.Engine.Workers;

/// <summary>
/// Bounds what each process of a worker may have; children inherit it. Memory by RLIMIT_DATA: it counts private writable memory only, so
/// that the large address ranges which engines merely reserve do not matter. The length of a file, so that a guest in a loop does not fill
/// the disk. No core dumps, which hold all that a guest was given. Linux only; elsewhere a worker bounds its guests itself.
/// </summary>
/// <seealso href="https://man7.org/linux/man-pages/man2/prlimit.2.html"/>
internal static partial class ProcessLimits
{
    /// <summary>A module that an engine compiled has tens of megabytes.</summary>
    private const long FileBytes = 1L << 30;

    private const int RlimitFileSize = 1, RlimitData = 2, RlimitCore = 4;

    /// <param name="process">The worker's.</param>
    /// <param name="memoryBytes">What it may allocate.</param>
    public static void Set(int process, long memoryBytes)
    {
        if (!OperatingSystem.IsLinux()) return;
        foreach (var (resource, bytes) in new[] { (RlimitData, memoryBytes), (RlimitFileSize, FileBytes), (RlimitCore, 0L) })
        {
            var limit = new Rlimit((ulong)bytes, (ulong)bytes);
            // A process that has ended already is reported by its end.
            _ = Prlimit(process, resource, in limit, 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "prlimit64")]
    private static partial int Prlimit(int pid, int resource, in Rlimit limit, nint previous);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Rlimit(ulong Soft, ulong Hard);
}
