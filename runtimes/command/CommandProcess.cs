using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;

namespace Conformance.Runtimes.Command;

/// <summary>How a run of a command ended.</summary>
/// <param name="Exit">Its exit code.</param>
/// <param name="Stdout">The guest's output, without what it said to its host functions.</param>
/// <param name="Stderr">As it came.</param>
/// <param name="Milliseconds">From its start to its end.</param>
/// <param name="OwnWords">Its own words, where it has a file for them; null where they are among the guest's.</param>
internal sealed record CommandEnd(int Exit, CapturedText Stdout, CapturedText Stderr, double Milliseconds, string? OwnWords = null);

/// <summary>Runs the command. What runs ends with this process, however that ends: a guest that spins would outlive its worker.</summary>
internal sealed class CommandProcess
{
    private readonly CommandProgram _program;
    private readonly WorkerLimits _limits;
    private readonly ConcurrentDictionary<Process, byte> _running = new();

    /// <param name="program">The command.</param>
    /// <param name="limits">Of its guests.</param>
    public CommandProcess(CommandProgram program, WorkerLimits limits)
    {
        (_program, _limits) = (program, limits);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Kill();
    }

    /// <param name="arguments">For the command.</param>
    /// <param name="stdinPath">What is written to its stdin; null is nothing.</param>
    /// <param name="calls">Who answers a composed guest; null for one that is as it came.</param>
    /// <exception cref="IOException">The command can't be started.</exception>
    public CommandEnd Run(IEnumerable<string> arguments, string? stdinPath, ComposedCalls? calls)
    {
        var start = new ProcessStartInfo(_program.Path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in _program.Environment) start.Environment[name] = value;
        // For a command that can be told, as ours for Node is; others have their process's limit only.
        start.Environment["CONFORMANCE_MEMORY_BYTES"] = _limits.MemoryBytes.ToString(CultureInfo.InvariantCulture);
        var started = Stopwatch.GetTimestamp();
        try
        {
            using var process = Process.Start(start)!;
            _running[process] = 0;
            try
            {
                var stderr = new OutputBuffer(_limits.OutputBytes);
                var errors = Task.Run(() => Pump(process.StandardError.BaseStream, stderr.Write));
                var stdout = new OutputBuffer(_limits.OutputBytes);
                var input = process.StandardInput.BaseStream;
                var feeding = calls is null ? Task.Run(() => Feed(input, stdinPath)) : Task.CompletedTask;
                if (calls is null) Pump(process.StandardOutput.BaseStream, stdout.Write);
                else calls.Serve(process.StandardOutput.BaseStream, input, stdout);
                process.WaitForExit();
                errors.GetAwaiter().GetResult();
                feeding.GetAwaiter().GetResult();
                return new CommandEnd(process.ExitCode, stdout.Text, stderr.Text, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
            finally
            {
                _running.TryRemove(process, out _);
            }
        }
        catch (Win32Exception e)
        {
            throw new IOException($"{_program.Path}: {e.Message}", e);
        }
    }

    private void Kill()
    {
        foreach (var process in _running.Keys)
        {
            try
            {
                process.Kill(entireProcessTree: true);
            }
            catch (Exception e) when (e is InvalidOperationException or Win32Exception)
            {
                // It ended by itself meanwhile.
            }
        }
    }

    private static void Feed(Stream input, string? path)
    {
        try
        {
            using (input)
            {
                if (path is null) return;
                using var file = File.OpenRead(path);
                file.CopyTo(input);
            }
        }
        catch (IOException)
        {
            // The guest did not want to read it all.
        }
    }

    private delegate void Write(ReadOnlySpan<byte> bytes);

    private static void Pump(Stream stream, Write write)
    {
        var bytes = new byte[64 * 1024];
        int read;
        while ((read = stream.Read(bytes)) > 0) write(bytes.AsSpan(0, read));
    }
}
