using System.Diagnostics;

namespace Conformance.Tests.CommandLine;

/// <summary>The <c>conformance</c> command as a process of its own, as a user starts it.</summary>
internal sealed class Command : IDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly TaskCompletionSource<string> _awaited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _output;
    private readonly Task<string> _error;
    private readonly List<string> _lines = [];

    private Command(string? awaited, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?> environment)
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Built("Conformance.Cli"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["CI"] = "true";
        start.Environment.Remove("CONFORMANCE_REQUIRE");
        start.Environment.Remove("CONFORMANCE_MIRROR");
        // Nothing is fetched unless a test says so.
        start.Environment["CONFORMANCE_OFFLINE"] = "1";
        foreach (var (name, value) in environment) start.Environment[name] = value;
        _process = Process.Start(start)!;
        _output = ReadAsync(awaited);
        _error = _process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    /// <summary>The line that <see cref="StartAsync(string, string[])"/> waited for.</summary>
    public string AwaitedLine => _awaited.Task.Result;

    public static Command Start(params string[] arguments) => new(null, arguments, new Dictionary<string, string?>());

    /// <summary>Starts it and waits for a line of output that contains a text.</summary>
    public static Task<Command> StartAsync(string awaited, params string[] arguments) =>
        StartAsync(awaited, new Dictionary<string, string?>(), arguments);

    public static async Task<Command> StartAsync(string awaited,
        IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        var command = new Command(awaited, arguments, environment);
        await command._awaited.Task.WaitAsync(EndLimit);
        return command;
    }

    public static Task<CommandResult> RunAsync(params string[] arguments) => RunAsync(new Dictionary<string, string?>(), arguments);

    public static async Task<CommandResult> RunAsync(IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        using var command = new Command(null, arguments, environment);
        return await command.EndAsync();
    }

    public async Task<CommandResult> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(EndLimit);
        await _output;
        return new CommandResult(_process.ExitCode, string.Join('\n', _lines), await _error);
    }

    public void Kill() => _process.Kill();

    /// <summary>What Ctrl-C sends.</summary>
    public void Interrupt() => Processes.Signal(_process.Id, Processes.SigInt);

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private async Task ReadAsync(string? awaited)
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _lines.Add(line);
            if (awaited is not null && line.Contains(awaited, StringComparison.Ordinal)) _awaited.TrySetResult(line);
        }

        _awaited.TrySetException(
            new InvalidOperationException($"the command ended without \"{awaited}\": {string.Join('\n', _lines)} {await _error}"));
        _ = _awaited.Task.Exception;
    }
}

internal sealed record CommandResult(int ExitCode, string Output, string Error);
