using System.ComponentModel;
using System.Diagnostics;

namespace Conformance.Machine;

/// <summary>A compiler or another tool that was run to its end.</summary>
/// <param name="Exit">Its exit code.</param>
/// <param name="Output">Its stdout, trimmed.</param>
/// <param name="Errors">Its stderr, trimmed; why it was not started, where it was not.</param>
public sealed record ToolRun(int Exit, string Output, string Errors)
{
    /// <summary>What a shell says of a program that is not there; <see cref="IsStarted"/> tells it from a program that says so itself.</summary>
    public const int NotFound = 127;

    /// <summary>What <c>timeout</c> says of a program that it ended.</summary>
    public const int NotEnded = 124;

    /// <summary>As long as the slowest compiler takes on a slow machine, and twice that.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    /// <summary>False where the program can't be started.</summary>
    public bool IsStarted { get; private init; } = true;

    /// <summary>What it printed, on both streams.</summary>
    public string Words => (Output + Errors).Trim();

    /// <summary>What it said last, or how it ended where it said nothing.</summary>
    public string LastLine => Words is { Length: > 0 } words ? words[(words.LastIndexOf('\n') + 1)..] : $"it ended with exit code {Exit}";

    /// <summary>
    /// Runs a program, whose stdin is empty; one that can't be started has <see cref="NotFound"/>, one that does not end is killed and has
    /// <see cref="NotEnded"/>. When cancelled, it and its children are killed.
    /// </summary>
    /// <param name="program">A file, or a name on PATH.</param>
    /// <param name="arguments">For it.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="environment">What is set besides this process's own environment.</param>
    /// <param name="limit">How long it may take; a quarter of an hour where nothing is said.</param>
    public static async Task<ToolRun> StartAsync(string program, IEnumerable<string> arguments, CancellationToken cancellation,
        IReadOnlyDictionary<string, string>? environment = null, TimeSpan? limit = null)
    {
        var most = limit ?? Longest;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(most);
        try
        {
            return await RunAsync(program, arguments, environment, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new ToolRun(NotEnded, "", $"{program} did not end within {most.TotalSeconds:0} s");
        }
    }

    /// <summary>As <see cref="StartAsync"/>, for who has nothing else to do.</summary>
    /// <exception cref="IOException">It can't be started.</exception>
    public static ToolRun Run(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var run = StartAsync(program, arguments, CancellationToken.None, environment).GetAwaiter().GetResult();
        return run.IsStarted ? run : throw new IOException($"{program}: {run.Errors}");
    }

    private static async Task<ToolRun> RunAsync(string program, IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            try
            {
                var words = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(cancellation),
                    process.StandardError.ReadToEndAsync(cancellation)).ConfigureAwait(false);
                await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
                return new ToolRun(process.ExitCode, words[0].Trim(), words[1].Trim());
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw;
            }
        }
        catch (Win32Exception e)
        {
            return new ToolRun(NotFound, "", e.Message) { IsStarted = false };
        }
    }
}
