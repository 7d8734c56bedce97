using System.Net.Http.Json;
using Conformance.CounterServer;
using Conformance.Engine.Servers;
using Conformance.Model;
using Conformance.Model.Counters;
using Microsoft.Extensions.Hosting;

namespace Conformance.Tests.Servers;

[TestFixture]
public sealed class CounterServerTests
{
    private static readonly HttpClient Client = new();

    private static readonly CounterKey Counter = new("a test's");

    [Test]
    public async Task Put_and_post_increment_and_get_reads()
    {
        await using var server = await StartAsync(ServerVariant.Correct);
        await SendAsync(server, "PUT", "/a/add");
        await SendAsync(server, "POST", "/a/add");
        Assert.That(await SendAsync(server, "GET", "/a/count"), Is.EqualTo("2"));
    }

    [Test]
    public async Task Counters_of_different_prefixes_do_not_meet()
    {
        await using var server = await StartAsync(ServerVariant.Correct);
        await SendAsync(server, "PUT", "/a/b/add");
        await SendAsync(server, "PUT", "/add");
        Assert.That((await SendAsync(server, "GET", "/a/b/count"),
            await SendAsync(server, "GET", "/count"), await SendAsync(server, "GET", "/a/count")), Is.EqualTo(("1", "1", "0")));
    }

    [Test]
    public async Task The_journal_has_methods_as_received_in_order()
    {
        await using var server = await StartAsync(ServerVariant.Correct);
        await RawAsync(server, "put /j/add HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        await SendAsync(server, "GET", "/j/count");
        await SendAsync(server, "DELETE", "/j/add", ok: false);
        var journal = (await Client.GetFromJsonAsync(new Uri(server.Url + "/j/journal"), ModelJson.Default.Journal))!;
        Assert.That(journal.Entries.Select(e => (e.Order, e.Method, e.Path, e.Counted)),
            Is.EqualTo(new[] { (1, "put", "/add", true), (2, "GET", "/count", false), (3, "DELETE", "/add", false) }));
        Assert.That(journal.Count, Is.EqualTo(1));
    }

    [Test]
    public async Task Reset_gives_the_journal_and_forgets_it()
    {
        await using var server = await StartAsync(ServerVariant.Correct);
        await SendAsync(server, "PUT", $"{Counter.Prefix}/add");
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Url + Counter.Prefix + "/reset");
        request.Headers.Add(CounterKey.Header, Counter.Value);
        using var reset = await Client.SendAsync(request);
        Assert.That((await reset.Content.ReadFromJsonAsync(ModelJson.Default.Journal))!.Count, Is.EqualTo(1));
        Assert.That(await SendAsync(server, "GET", $"{Counter.Prefix}/count"), Is.EqualTo("0"));
    }

    [TestCase(ServerVariant.Correct, 0)]
    [TestCase(ServerVariant.Article2022, 1)]
    public async Task A_preflight_is_journalled_apart_and_counts_on_the_articles_server_only(ServerVariant variant, int counted)
    {
        await using var server = await StartAsync(variant);
        using var preflight = new HttpRequestMessage(HttpMethod.Options, server.Url + Counter.Prefix + "/add");
        preflight.Headers.Add("Origin", "http://127.0.0.1:1");
        preflight.Headers.Add("Access-Control-Request-Method", "PUT");
        using var answer = await Client.SendAsync(preflight);
        var journal = (await server.TakeJournalAsync(Counter, default))!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.Headers.GetValues("Access-Control-Allow-Origin"), Is.EqualTo(new[] { "*" }));
            Assert.That(answer.Headers.GetValues("Access-Control-Allow-Methods").Single(), Does.Contain("PUT"));
            Assert.That((journal.Count, journal.Entries.Single().Preflight), Is.EqualTo(((long)counted, true)));
            Assert.That((journal.Summarise().Preflights, journal.Summarise().CountedPreflights), Is.EqualTo((1, counted)));
        }
    }

    [Test]
    public async Task The_articles_server_counts_any_method()
    {
        await using var server = await StartAsync(ServerVariant.Article2022);
        foreach (var method in new[] { "PUT", "GET", "DELETE", "PATCH" }) await SendAsync(server, method, "/m/add");
        Assert.That(await SendAsync(server, "GET", "/m/count"), Is.EqualTo("4"));
    }

    [Test]
    public async Task Concurrent_increments_are_all_counted_and_each_sees_its_own()
    {
        await using var server = await StartAsync(ServerVariant.Correct);
        var seen = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Task.Run(() => SendAsync(server, "PUT", $"{Counter.Prefix}/add"))));
        Assert.That(seen.Select(int.Parse).Order(), Is.EqualTo(Enumerable.Range(1, 500)));
        var journal = (await server.TakeJournalAsync(Counter, default))!;
        Assert.That((journal.Count, journal.Entries.Select(e => e.Order)), Is.EqualTo((500L, Enumerable.Range(1, 500))));
    }

    [Test]
    public async Task A_busy_port_is_one_clear_error()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;
        var error = (await Assert.ThrowsAsync<Engine.PortException>(
            () => EmbeddedCounterServer.StartAsync(ServerVariant.Correct, port, null, default)))!;
        Assert.That((error.Listener, error.Message), Is.EqualTo((Engine.Listener.CounterServer,
            $"the counter server can't listen on 127.0.0.1:{port}: {error.InnerException!.InnerException!.Message}")));
    }

    [Test]
    public async Task A_server_whose_last_lease_is_lost_stops_by_itself()
    {
        await using var app = CounterApplication.Build(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0),
            ServerVariant.Correct, idle: TimeSpan.FromSeconds(30));
        await app.StartAsync();
        var stopped = app.WaitForShutdownAsync();
        using (var lease = await Client.GetStreamAsync(new Uri(app.Urls.First() + "/lease"))) Assert.That(stopped.IsCompleted, Is.False);
        await stopped.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Test]
    public async Task A_server_that_nobody_leases_stops_by_itself()
    {
        await using var app = CounterApplication.Build(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0),
            ServerVariant.Correct, idle: TimeSpan.FromMilliseconds(100));
        await app.RunAsync().WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Test]
    public async Task Somebody_elses_server_is_used_by_its_url()
    {
        await using var theirs = await StartAsync(ServerVariant.Correct);
        var choice = new ServerChoice(theirs.Url, ServerVariant.Correct, 0, false, Repository.Root);
        await using var server = await CounterServers.StartAsync(choice, default);
        await SendAsync(theirs, "PUT", $"{Counter.Prefix}/add");
        Assert.That((server.Info.Hosting, (await server.TakeJournalAsync(Counter, default))!.Count), Is.EqualTo(("url", 1L)));
    }

    [Test]
    public void A_url_where_nobody_answers_is_an_environment_error()
    {
        var choice = new ServerChoice("http://127.0.0.1:9", ServerVariant.Correct, 0, false, Repository.Root);
        Assert.That(
            async () => await CounterServers.StartAsync(choice, default),
            Throws.TypeOf<Engine.EnvironmentException>().With.Message.Contains("no counter server answers at http://127.0.0.1:9/health"));
    }

    private static Task<EmbeddedCounterServer> StartAsync(ServerVariant variant) =>
        EmbeddedCounterServer.StartAsync(variant, 0, null, default);

    private static async Task<string> SendAsync(ICounterServer server, string method, string path, bool ok = true)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), server.Url + path);
        using var response = await Client.SendAsync(request);
        if (ok) response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>What HttpClient would not send as it is written.</summary>
    private static async Task RawAsync(ICounterServer server, string request)
    {
        var url = new Uri(server.Url);
        using var tcp = new System.Net.Sockets.TcpClient(url.Host, url.Port);
        await tcp.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(request));
        Assert.That(await new StreamReader(tcp.GetStream()).ReadLineAsync(), Is.EqualTo("HTTP/1.1 200 OK"));
    }
}
