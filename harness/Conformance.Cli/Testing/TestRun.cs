using System.Diagnostics;

namespace Conformance.Cli.Testing;

/// <summary><c>dotnet test</c> on the checkout, as it is shown, and its tests counted.</summary>
internal static class TestRun
{
    /// <summary>No test takes as long, on a slow machine either; one that is stuck is told by its name, and the run ends.</summary>
    private const string TestLimit = "15m";

    /// <summary>What a test run that was stopped may take to clean up.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    /// <param name="solution">What to test.</param>
    /// <param name="arguments">For <c>dotnet test</c>.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>
    /// Its exit code. The last lines that it prints tell what failed, and the very last counts the tests of all projects.
    /// </returns>
    public static async Task<int> RunAsync(string solution, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        // At this verbosity an inconclusive test says why.
        string[] command = [.. await InterruptibleAsync(cancellation), "dotnet", "test", solution, "-c", "Release", "--nologo",
            "--logger", "console;verbosity=normal", "--blame-hang-timeout", TestLimit, "--blame-hang-dump-type", "none", .. arguments];
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var counted = new TestCount();
        var failed = new FailedTests();
        try
        {
            await Task.WhenAll(ShowAsync(process.StandardOutput, counted, failed, cancellation),
                ShowAsync(process.StandardError, counted, new FailedTests(), cancellation));
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C at a terminal is heard by all of its programs.
            if (!process.WaitForExit(StopLimit)) process.Kill(entireProcessTree: true);
            throw;
        }

        foreach (var line in failed.Lines()) Console.WriteLine(line);
        Console.WriteLine(counted);
        return process.ExitCode;
    }

    private static async Task ShowAsync(StreamReader lines, TestCount counted, FailedTests failed, CancellationToken cancellation)
    {
        while (await lines.ReadLineAsync(cancellation) is { } line)
        {
            counted.Add(line);
            failed.Add(line);
            Console.WriteLine(line);
        }
    }

    /// <summary>
    /// Started in the background of a script, a program would not hear the Ctrl-C that some tests send: what comes before it, so that it
    /// does.
    /// </summary>
    private static async Task<string[]> InterruptibleAsync(CancellationToken cancellation)
    {
        string[] command = ["env", "--default-signal=INT"];
        try
        {
            using var trial = Process.Start(new ProcessStartInfo(command[0], [command[1], "true"]) { RedirectStandardError = true })!;
            await trial.WaitForExitAsync(cancellation);
            return trial.ExitCode == 0 ? command : [];
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return [];
        }
    }
}
