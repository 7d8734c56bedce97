using System.Net.Sockets;
using Conformance.CounterServer;
using Conformance.Engine.Servers;
using Conformance.Model.Counters;

namespace Conformance.Tests.Servers;

/// <summary>The counter server in a real container.</summary>
[TestFixture]
[NonParallelizable]
public sealed class ContainerTests
{
    [Test]
    public async Task Counts_on_the_loopback_address_and_is_gone_when_disposed()
    {
        var engine = await RequireEngineAsync();
        string id;
        await using (var server = await ContainerCounterServer.StartAsync(engine,
            Repository.Root, ServerVariant.Correct, 0, null, Engine.Waiting.Silent, default))
        {
            id = server.ContainerId;
            Assert.That(new Uri(server.Url).Host, Is.EqualTo("127.0.0.1"));
            var counter = new CounterKey("a test's");
            using var client = new HttpClient();
            using var put = await client.PutAsync(new Uri(server.Url + counter.Prefix + "/add"), null);
            var journal = (await server.TakeJournalAsync(counter, default))!;
            Assert.That((journal.Count, journal.Entries.Single().Method), Is.EqualTo((1L, "PUT")));
        }

        await RemovedAsync(engine, id);
    }

    [Test]
    public async Task Auto_takes_the_container_where_an_engine_answers()
    {
        await RequireEngineAsync();
        await using var server = await CounterServers.StartAsync(
            new ServerChoice("auto", ServerVariant.Article2022, 0, false, Repository.Root), default);
        Assert.That((server.Info.Hosting, server.Info.Variant), Is.EqualTo(("container", "article-2022")), server.Info.Why);
        Assert.That(server.Info.Why, Does.StartWith("a container engine answers"));
    }

    internal static async Task<ContainerEngine> RequireEngineAsync()
    {
        var engine = await ContainerEngine.FindAsync(default);
        if (engine is null) Requirement.Missing(Engine.Running.Requirements.Docker, "no container engine answers");
        return engine!;
    }

    /// <summary>Waits, by the engine's own wait, until a container is not there any more.</summary>
    internal static async Task RemovedAsync(ContainerEngine engine, string id)
    {
        using var client = Client(engine);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var wait = await client.PostAsync(new Uri($"http://engine/containers/{id}/wait?condition=removed"), null, limit.Token);
        _ = await wait.Content.ReadAsStringAsync(limit.Token);
        using var inspect = await client.GetAsync(new Uri($"http://engine/containers/{id}/json"), limit.Token);
        Assert.That((int)inspect.StatusCode, Is.EqualTo(404), "the container is still there");
    }

    /// <summary>The containers that a process has started.</summary>
    internal static async Task<string[]> OfAsync(ContainerEngine engine, int process)
    {
        using var client = Client(engine);
        using var list = System.Text.Json.JsonDocument.Parse(await client.GetStringAsync(
            new Uri($$"""http://engine/containers/json?filters={"label":["conformance.process={{process}}"]}""")));
        return [.. list.RootElement.EnumerateArray().Select(c => c.GetProperty("Id").GetString()!)];
    }

    internal static async Task KillAsync(ContainerEngine engine, string id)
    {
        using var client = Client(engine);
        using var kill = await client.PostAsync(new Uri($"http://engine/containers/{id}/kill"), null);
        kill.EnsureSuccessStatusCode();
    }

    private static HttpClient Client(ContainerEngine engine) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, token) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(engine.Address.LocalPath), token);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });
}
