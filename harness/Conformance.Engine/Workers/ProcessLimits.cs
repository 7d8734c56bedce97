using System.Globalization;
using System.Runtime.InteropServices;
using Conformance.Machine;

namespace Conformance.Engine.Workers;

/// <summary>
/// Bounds what each process of a worker may have; children inherit it. Memory by RLIMIT_DATA: it counts private writable memory only, so
/// that the large address ranges which engines merely reserve do not matter. The length of a file, so that a guest in a loop does not fill
/// the disk. No core dumps, which hold all that a guest was given. The number of processes, which the system counts for the user and not
/// for the worker, and does not hold root to: root has <see cref="ControlGroup"/>. Linux only; elsewhere a worker bounds its guests itself.
/// </summary>
/// <seealso href="https://man7.org/linux/man-pages/man2/prlimit.2.html"/>
internal static partial class ProcessLimits
{
    /// <summary>A module that an engine compiled has tens of megabytes.</summary>
    private const long FileBytes = 1L << 30;

    private const int RlimitFileSize = 1, RlimitData = 2, RlimitCore = 4, RlimitProcesses = 6;

    /// <param name="process">The worker's.</param>
    /// <param name="memoryBytes">What it may allocate.</param>
    public static void Set(int process, long memoryBytes)
    {
        if (!OperatingSystem.IsLinux()) return;
        var processes = Running() + ControlGroup.MostProcesses;
        foreach (var (resource, most) in new[]
            { (RlimitData, memoryBytes), (RlimitFileSize, FileBytes), (RlimitCore, 0L), (RlimitProcesses, processes) })
        {
            // Whoever started the harness may allow less: only root could raise it. A process that has ended is reported by its end.
            if (GetLimit(process, resource, 0, out var set) != 0) continue;
            var limit = new Rlimit(Math.Min((ulong)most, set.Hard), Math.Min((ulong)most, set.Hard));
            _ = SetLimit(process, resource, in limit, 0);
        }
    }

    /// <summary>Processes and threads of everybody, as the system tells with its load: <c>… 2/731 4711</c>.</summary>
    /// <seealso href="https://man7.org/linux/man-pages/man5/proc_loadavg.5.html"/>
    private static long Running()
    {
        var fields = File.ReadAllText("/proc/loadavg").Split(' ');
        return long.Parse(fields[3].AsSpan(fields[3].IndexOf('/', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture);
    }

    [LibraryImport("libc", EntryPoint = "prlimit64")]
    private static partial int SetLimit(int pid, int resource, in Rlimit limit, nint previous);

    [LibraryImport("libc", EntryPoint = "prlimit64")]
    private static partial int GetLimit(int pid, int resource, nint limit, out Rlimit previous);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Rlimit(ulong Soft, ulong Hard);
}
