using System.Net;
using System.Net.Sockets;
using System.Text;
using Conformance.CounterServer;
using Conformance.Engine.Servers;
using Conformance.Model.Counters;

namespace Conformance.Tests.Faults;

/// <summary>A guest, or a page of somebody else, that would reach a counter that is not its own.</summary>
[Category("faults")]
[Category("Portable")]
[TestFixture]
public sealed class CounterAccessTests
{
    private const string Own = "http://127.0.0.1:8000";

    private static readonly CounterKey Victim = new("a victim's"), Attacker = new("an attacker's");

    [TestCase("/..")]
    [TestCase("/%2e%2e")]
    [TestCase("/%2E.")]
    [TestCase("/./..")]
    [TestCase("/x/../..")]
    public async Task A_path_that_leads_out_of_a_counter_is_refused_and_counts_nowhere(string way)
    {
        await using var server = await EmbeddedCounterServer.StartAsync(ServerVariant.Correct, 0, null, default);
        Assert.That(await SendAsync(server, "PUT", $"{Attacker.Prefix}{way}{Victim.Prefix}/add"), Is.EqualTo(400));
        Assert.That(await CountAsync(server, Victim), Is.Zero);
    }

    [TestCase("http://elsewhere.example")]
    [TestCase("http://127.0.0.1:1")]
    public async Task An_absolute_or_foreign_url_is_refused(string url)
    {
        await using var server = await EmbeddedCounterServer.StartAsync(ServerVariant.Correct, 0, null, default);
        Assert.That(await SendAsync(server, "PUT", $"{url}{Victim.Prefix}/add"), Is.EqualTo(400));
        Assert.That(await CountAsync(server, Victim), Is.Zero);
    }

    [Test]
    public async Task A_counter_is_reset_by_who_has_its_key_and_by_no_guest()
    {
        await using var server = await EmbeddedCounterServer.StartAsync(ServerVariant.Correct, 0, null, default);
        Assert.That(await SendAsync(server, "PUT", $"{Victim.Prefix}/add"), Is.EqualTo(200));
        Assert.That(await SendAsync(server, "POST", $"{Victim.Prefix}/reset"), Is.EqualTo(403));
        Assert.That(await SendAsync(server, "POST", $"{Victim.Prefix}/reset", $"{CounterKey.Header}: {Attacker.Value}"), Is.EqualTo(403));
        Assert.That(await SendAsync(server, "POST", $"{Victim.Prefix}/reset", $"{CounterKey.Header}: {Victim.Prefix}"), Is.EqualTo(403));
        Assert.That(await CountAsync(server, Victim), Is.EqualTo(1));
        Assert.That(await SendAsync(server, "POST", $"{Victim.Prefix}/reset", $"{CounterKey.Header}: {Victim.Value}"), Is.EqualTo(200));
        Assert.That(await CountAsync(server, Victim), Is.Zero);
    }

    [Test]
    public void A_counters_path_has_128_bits_that_do_not_tell_its_key()
    {
        Assert.That(Victim.Prefix, Does.Match("^/[0-9a-f]{32}$").And.Not.Contain(Victim.Value));
        Assert.That(Victim.Prefix, Is.Not.EqualTo(Attacker.Prefix));
    }

    [TestCase("Origin: http://127.0.0.1:8000", 200)]
    [TestCase(null, 200)]
    [TestCase("Origin: https://elsewhere.example", 403)]
    [TestCase("Origin: http://127.0.0.1:8001", 403)]
    [TestCase("Origin: null", 403)]
    public async Task A_server_for_one_page_takes_requests_of_its_origin(string? header, int status)
    {
        await using var server = await EmbeddedCounterServer.StartAsync(ServerVariant.Correct, 0, null, default, Own);
        Assert.That(await SendAsync(server, "PUT", "/add", header), Is.EqualTo(status));
        Assert.That(await SendAsync(server, "GET", "/count", header), Is.EqualTo(status));
    }

    [TestCase("localhost:1", 200)]
    [TestCase("127.0.0.1", 200)]
    [TestCase("[::1]:8", 200)]
    [TestCase("rebound.example", 403)]
    [TestCase("127.0.0.1.example:80", 403)]
    public async Task A_server_for_one_page_takes_requests_under_a_loopback_name(string host, int status)
    {
        await using var server = await EmbeddedCounterServer.StartAsync(ServerVariant.Correct, 0, null, default, Own);
        Assert.That(await SendAsync(server, "PUT", "/add", host: host), Is.EqualTo(status));
    }

    private static async Task<long> CountAsync(EmbeddedCounterServer server, CounterKey counter)
    {
        using var client = new HttpClient();
        return long.Parse(await client.GetStringAsync(new Uri(server.Url + counter.Prefix + "/count")));
    }

    /// <summary>A request as it stands, which no client makes another of; its status.</summary>
    private static async Task<int> SendAsync(EmbeddedCounterServer server, string method, string target, string? header = null,
        string host = "127.0.0.1")
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(server.Url).Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"{method} {target} HTTP/1.1\r\nHost: {(target.StartsWith('/') ? host : new Uri(target).Authority)}\r\nContent-Length: 0\r\nConnection: close\r\n{(header is null ? "" : header + "\r\n")}\r\n"));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return int.Parse((await reader.ReadToEndAsync()).Split(' ')[1]);
    }
}
