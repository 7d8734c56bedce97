using System.Diagnostics;

namespace Conformance.Tests;

/// <summary>Programs that tests run to their end, such as <c>dotnet</c> and the scripts of this repository.</summary>
internal static class Shell
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromMinutes(8);

    /// <summary>Runs a program, which must succeed; what it printed.</summary>
    public static async Task<string> RunAsync(string folder, string program, params string[] arguments)
    {
        var (exit, output) = await TryAsync(folder, program, arguments);
        Assert.That(exit, Is.Zero, output);
        return output;
    }

    /// <summary>Runs a program; its exit code, and what it printed on both streams.</summary>
    public static async Task<(int Exit, string Output)> TryAsync(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program.Contains('/', StringComparison.Ordinal) ? Path.Combine(folder, program) : program,
            arguments)
        { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        // Inside `dotnet test`, these point an inner build at the outer one's settings.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)
            || name == "CONFORMANCE_REQUIRE").ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        try
        {
            var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync())
                .WaitAsync(EndLimit);
            await process.WaitForExitAsync().WaitAsync(EndLimit);
            return (process.ExitCode, string.Concat(output));
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
