using System.Runtime.InteropServices;

namespace Conformance.Engine.Workers;

/// <summary>
/// Bounds what each process of a worker may allocate, by RLIMIT_DATA: it counts private writable memory only, so the large address ranges
/// that engines merely reserve do not matter, and children inherit it. Linux only; elsewhere a worker bounds its guests itself.
/// </summary>
/// <seealso href="https://man7.org/linux/man-pages/man2/prlimit.2.html"/>
internal static partial class MemoryLimit
{
    private const int RlimitData = 2;

    public static void Set(int process, long bytes)
    {
        if (!OperatingSystem.IsLinux()) return;
        var limit = new Rlimit((ulong)bytes, (ulong)bytes);
        // A process that has ended already is reported by its end.
        _ = Prlimit(process, RlimitData, in limit, 0);
    }

    [LibraryImport("libc", EntryPoint = "prlimit64")]
    private static partial int Prlimit(int pid, int resource, in Rlimit limit, nint previous);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Rlimit(ulong Soft, ulong Hard);
}
