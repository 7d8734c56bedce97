using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;

namespace Conformance.Runtimes.Hosting;

/// <summary>How a tool ended.</summary>
/// <param name="Exit">Its exit code.</param>
/// <param name="Output">Its stdout, trimmed.</param>
/// <param name="Errors">Its stderr, trimmed.</param>
public sealed record ToolResult(int Exit, string Output, string Errors);

/// <summary>
/// Short runs of tools: compilers, and programs that are asked their version. How long they may take is the harness's to say, which ends
/// the worker with them.
/// </summary>
public static class ToolProcess
{
    /// <param name="program">A file, or a name on PATH.</param>
    /// <param name="arguments">For it.</param>
    /// <param name="environment">What is set besides this process's own environment.</param>
    /// <exception cref="IOException">It can't be started.</exception>
    public static ToolResult Run(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? ImmutableDictionary<string, string>.Empty) start.Environment[name] = value;
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return new ToolResult(process.ExitCode, output.Trim(), errors.GetAwaiter().GetResult().Trim());
        }
        catch (Win32Exception e)
        {
            throw new IOException($"{program}: {e.Message}", e);
        }
    }
}
