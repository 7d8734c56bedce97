using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Conformance.Machine;

/// <summary>
/// What is wrong with this machine, for who has seen something fail on it: a full disk or a limit of the shell is not a runtime's fault.
/// </summary>
public static partial class MachineFault
{
    /// <summary>What a worker needs at least, to write and to open.</summary>
    private const int ProbeBytes = 64 * 1024, ProbeFiles = 32;

    private const int StandardError = 2;

    /// <summary>Errors of the system that are nobody's fault but the machine's; Linux and macOS have the same numbers here.</summary>
    private static readonly int[] Exhausted =
        [12 /* ENOMEM */, 23 /* ENFILE */, 24 /* EMFILE */, 28 /* ENOSPC */, 30 /* EROFS */];

    /// <summary>What engines need by far, and what machines have where nobody limits them.</summary>
    private static readonly ShellLimit[] Limits =
    [
        new(7, 256, "open files", "-n", true), new(9, 1L << 40, "bytes of address space", "-v", true),
        new(0, 60, "seconds of processor time", "-t", false), new(1, 64 << 20, "bytes in a file", "-f", false),
        new(6, 256, "processes", "-u", false),
    ];

    /// <summary>No process or thread more: <c>EAGAIN</c>, which has two numbers.</summary>
    internal static int Again => OperatingSystem.IsMacOS() ? 35 : 11;

    /// <summary>The quota is used up: <c>EDQUOT</c>.</summary>
    private static int Quota => OperatingSystem.IsMacOS() ? 69 : 122;

    /// <summary>Whether an error number says that the machine has no more of something.</summary>
    public static bool IsExhausted(int errno) =>
        !OperatingSystem.IsWindows() && (Exhausted.Contains(errno) || errno == Again || errno == Quota);

    /// <summary>The first fault, in words; null where none is seen.</summary>
    /// <param name="folders">What must be writable, by what they are for: <c>temporary</c>, <c>cache</c>.</param>
    public static string? Find(IEnumerable<(string Use, string Folder)> folders)
    {
        foreach (var (use, folder) in folders)
        {
            try
            {
                Directory.CreateDirectory(folder);
                var path = Path.Combine(folder, $"conformance-probe-{Guid.NewGuid():n}");
                using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 1, FileOptions.DeleteOnClose);
                file.Write(new byte[ProbeBytes]);
                file.Flush(flushToDisk: false);
                var opened = new List<IDisposable>();
                try
                {
                    while (opened.Count < ProbeFiles) opened.Add(File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete));
                }
                finally
                {
                    opened.ForEach(handle => handle.Dispose());
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return $"the {use} folder {folder} can't be used: {e.Message}";
            }
        }

        return null;
    }

    /// <summary>
    /// A limit that a shell has set and that engines can't live with, in words; null where there is none. Under the limits on open files
    /// and on address space nothing is told rightly: engines reserve address space by terabytes, and what can't be opened looks missing.
    /// </summary>
    /// <param name="died">True: a process has died, and the limits that only some processes reach are looked at too.</param>
    /// <seealso href="https://man7.org/linux/man-pages/man2/getrlimit.2.html"/>
    public static string? FindLimit(bool died) => Find(Limits.Where(limit => died || limit.IsVital));

    /// <summary>Of those, the limit on open files, which no program of .NET can live with.</summary>
    public static string? FindFileLimit() => Find(Limits.Take(1));

    private static string? Find(IEnumerable<ShellLimit> limits)
    {
        if (!OperatingSystem.IsLinux()) return null;
        foreach (var limit in limits)
        {
            if (GetLimit(limit.Resource, out var set) == 0 && set.Soft < limit.Least)
            {
                return string.Create(CultureInfo.InvariantCulture,
                    $"processes are limited to {set.Soft:N0} {limit.What} here (ulimit {limit.Flag}): engines need {limit.Least:N0}");
            }
        }

        return null;
    }

    /// <summary>Writes a line to stderr without the console, which opens files for itself.</summary>
    public static void Print(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line + "\n");
        _ = Write(StandardError, bytes, bytes.Length);
    }

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int descriptor, byte[] bytes, nint count);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Limit(ulong Soft, ulong Hard);

    private sealed record ShellLimit(int Resource, ulong Least, string What, string Flag, bool IsVital);
}
