using System.Globalization;

namespace Conformance.Machine;

/// <summary>
/// A control group of Linux: all processes of one that was put into it are in it, whatever parent, session and environment they gave
/// themselves, so that all of them are found and ended; and their number has a limit, where the system can keep one. It is made inside
/// this process's own group, so that limits which somebody set for that hold for it too. Seldom for others than root.
/// </summary>
/// <seealso href="https://docs.kernel.org/admin-guide/cgroup-v2.html"/>
public sealed class ControlGroup
{
    /// <summary>What a worker may have of processes and threads: a browser has hundreds.</summary>
    public const int MostProcesses = 4096;

    private const string Members = "cgroup.procs", Limit = "pids.max";

    private static readonly Lazy<(string? Folder, string? Absence)> Own = new(Find);

    private readonly string _folder;

    private ControlGroup(string folder) => _folder = folder;

    /// <summary>Why there are none, in words; null where there are.</summary>
    public static string? Absence => Own.Value.Absence;

    /// <summary>Makes one.</summary>
    /// <param name="folder">A folder of the session, after which it is named.</param>
    /// <returns>Null where there are none.</returns>
    public static ControlGroup? Create(DirectoryInfo folder)
    {
        if (Own.Value.Folder is not { } own) return null;
        try
        {
            var group = Directory.CreateDirectory(Path.Combine(own, $"{Path.GetFileName(SessionFolder.Path)}.{folder.Name}")).FullName;
            var limit = Path.Combine(group, Limit);
            if (File.Exists(limit)) File.WriteAllText(limit, MostProcesses.ToString(CultureInfo.InvariantCulture));
            return new ControlGroup(group);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Ends all processes in groups of a session that has ended.</summary>
    /// <param name="session">Its folder.</param>
    public static void Sweep(string session)
    {
        if (Own.Value.Folder is not { } own) return;
        foreach (var left in Directory.EnumerateDirectories(own, Path.GetFileName(session) + ".*")) new ControlGroup(left).End();
    }

    /// <summary>Puts a process into it; its children will be, too.</summary>
    public void Add(int process)
    {
        try
        {
            File.WriteAllText(Path.Combine(_folder, Members), process.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended already: who waits for it is told.
        }
    }

    /// <summary>Ends all that are in it, and the group.</summary>
    public void End()
    {
        try
        {
            Killing.UntilNone(() =>
            {
                var members = File.ReadAllLines(Path.Combine(_folder, Members));
                // What the system does not show to this process has the number 0, which to a signal is this process's own group.
                foreach (var id in members.Select(member => int.Parse(member, CultureInfo.InvariantCulture)).Where(id => id > 0))
                    Killing.Kill(id);
                return members.Length > 0;
            });
            Directory.Delete(_folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone before, or some process does not end: the next session sweeps it.
        }
    }

    private static (string? Folder, string? Absence) Find()
    {
        if (!OperatingSystem.IsLinux()) return (null, "only Linux has them");
        try
        {
            var lines = File.ReadAllLines("/proc/self/cgroup")
                .Select(line => line.Split(':', 3)).Where(parts => parts.Length == 3).ToArray();
            // The first version has a hierarchy for the number of processes; the second has one for everything, beside the first or alone.
            var candidates = lines.Where(parts => parts[1] == "pids").Select(parts => "/sys/fs/cgroup/pids" + parts[2])
                .Concat(lines.Where(parts => parts[0] == "0").SelectMany(parts =>
                    new[] { "/sys/fs/cgroup" + parts[2], "/sys/fs/cgroup/unified" + parts[2] }));
            var why = "this process's own is not to be seen";
            foreach (var own in candidates.Where(folder => File.Exists(Path.Combine(folder, Members))))
            {
                try
                {
                    var trial = Directory.CreateDirectory(Path.Combine(own, "conformance-" + Path.GetRandomFileName()));
                    trial.Delete();
                    return (own, null);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    why = e.Message;
                }
            }

            return (null, why);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, e.Message);
        }
    }
}
