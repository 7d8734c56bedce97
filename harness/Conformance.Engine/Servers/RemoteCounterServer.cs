using System.Net.Http.Json;
using Conformance.Model;
using Conformance.Model.Counters;
using Conformance.Model.Reports;

namespace Conformance.Engine.Servers;

/// <summary>A counter server reached over HTTP: somebody else's, or the one in a container.</summary>
public sealed class RemoteCounterServer : ICounterServer
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };

    private RemoteCounterServer(string url, ServerInfo info)
    {
        Url = url;
        Info = info;
    }

    /// <inheritdoc/>
    public ServerInfo Info { get; }

    /// <inheritdoc/>
    public string Url { get; }

    /// <exception cref="ConformanceException">Nothing healthy answers there.</exception>
    public static async Task<RemoteCounterServer> ConnectAsync(Uri url, ServerInfo info, CancellationToken cancellation)
    {
        var server = new RemoteCounterServer(url.AbsoluteUri.TrimEnd('/'), info);
        try
        {
            using var response = await server._client.GetAsync(new Uri(server.Url + "/health"), cancellation).ConfigureAwait(false);
            response.EnsureSuccessStatusCode();
            return server;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw new EnvironmentException($"no counter server answers at {server.Url}/health: {e.Message}", e);
        }
    }

    /// <summary>Holds the server's lease until cancelled or lost: a server with an idle time lives as long as somebody does.</summary>
    public async Task HoldLeaseAsync(TaskCompletionSource held, CancellationToken cancellation)
    {
        try
        {
            using var lease = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
            await using var stream = await lease.GetStreamAsync(new Uri(Url + "/lease"), cancellation).ConfigureAwait(false);
            held.TrySetResult();
            _ = await stream.ReadAsync(new byte[1], cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // The server has gone, or nobody needs it any more; a cell that still does says so itself.
            held.TrySetResult();
        }
    }

    /// <inheritdoc/>
    public async Task<Journal> TakeJournalAsync(string prefix, CancellationToken cancellation)
    {
        using var response = await _client.PostAsync(new Uri(Url + prefix + "/reset"), null, cancellation).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync(ModelJson.Default.Journal, cancellation).ConfigureAwait(false) ?? Journal.Empty;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
