using System.Net;
using System.Net.Sockets;
using Conformance.CounterServer;
using Conformance.Machine;
using Conformance.Model.Counters;
using Conformance.Model.Reports;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Conformance.Engine.Servers;

/// <summary>The counter server inside the harness's own process.</summary>
public sealed class EmbeddedCounterServer : ICounterServer
{
    private readonly WebApplication _app;
    private readonly CounterTable _counters;

    private EmbeddedCounterServer(WebApplication app, ServerInfo info)
    {
        _app = app;
        _counters = app.Services.GetRequiredService<CounterTable>();
        Info = info;
        Url = app.Urls.First();
    }

    /// <inheritdoc/>
    public ServerInfo Info { get; }

    /// <inheritdoc/>
    public string Url { get; }

    /// <param name="variant">Whose behaviour to reproduce.</param>
    /// <param name="port">0 takes a free one.</param>
    /// <param name="why">Why this hosting was chosen, for the report.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="origin">Whose pages may use it; null: anybody's.</param>
    /// <exception cref="ConformanceException">The port is taken.</exception>
    public static async Task<EmbeddedCounterServer> StartAsync(
        ServerVariant variant, int port, string? why, CancellationToken cancellation, string? origin = null)
    {
        WebApplication? app = null;
        try
        {
            app = CounterApplication.Build(new IPEndPoint(IPAddress.Loopback, port), variant, origin: origin, twin: LoopbackNetwork.Bind);
            await app.StartAsync(cancellation).ConfigureAwait(false);
            // A loopback device that is down lets a server listen, and nobody reach it.
            using (var client = new TcpClient())
                await client.ConnectAsync(IPAddress.Loopback, new Uri(app.Urls.First()).Port, cancellation).ConfigureAwait(false);
            return new EmbeddedCounterServer(app, new ServerInfo("embedded", variant.Name(), why, null));
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            if (app is not null) await app.DisposeAsync().ConfigureAwait(false);
            throw new PortException(Listener.CounterServer, port, e);
        }
    }

    /// <inheritdoc/>
    public Task<Journal?> TakeJournalAsync(CounterKey counter, CancellationToken cancellation) =>
        Task.FromResult<Journal?>(Take(counter.Prefix));

    /// <summary>Takes all that a counter knows, by its path: who hosts the server needs no key.</summary>
    internal Journal Take(string prefix) => _counters.Reset(prefix);

    /// <inheritdoc/>
    public Task<string?> RestoreAsync(int restarts, CancellationToken cancellation) => Task.FromResult<string?>(null);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }
}
