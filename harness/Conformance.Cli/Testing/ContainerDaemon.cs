using System.Diagnostics;
using Conformance.Engine.Servers;
using Conformance.Machine;

namespace Conformance.Cli.Testing;

/// <summary>Docker's daemon, started for the tests where no container engine answers, and stopped after them.</summary>
internal sealed class ContainerDaemon : IAsyncDisposable
{
    /// <summary>A start right after another engine was killed can fail once.</summary>
    private const int Attempts = 2;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(200);

    private readonly Process _process;

    private ContainerDaemon(Process process) => _process = process;

    private static string Log => ConformanceHome.Within("dockerd.log");

    /// <summary>Starts one where none answers; null where there is nothing to start, which is said.</summary>
    /// <param name="installs">Whether anything may be started that the machine did not have running.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public static async Task<ContainerDaemon?> StartAsync(bool installs, CancellationToken cancellation)
    {
        if (await ContainerEngine.FindAsync(cancellation) is not null) return null;
        if (!installs || !Environment.IsPrivilegedProcess || Programs.FindForRoot("dockerd") is not { } program)
        {
            Console.WriteLine("no container engine answers: container tests are inconclusive. As root: dockerd");
            return null;
        }

        Directory.CreateDirectory(ConformanceHome.Folder);
        Console.WriteLine($"starting dockerd (its log is {Log}); it is stopped after the tests");
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            // In a session of its own: Ctrl-C at the terminal is for the tests, which still need it to clean up.
            var daemon = new ContainerDaemon(
                Process.Start(new ProcessStartInfo("sh", ["-c", "exec setsid \"$1\" > \"$2\" 2>&1 < /dev/null", "sh", program, Log]))!);
            if (await daemon.AnswersAsync(cancellation)) return daemon;
            await daemon.DisposeAsync();
        }

        Console.WriteLine($"dockerd did not start: {(File.Exists(Log) ? File.ReadLines(Log).LastOrDefault() : null)}");
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            // The shell's own: a small system has no program of that name.
            using var kill = Process.Start(
                "sh", ["-c", "kill \"$1\"", "sh", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            using var limit = new CancellationTokenSource(StopLimit);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < StartLimit && !_process.HasExited;)
        {
            if (await ContainerEngine.FindAsync(cancellation) is not null) return true;
            await Task.Delay(AskAgain, cancellation);
        }

        return false;
    }
}
