using System.Globalization;
using System.Text;

namespace Conformance.Machine;

/// <summary>
/// Processes that a worker left behind: children that lead a group of their own and whose parent has ended are nobody's any more. They are
/// known by a variable of their environment, which each worker has a value of its own for. Linux only; where there is a
/// <see cref="ControlGroup"/>, that knows them however they hide.
/// </summary>
public static class StrayProcesses
{
    /// <summary>The variable.</summary>
    public const string Variable = "CONFORMANCE_WORKER";

    /// <summary>Ends all whose value is this one, or lies below it as a path does.</summary>
    public static void End(string value)
    {
        if (!OperatingSystem.IsLinux()) return;
        Killing.UntilNone(() => EndOnce(value));
    }

    /// <returns>Whether there was one: it may have started another behind the back of who looks.</returns>
    private static bool EndOnce(string value)
    {
        var any = false;
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
                if (environment.AsSpan().IndexOf(whole) >= 0 || environment.AsSpan().IndexOf(below) >= 0) any |= Killing.Kill(id);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended, or is somebody else's.
            }
        }

        return any;
    }
}
