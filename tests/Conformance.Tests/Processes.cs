using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Conformance.Tests;

/// <summary>Processes seen from outside: who descends from whom, and whether they have ended.</summary>
internal static partial class Processes
{
    public const int SigInt = 2;

    public const int SigKill = 9;

    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(20);

    /// <summary>Waits until a process has ended; a zombie that nobody has reaped has.</summary>
    public static async Task EndedAsync(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            using var limit = new CancellationTokenSource(EndLimit);
            while (!IsZombie(id))
            {
                // WaitForExit does not see the end of a process that is no child of ours and that nobody reaps.
                using var slice = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
                slice.CancelAfter(TimeSpan.FromMilliseconds(100));
                try
                {
                    await process.WaitForExitAsync(slice.Token);
                    return;
                }
                catch (OperationCanceledException) when (!limit.IsCancellationRequested)
                {
                }
            }
        }
        catch (ArgumentException)
        {
            // It is not there (any more).
        }
    }

    /// <summary>Runs a program to its end; its exit code, or -1 where there is no such program.</summary>
    public static int Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }

    public static void Signal(int id, int signal) => Assert.That(Kill(id, signal), Is.Zero, $"no process {id}");

    /// <summary>Ends processes that may end by themselves meanwhile.</summary>
    public static void End(IEnumerable<int> ids)
    {
        // One that is not there has ended.
        foreach (var id in ids) _ = Kill(id, SigKill);
    }

    /// <summary>All that descend from a process and run.</summary>
    public static IReadOnlyList<(int Id, string Command)> Descendants(int ancestor)
    {
        var all = new Dictionary<int, (int Parent, string Command)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(f => int.TryParse(Path.GetFileName(f), out _)))
        {
            try
            {
                var id = int.Parse(Path.GetFileName(folder));
                if (!IsZombie(id) && Parent(id) is { } parent)
                    all[id] = (parent, File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' '));
            }
            catch (IOException)
            {
                // It ended while we looked.
            }
        }

        return [.. all.Where(p => Descends(p.Key)).Select(p => (p.Key, p.Value.Command))];

        bool Descends(int id)
        {
            while (all.TryGetValue(id, out var process))
            {
                if (process.Parent == ancestor) return true;
                id = process.Parent;
            }

            return false;
        }
    }

    /// <summary>Resident memory in bytes.</summary>
    public static long Resident(int id) =>
        long.Parse(File.ReadLines($"/proc/{id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024;

    public static bool IsRunning(int id) => !IsZombie(id);

    private static bool IsZombie(int id) => Stat(id) is not { } stat || stat[0] == "Z";

    private static int? Parent(int id) => Stat(id) is { } stat ? int.Parse(stat[1]) : null;

    /// <summary>What the system says of a process, from its state on; null where it is not there.</summary>
    private static string[]? Stat(int id)
    {
        try
        {
            // The name before may hold anything, so that fields count from the last bracket.
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int id, int signal);
}
