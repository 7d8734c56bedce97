using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Conformance.Engine.Workers;

/// <summary>
/// Processes that a worker left behind: children that lead a group of their own and whose parent has ended are nobody's any more. They are
/// known by a variable of their environment, which each worker has a value of its own for. Linux only.
/// </summary>
internal static partial class StrayProcesses
{
    /// <summary>The variable.</summary>
    public const string Variable = "CONFORMANCE_WORKER";

    /// <summary><c>SIGKILL</c>.</summary>
    private const int Killed = 9;

    /// <summary>Ends all whose value is this one, or lies below it as a path does.</summary>
    public static void End(string value)
    {
        if (!OperatingSystem.IsLinux()) return;
        var whole = Encoding.UTF8.GetBytes($"\0{Variable}={value}\0");
        var below = Encoding.UTF8.GetBytes($"\0{Variable}={value}/");
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                || id == Environment.ProcessId)
            {
                continue;
            }

            try
            {
                byte[] environment = [0, .. File.ReadAllBytes(Path.Combine(folder, "environ")), 0];
                if (environment.AsSpan().IndexOf(whole) >= 0 || environment.AsSpan().IndexOf(below) >= 0) _ = Signal(id, Killed);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended, or is somebody else's.
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int id, int signal);
}
