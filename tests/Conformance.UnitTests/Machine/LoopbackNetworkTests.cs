using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Conformance.Machine;

namespace Conformance.UnitTests.Machine;

/// <summary>The network that workers are started in, and the two ways from there to a server of this process.</summary>
[TestFixture]
public sealed class LoopbackNetworkTests
{
    [OneTimeSetUp]
    public void RequireNetwork()
    {
        if (LoopbackNetwork.Absence is { } why) Assert.Ignore($"this machine gives a process no network of its own: {why}");
    }

    [Test]
    public void There_is_a_loopback_device_that_is_up_and_no_other()
    {
        var devices = LoopbackNetwork.Within(() => File.ReadAllLines("/proc/thread-self/net/dev")).Skip(2).Select(line => line.Split(':')[0].Trim());
        Assert.That(devices, Is.EqualTo(new[] { "lo" }));
        Assert.DoesNotThrow(() => LoopbackNetwork.Within(() =>
        {
            using var listening = Listening();
            using var client = Client((IPEndPoint)listening.LocalEndPoint!);
            return client.Connected;
        }));
    }

    [Test]
    public async Task Who_was_there_leaves_nobody_there()
    {
        var here = NetworkInterface.GetAllNetworkInterfaces().Length;
        LoopbackNetwork.Within(() => 0);
        var seen = await Task.WhenAll(
            Enumerable.Range(0, 64).Select(_ => Task.Run(() => NetworkInterface.GetAllNetworkInterfaces().Length)));
        Assert.That(seen, Is.All.GreaterThanOrEqualTo(here));
    }

    [Test]
    public void What_is_bound_there_is_not_reached_from_here()
    {
        using var there = LoopbackNetwork.Bind(new IPEndPoint(IPAddress.Loopback, 0))!;
        there.Listen();
        var place = (IPEndPoint)there.LocalEndPoint!;
        using (LoopbackNetwork.Within(() => Client(place))) Assert.That(there.Accept().Connected);
        Assert.That(() => Client(place), Throws.TypeOf<SocketException>());
        Assert.That(LoopbackNetwork.Bind(place), Is.Null, "the port is taken");
    }

    [Test]
    public async Task A_relay_carries_both_ways_until_both_have_said_all()
    {
        using var server = Listening();
        var place = (IPEndPoint)server.LocalEndPoint!;
        LoopbackRelay.Reach(new Uri($"http://{place}"));
        using var client = LoopbackNetwork.Within(() => Client(place));
        using var accepted = await server.AcceptAsync();
        var question = new byte[100_000];
        new Random(1).NextBytes(question);
        var sending = client.SendAsync(question);
        var heard = new byte[question.Length];
        for (var read = 0; read < heard.Length;) read += await accepted.ReceiveAsync(heard.AsMemory(read));
        await sending;
        client.Shutdown(SocketShutdown.Send);
        Assert.That(await accepted.ReceiveAsync(new byte[1]), Is.Zero, "the end is told");
        Assert.That(heard, Is.EqualTo(question));
        await accepted.SendAsync("so"u8.ToArray());
        accepted.Shutdown(SocketShutdown.Send);
        var answer = new byte[2];
        for (var read = 0; read < answer.Length;) read += await client.ReceiveAsync(answer.AsMemory(read));
        Assert.That(answer, Is.EqualTo("so"u8.ToArray()));
        Assert.That(await client.ReceiveAsync(new byte[1]), Is.Zero);
    }

    /// <summary>Ports are used again: by an embedded server first, which is there itself, and by a container then.</summary>
    [Test]
    public async Task Who_gets_the_port_of_one_that_was_there_is_reached()
    {
        using var server = Listening();
        var place = (IPEndPoint)server.LocalEndPoint!;
        using (LoopbackNetwork.Bind(place)!) LoopbackRelay.Reach(new Uri($"http://{place}"));
        LoopbackRelay.Reach(new Uri($"http://{place}"));
        using var client = LoopbackNetwork.Within(() => Client(place));
        using var accepted = await server.AcceptAsync();
        Assert.That(accepted.Connected);
    }

    [Test]
    public void A_server_that_has_gone_hangs_up()
    {
        var server = Listening();
        var place = (IPEndPoint)server.LocalEndPoint!;
        LoopbackRelay.Reach(new Uri($"http://{place}"));
        server.Dispose();
        using var client = LoopbackNetwork.Within(() => Client(place));
        Assert.That(() => client.Receive(new byte[1]), Throws.TypeOf<SocketException>());
    }

    private static Socket Listening()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        return socket;
    }

    private static Socket Client(IPEndPoint server)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(server);
        return socket;
    }
}
