using System.Collections.Immutable;
using System.Diagnostics;
using System.Net.NetworkInformation;
using System.Runtime.InteropServices;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;

namespace Conformance.FakeRuntime;

/// <summary>
/// A runtime that runs nothing: it does what a counter guest does (ten increments, then the count) by itself, and is wrong in the one way
/// that its behaviour's name says.
/// </summary>
internal sealed partial class FakeSession(string behaviour) : IRuntimeSession
{
    private const int SigKill = 9;

    private int _runs;
    private string _said = "";

    public InitializeResult Identity { get; } = new("1.0", "fake", [new LibraryHash("fake", new string('0', 64))], [behaviour]);

    public static async Task<IRuntimeSession> StartAsync(string behaviour)
    {
        if (behaviour == "is-unavailable")
            throw new RuntimeUnavailableException("the fake engine is not installed", "install the fake engine");
        // Its worker runs beside its manifest, where it leaves a mark when it was there once.
        if (behaviour == "vanishes" && File.Exists("was-there"))
            throw new RuntimeUnavailableException("the fake engine was uninstalled", "install the fake engine");
        if (behaviour == "vanishes") await File.WriteAllTextAsync("was-there", "");
        if (behaviour == "starts-slowly") await Task.Delay(TimeSpan.FromSeconds(2)); // what it is named for
        return new FakeSession(behaviour);
    }

    public async Task<ResolveResult> ResolveAsync(ResolveParams request)
    {
        // Beside its folder, for that is what the worker is.
        if (behaviour == "tells-what-it-is-asked") await File.AppendAllTextAsync("../asked", $"{request.Probes?.Length}\n");
        return new ResolveResult(
            [.. WasmInterfaceReader.Read(await File.ReadAllBytesAsync(request.Module.Path)).Imports.Select(
                i => new ImportAnswer(i.Module, i.Name, Provider.Host, null))],
            null,
            request.Probes?.Select(_ => new ProbeVerdict(null, null)).ToImmutableArray());
    }

    public Task<RunResult> RunAsync(RunParams request, Action<Phase> reached)
    {
        _runs++;
        reached(Phase.Run);
        switch (behaviour)
        {
            case "exits" or "exits-at-second-run" or "vanishes" when behaviour == "exits" || _runs == 2:
                Console.Error.WriteLine("leaving with 7");
                Environment.Exit(7);
                break;
            case "is-killed-by-a-signal":
                _ = Kill(Environment.ProcessId, SigKill);
                Process.GetCurrentProcess().WaitForExit();
                break;
            case "hangs":
                // A child of its own, and a thread that no cancellation reaches: only the end of the whole tree ends it.
                using (var child = Process.Start("sleep", "600")) Console.Error.WriteLine($"child {child.Id}");
                while (true) Thread.SpinWait(1_000_000);
            case "leaves-a-child" or "leaves-a-child-that-hides":
                // In a session of its own, and its parent is gone; one that hides has not even its environment.
                var hide = behaviour == "leaves-a-child" ? "" : "env -i ";
                using (var shell = Process.Start(new ProcessStartInfo("sh", ["-c", $"{hide}setsid sleep 600 > /dev/null 2>&1 & echo $!"])
                { RedirectStandardOutput = true })!)
                {
                    _said = shell.StandardOutput.ReadLine()!;
                    shell.WaitForExit();
                }

                break;
            case "tells-its-environment":
                _said = string.Join('\n', Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
                    .Select(variable => $"{variable.Key}={variable.Value}"));
                break;
            case "tells-its-limits":
                _said = File.ReadAllText("/proc/self/limits");
                break;
            case "tells-its-network":
                _said = string.Join('\n', NetworkInterface.GetAllNetworkInterfaces().Select(device => device.Name));
                break;
            case "is-starved":
                // As on a machine that has other work: much time goes by, and little of it is this one's.
                Thread.Sleep(TimeSpan.FromSeconds(1.5));
                break;
            case "sleeps":
                Thread.Sleep(Timeout.Infinite);
                break;
            case "spins-in-a-child":
                Process.Start("sh", ["-c", "while :; do :; done"]).WaitForExit();
                break;
            case "floods-stderr":
                for (var i = 0; i < 2000; i++) Console.Error.WriteLine($"{i:0000} {new string('e', 4096)}");
                break;
            case "traps":
                return Task.FromResult(RunResult.Failed(Phase.Run, Trap.Unreachable.Code, "unreachable executed"));
            case "greets":
                return Task.FromResult(new RunResult
                {
                    Outcome = Outcome.Success,
                    Exit = 0,
                    Stdout = new CapturedText("hello\nthere\n", "hello\nthere\n".Length, false),
                });
            case "prints-to-stdout":
                _ = Puts("a native library says hello on stdout");
                break;
        }

        var functions = new HostFunctions(request.CounterUrl);
        var add = request.Imports.First(i => i.Path == "/add");
        var get = request.Imports.First(i => i.Path == "/count");
        for (var i = 0; i < (behaviour == "forgets-one" ? 9 : 10); i++) functions.Call(add, wantsResult: false);
        var count = functions.Call(get, wantsResult: true) + (behaviour == "lies-about-counts"
            || (behaviour == "lies-at-first" && _runs == 1) || (behaviour == "lies-now-and-then" && _runs % 3 == 0) ? 1 : 0);
        var text = $"{count}\n";
        return Task.FromResult(new RunResult
        {
            Outcome = Outcome.Success,
            Exit = 0,
            HostCalls = functions.Calls,
            Stdout = new CapturedText(text, text.Length, false),
            Stderr = new CapturedText(_said, _said.Length, false),
        });
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "puts", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Puts(string text);
}
