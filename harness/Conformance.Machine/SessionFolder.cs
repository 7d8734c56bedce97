using System.Diagnostics;
using System.Globalization;

namespace Conformance.Machine;

/// <summary>
/// Where all files are that live no longer than this process: one folder in the system's temporary one. It goes with the process, and
/// where that was killed, with the next one that has a session; whose process lives is told by a lock.
/// </summary>
public static class SessionFolder
{
    /// <summary>What the name of every session begins with.</summary>
    public const string Prefix = "conformance-session-";

    /// <summary>What is locked as long as the process lives, and what the name of the file begins with that says which it is.</summary>
    private const string Alive = "alive", ProcessPrefix = "process-";

    /// <summary>What the name begins with until it has its lock, which takes a moment: one that is older was killed then.</summary>
    private const string NewPrefix = "conformance-new-";

    private static readonly TimeSpan Moment = TimeSpan.FromMinutes(1);

    private static readonly Lazy<(DirectoryInfo Folder, FileStream Lock)> Session = new(Begin);

    private static int _folders;

    /// <summary>This process's; made, and those of dead ones swept, when it is first asked for.</summary>
    /// <exception cref="IOException">The temporary folder can't be written.</exception>
    public static string Path => Session.Value.Folder.FullName;

    /// <summary>A new folder in it, whose maker may remove it earlier.</summary>
    /// <param name="use">What it is for, in its name.</param>
    /// <exception cref="IOException">The temporary folder can't be written.</exception>
    public static DirectoryInfo Create(string use) => Session.Value.Folder.CreateSubdirectory(
        string.Create(CultureInfo.InvariantCulture, $"conformance-{use}-{Interlocked.Increment(ref _folders)}"));

    /// <summary>Removes what processes that were killed have left.</summary>
    /// <param name="temporary">The system's folder.</param>
    public static void Sweep(string temporary)
    {
        var old = Directory.EnumerateDirectories(temporary, NewPrefix + "*")
            .Where(folder => DateTime.UtcNow - Directory.GetCreationTimeUtc(folder) > Moment);
        foreach (var left in Directory.EnumerateDirectories(temporary, Prefix + "*").Concat(old))
        {
            try
            {
                using (var dead = ProcessLock.TryTake(System.IO.Path.Combine(left, Alive)))
                {
                    if (dead is null) continue;
                    ControlGroup.Sweep(left);
                    StrayProcesses.End(left);
                }

                foreach (var process in Directory.EnumerateFiles(left, ProcessPrefix + "*"))
                    SweepDiagnostics(temporary, System.IO.Path.GetFileName(process)[ProcessPrefix.Length..]);
                Directory.Delete(left, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another user's, or somebody else sweeps it.
            }
        }
    }

    /// <summary>A .NET process that was killed leaves its debuggers' pipes, beside its session.</summary>
    /// <seealso href="https://learn.microsoft.com/dotnet/core/diagnostics/diagnostic-port"/>
    private static void SweepDiagnostics(string temporary, string process)
    {
        // Its number may be another's by now.
        if (int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && IsRunning(id)) return;
        foreach (var name in new[] { $"dotnet-diagnostic-{process}-*", $"clr-debug-pipe-{process}-*" })
        {
            foreach (var pipe in Directory.EnumerateFiles(temporary, name)) File.Delete(pipe);
        }
    }

    private static bool IsRunning(int process)
    {
        try
        {
            using var running = Process.GetProcessById(process);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static (DirectoryInfo Folder, FileStream Lock) Begin()
    {
        var temporary = System.IO.Path.GetTempPath();
        // It has its name, by which others find it to sweep, when it has its lock. On Windows a folder with an open file keeps its name,
        // and a file is locked as it is opened.
        var folder = Directory.CreateTempSubdirectory(OperatingSystem.IsWindows() ? Prefix : NewPrefix);
        var held = ProcessLock.TryTake(System.IO.Path.Combine(folder.FullName, Alive)) ?? throw new IOException($"{folder.FullName} is taken");
        File.WriteAllText(System.IO.Path.Combine(folder.FullName, ProcessPrefix + Environment.ProcessId), "");
        if (!OperatingSystem.IsWindows())
        {
            var named = System.IO.Path.Combine(temporary, Prefix + folder.Name[NewPrefix.Length..]);
            folder.MoveTo(named);
            // A folder that was moved has a slash at the end of its path, and then no name.
            folder = new DirectoryInfo(named);
        }

        AppDomain.CurrentDomain.ProcessExit += (_, _) => End(folder, held);
        Sweep(temporary);
        return (folder, held);
    }

    private static void End(DirectoryInfo folder, FileStream held)
    {
        try
        {
            // Who leaves in a hurry has not ended its workers.
            ControlGroup.Sweep(folder.FullName);
            held.Dispose();
            folder.Delete(recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What still writes there ends soon; the next session sweeps it.
        }
    }
}
