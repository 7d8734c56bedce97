using System.Net.Sockets;
using System.Text;
using Conformance.Engine;
using Conformance.Tests.CommandLine;

namespace Conformance.Tests.Servers;

/// <summary>A container engine that says it is there, and then answers nothing: no wait on it is for ever.</summary>
[TestFixture]
[NonParallelizable]
public sealed class HungEngineTests
{
    private readonly TemporaryFolder _folder = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly List<Socket> _held = [];

    [OneTimeSetUp]
    public void Listen()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("its engine listens on a pipe");
        _listener.Bind(new UnixDomainSocketEndPoint(_folder.Sub("engine.sock")));
        _listener.Listen();
        _ = AnswerAsync();
    }

    [OneTimeTearDown]
    public void Stop()
    {
        _listener.Dispose();
        lock (_held) _held.ForEach(socket => socket.Dispose());
        _folder.Dispose();
    }

    [Test]
    public async Task The_embedded_server_is_taken_and_the_reason_told()
    {
        var result = await RunAsync("auto");
        // Lines are folded to the width of a log.
        var output = string.Join(' ', result.Output.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
        if (output.Contains("the counter server's image can't be built", StringComparison.Ordinal)) Assert.Inconclusive(output);
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(output,
            Does.Contain("server: embedded, correct (waited 2 s for the container engine to build the counter server's image)"));
        Assert.That(result.Error,
            Does.Contain("conformance: waiting for the container engine to build the counter server's image (for 2 s at the most)"));
    }

    [Test]
    public async Task Where_a_container_is_required_it_is_an_error_in_one_line()
    {
        var result = await RunAsync("container");
        if (result.Error.Contains("the counter server's image can't be built", StringComparison.Ordinal)) Assert.Inconclusive(result.Error);
        Assert.That(result.ExitCode, Is.EqualTo(3), result.Output);
        Assert.That(result.Error.TrimEnd().Split('\n')[^1],
            Is.EqualTo("conformance: waited 2 s for the container engine to build the counter server's image"));
    }

    [Test]
    public async Task What_never_ends_is_told_and_ended()
    {
        var told = new List<string>();
        var waiting = new Waiting(told.Add, TimeSpan.FromMilliseconds(200));
        var error = (await Assert.ThrowsAsync<EnvironmentException>(
            () => waiting.ForAsync("what never comes", TimeSpan.FromHours(1), _ => new TaskCompletionSource<int>().Task, default)))!;
        Assert.That(error.Message, Is.EqualTo("waited 0.2 s for what never comes"));
        Assert.That(told, Is.EqualTo(new[] { "waiting for what never comes (for 0.2 s at the most)" }));
    }

    [Test]
    public async Task What_comes_in_time_is_not_told()
    {
        var told = new List<string>();
        Assert.That(await new Waiting(told.Add).ForAsync("it", TimeSpan.FromMinutes(1), _ => Task.FromResult(7), default), Is.EqualTo(7));
        Assert.That(told, Is.Empty);
    }

    [Test]
    public async Task Who_is_cancelled_hears_that_and_no_time_limit()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        await Assert.ThatAsync(async () => await Waiting.Silent.ForAsync("it", TimeSpan.FromMinutes(1),
            token => Task.Delay(Timeout.Infinite, token), stop.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    private Task<CommandResult> RunAsync(string server) => Command.RunAsync(
        new Dictionary<string, string?> { ["DOCKER_HOST"] = $"unix://{_folder.Sub("engine.sock")}", ["CONFORMANCE_CONTAINER_LIMIT"] = "2" },
        "run", "-m", "counter-wat", "-r", "wasmtime", "--server", server, "--out", _folder.Sub("report"));

    /// <summary>A ping has its answer; everything else is heard and held.</summary>
    private async Task AnswerAsync()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            lock (_held) _held.Add(client);
            var bytes = new byte[4096];
            var read = await client.ReceiveAsync(bytes);
            if (Encoding.ASCII.GetString(bytes, 0, read).Contains("/_ping", StringComparison.Ordinal))
                await client.SendAsync("HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK"u8.ToArray());
        }
    }
}
