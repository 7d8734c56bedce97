using Conformance.CounterServer;
using Conformance.Model.Counters;
using Conformance.Model.Reports;

namespace Conformance.Engine.Servers;

/// <summary>How the counter server is to be hosted.</summary>
/// <param name="Hosting"><c>auto</c>, <c>container</c>, <c>embedded</c>, or the http URL of somebody else's.</param>
/// <param name="Variant">Whose behaviour to reproduce.</param>
/// <param name="Port">0 takes a free one.</param>
/// <param name="RequireContainer">True makes a missing container engine an error.</param>
/// <param name="Repository">Where the counter server's source is, for its image.</param>
public sealed record ServerChoice(string Hosting, ServerVariant Variant, int Port, bool RequireContainer, string Repository)
{
    /// <summary>Whose pages may use it, such as <c>http://127.0.0.1:8000</c>; null: anybody's.</summary>
    public string? Origin { get; init; }

    /// <summary>How the container engine is waited for.</summary>
    public Waiting Waiting { get; init; } = Waiting.Silent;
}

/// <summary>Starts the counter server that was chosen.</summary>
public static class CounterServers
{
    /// <exception cref="ConformanceException">It can't be started.</exception>
    public static async Task<ICounterServer> StartAsync(ServerChoice choice, CancellationToken cancellation)
    {
        switch (choice.Hosting)
        {
            case "embedded" when choice.RequireContainer:
                throw new ContainerRefusedException();
            case "embedded":
                return await EmbeddedCounterServer.StartAsync(choice.Variant, choice.Port, "asked for", cancellation, choice.Origin)
                    .ConfigureAwait(false);
            case "container" or "auto":
                return await StartContainerAsync(choice, cancellation).ConfigureAwait(false);
            case var address when Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Scheme is "http" or "https":
                return await RemoteCounterServer.ConnectAsync(url,
                    new ServerInfo("url", choice.Variant.Name(), "asked for", null), TimeSpan.Zero, cancellation).ConfigureAwait(false);
            default:
                throw new UnknownHostingException(choice.Hosting);
        }
    }

    private static async Task<ICounterServer> StartContainerAsync(ServerChoice choice, CancellationToken cancellation)
    {
        var must = choice.RequireContainer || choice.Hosting == "container";
        var engine = await ContainerEngine.FindAsync(cancellation).ConfigureAwait(false);
        if (engine is null)
        {
            if (must) throw new NoContainerEngineException();
            return await EmbeddedCounterServer.StartAsync(choice.Variant, choice.Port, "no container engine answers", cancellation, choice.Origin)
                .ConfigureAwait(false);
        }

        try
        {
            var why = choice.Hosting == "container" ? "asked for" : $"a container engine answers at {engine.Address.OriginalString}";
            return await ContainerCounterServer.StartAsync(engine,
                choice.Repository, choice.Variant, choice.Port, why, choice.Waiting, cancellation, choice.Origin).ConfigureAwait(false);
        }
        catch (ConformanceException e) when (!must)
        {
            return await EmbeddedCounterServer.StartAsync(choice.Variant, choice.Port, e.Message, cancellation, choice.Origin)
                .ConfigureAwait(false);
        }
    }
}
