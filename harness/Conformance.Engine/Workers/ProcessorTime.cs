using System.Globalization;
using System.Runtime.InteropServices;

namespace Conformance.Engine.Workers;

/// <summary>How much processor time a worker has used, with all processes of its session, which it leads.</summary>
/// <param name="process">The worker's.</param>
internal sealed class WorkerTime(int process)
{
    /// <summary>Those that live for longer than a cell, as a browser's do: found when all were looked for last.</summary>
    private IReadOnlyList<int> _known = [process];

    /// <summary>
    /// What it has used when something begins: cheap, by the processes that are known. Null where the system does not tell.
    /// </summary>
    public TimeSpan? Begin() => ProcessorTime.Used(_known);

    /// <summary>What it has used by now, with every process that it has started.</summary>
    public TimeSpan? Now()
    {
        Find();
        return ProcessorTime.Used(_known);
    }

    /// <summary>Looks for all processes.</summary>
    public void Find() => _known = [process, .. ProcessorTime.Processes(process).Where(id => id != process)];
}

/// <summary>Processor time of processes, as the system tells it. Linux only.</summary>
/// <seealso href="https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html"/>
internal static partial class ProcessorTime
{
    /// <summary>Fields of <c>stat</c>, counted from the state, which is the first behind the name.</summary>
    private const int Session = 3, User = 11, System = 12, ChildrensUser = 13, ChildrensSystem = 14;

    private const int ClockTicks = 2;

    private static readonly Lazy<double> TicksPerSecond = new(() => GetConfiguration(ClockTicks) is > 0 and var ticks ? ticks : 100);

    /// <summary>The processes of a session.</summary>
    public static IReadOnlyList<int> Processes(int session)
    {
        if (!OperatingSystem.IsLinux()) return [];
        return [.. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id != 0 && Stat(id) is { } stat && stat[Session] == session.ToString(CultureInfo.InvariantCulture))];
    }

    /// <summary>What processes have used together, with their children that have ended; null where that is not to be known.</summary>
    public static TimeSpan? Used(IEnumerable<int> processes) => !OperatingSystem.IsLinux() ? null
        : TimeSpan.FromSeconds(processes.Select(Stat).OfType<string[]>().Sum(stat => new[] { User, System, ChildrensUser, ChildrensSystem }
            .Sum(field => long.Parse(stat[field], CultureInfo.InvariantCulture))) / TicksPerSecond.Value);

    /// <summary>What the system says of a process, from its state on; null where it is not there.</summary>
    private static string[]? Stat(int process)
    {
        try
        {
            // The name before may hold anything, so that fields count from the last bracket.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "sysconf")]
    private static partial nint GetConfiguration(int name);
}
