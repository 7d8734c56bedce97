using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Conformance.Engine.Planning;
using Conformance.Machine;
using Conformance.Model.Runtimes;

namespace Conformance.Engine.Workers;

/// <summary>A worker as the operating system sees it: its pipes, its end, its memory limit, and the end of all its children.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private const int StderrKept = 64 * 1024;

    private readonly Process _process;

    /// <summary>For the temporary files of all its processes.</summary>
    private readonly DirectoryInfo _folder;

    /// <summary>All its processes; null where the system has no such groups.</summary>
    private readonly ControlGroup? _group;

    private readonly StringBuilder _stderr = new();
    private readonly Task _stderrPump;

    private WorkerProcess(Process process, DirectoryInfo folder)
    {
        _process = process;
        _folder = folder;
        _group = ControlGroup.Create(folder);
        _group?.Add(process.Id);
        Time = new WorkerTime(process.Id);
        Input = process.StandardInput.BaseStream;
        Output = new LineGuardStream(process.StandardOutput.BaseStream);
        _stderrPump = PumpStderrAsync();
        Exited = process.WaitForExitAsync();
    }

    /// <summary>The worker's stdin.</summary>
    public Stream Input { get; }

    /// <summary>The worker's stdout.</summary>
    public LineGuardStream Output { get; }

    public Task Exited { get; }

    /// <summary>The processor time that it uses.</summary>
    public WorkerTime Time { get; }

    /// <summary>Whether it has ended by now, as the system says: <see cref="Exited"/> hears of it a moment later.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>The last of what it wrote to stderr.</summary>
    public string Stderr
    {
        get
        {
            lock (_stderr) return _stderr.ToString();
        }
    }

    /// <param name="runtime">Whose worker.</param>
    /// <param name="memoryBytes">What a process of it may allocate.</param>
    /// <exception cref="RuntimeMissingException">Its program is not there.</exception>
    public static WorkerProcess Start(RuntimeManifest runtime, long memoryBytes)
    {
        var (program, arguments) = Command(runtime);
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // A program of ours stays where the harness was started, so that relative paths in the environment mean what they say.
            WorkingDirectory = runtime.Worker.Assembly is null
                ? Path.GetDirectoryName(runtime.ManifestPath)! : Environment.CurrentDirectory,
            StandardErrorEncoding = Encoding.UTF8,
        };
        var folder = SessionFolder.Create("worker");
        start.Environment.Clear();
        foreach (var (name, value) in WorkerEnvironment.Create(runtime, folder.FullName)) start.Environment[name] = value;
        try
        {
            var process = (runtime.UsesMachineNetwork ? Process.Start(start) : LoopbackNetwork.Within(() => Process.Start(start)))
                ?? throw new Win32Exception("no process");
            ProcessLimits.Set(process.Id, memoryBytes);
            return new WorkerProcess(process, folder);
        }
        catch (Win32Exception e) when (MachineFault.IsExhausted(e.NativeErrorCode))
        {
            throw new EnvironmentException($"no worker of {runtime.Id} can be started ({program}: {e.Message})", e);
        }
        catch (Win32Exception e)
        {
            throw new RuntimeMissingException(new Unavailability($"its worker can't be started ({program}: {e.Message})", runtime.Remedy));
        }
    }

    /// <summary>Its end in words; to be asked after <see cref="Exited"/>.</summary>
    public string DescribeExit() => ExitDescription.Describe(_process.ExitCode);

    /// <summary>Ends it and all its children, at once.</summary>
    public async Task KillAsync()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended by itself meanwhile.
        }

        // What a worker that died left behind is nobody's child any more, but still of its group, which a worker leads (see
        // ProtocolChannel); where it does not, there is no such group, and nothing is ended.
        if (!OperatingSystem.IsWindows()) Killing.Kill(-_process.Id);
        await Exited.ConfigureAwait(false);
        if (_group is not null) _group.End();
        else StrayProcesses.End(_folder.FullName);
        // A child that was given its stderr may hold the pipe open: what it says after the end is nobody's.
        await Task.WhenAny(_stderrPump, Task.Delay(TimeSpan.FromMilliseconds(200))).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync().ConfigureAwait(false);
        _process.Dispose();
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Some process of it has not ended yet: the folder goes with the session.
        }
    }

    private static (string Program, IEnumerable<string> Arguments) Command(RuntimeManifest runtime)
    {
        if (runtime.Worker.Assembly is not { } assembly)
        {
            var folder = Path.GetDirectoryName(runtime.ManifestPath)!;
            var program = runtime.Worker.Command[0];
            return (program.StartsWith('.') ? Path.GetFullPath(Path.Combine(folder, program)) : program, runtime.Worker.Command.Skip(1));
        }

        return Installation.Find().Worker(assembly, out var place)
            ?? throw new RuntimeMissingException(
                new Unavailability($"its worker {assembly} is not built ({place} is not there)", runtime.Remedy));
    }

    private async Task PumpStderrAsync()
    {
        var buffer = new char[4096];
        int read;
        while ((read = await _process.StandardError.ReadAsync(buffer).ConfigureAwait(false)) > 0)
        {
            lock (_stderr)
            {
                _stderr.Append(buffer, 0, read);
                if (_stderr.Length > StderrKept) _stderr.Remove(0, _stderr.Length - StderrKept);
            }
        }
    }
}
