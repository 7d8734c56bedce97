using System.ComponentModel;
using System.Diagnostics;

namespace Conformance.Engine.Tools;

/// <summary>A compiler or another tool that was run to its end.</summary>
/// <param name="Exit">Its exit code.</param>
/// <param name="Words">What it printed, on both streams.</param>
internal sealed record ToolRun(int Exit, string Words)
{
    /// <summary>What it said last, or how it ended where it said nothing.</summary>
    public string LastLine => Words.LastIndexOf('\n') is var end && Words.Length > 0 ? Words[(end + 1)..] : $"it ended with exit code {Exit}";

    /// <summary>What a shell says of a program that is not there.</summary>
    public const int NotFound = 127;

    /// <summary>What <c>timeout</c> says of a program that it ended.</summary>
    public const int NotEnded = 124;

    /// <summary>As long as the slowest compiler takes on a slow machine, and twice that.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Runs a program; one that can't be started has <see cref="NotFound"/>, one that does not end is killed and has
    /// <see cref="NotEnded"/>. When cancelled, it and its children are killed.
    /// </summary>
    public static async Task<ToolRun> StartAsync(string program, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Longest);
        try
        {
            return await RunAsync(program, arguments, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new ToolRun(NotEnded, $"{program} did not end within {Longest.TotalMinutes:0} minutes");
        }
    }

    private static async Task<ToolRun> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            try
            {
                var words = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(cancellation),
                    process.StandardError.ReadToEndAsync(cancellation)).ConfigureAwait(false);
                await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
                return new ToolRun(process.ExitCode, string.Concat(words).Trim());
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }
        }
        catch (Win32Exception e)
        {
            return new ToolRun(NotFound, e.Message);
        }
    }
}
