using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Conformance.CounterServer;
using Conformance.Model;
using Conformance.Model.Counters;
using Conformance.Model.Reports;

namespace Conformance.Engine.Servers;

/// <summary>A counter server reached over HTTP: somebody else's, or the one in a container.</summary>
public sealed class RemoteCounterServer : ICounterServer
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(20);

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

    /// <param name="url">Where it is.</param>
    /// <param name="info">For the report.</param>
    /// <param name="limit">For how long it is asked again: one that has just been started needs a moment. Zero: it is asked once.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ConformanceException">Nothing healthy answers there.</exception>
    public static async Task<RemoteCounterServer> ConnectAsync(Uri url, ServerInfo info, TimeSpan limit, CancellationToken cancellation)
    {
        var server = new RemoteCounterServer(url.AbsoluteUri.TrimEnd('/'), info);
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await server.AskHealthAsync(cancellation).ConfigureAwait(false);
                return server;
            }
            catch (Exception e) when (IsSilence(e) && !cancellation.IsCancellationRequested)
            {
                if (Stopwatch.GetElapsedTime(started) < limit)
                {
                    await Task.Delay(AskAgain, cancellation).ConfigureAwait(false);
                    continue;
                }

                await server.DisposeAsync().ConfigureAwait(false);
                throw new EnvironmentException($"no counter server answers at {server.Url}/health: {e.Message}", e);
            }
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
    public async Task<Journal?> TakeJournalAsync(CounterKey counter, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Url + counter.Prefix + "/reset"));
            request.Headers.Add(CounterKey.Header, counter.Value);
            using var response = await _client.SendAsync(request, cancellation).ConfigureAwait(false);
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadFromJsonAsync(ModelJson.Default.Journal, cancellation).ConfigureAwait(false) ?? Journal.Empty;
        }
        catch (Exception e) when (IsSilence(e) && !cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<string?> RestoreAsync(int restarts, CancellationToken cancellation)
    {
        try
        {
            await AskHealthAsync(cancellation).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (IsSilence(e) && !cancellation.IsCancellationRequested)
        {
            return $"the counter server at {Url} does not answer any more: {e.Message}";
        }
    }

    private static bool IsSilence(Exception e) => e is HttpRequestException or IOException or OperationCanceledException or JsonException;

    private async Task AskHealthAsync(CancellationToken cancellation)
    {
        using var response = await _client.GetAsync(new Uri(Url + "/health"), cancellation).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
