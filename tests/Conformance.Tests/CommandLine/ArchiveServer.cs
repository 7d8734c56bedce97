using System.Collections.Concurrent;
using System.Net;

namespace Conformance.Tests.CommandLine;

/// <summary>
/// A releases' host on the loopback address: it serves bytes by path, parts of them where it is asked for parts, and goes wrong where a
/// test says so.
/// </summary>
internal sealed class ArchiveServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentDictionary<string, byte[]> _served = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(string Path, string? Range)> _requests = new();
    private readonly ConcurrentDictionary<string, int> _cuts = new(StringComparer.Ordinal);

    public ArchiveServer()
    {
        Url = $"http://127.0.0.1:{FreePort()}/";
        _listener.Prefixes.Add(Url);
        _listener.Start();
        _ = AnswerAsync();
    }

    public string Url { get; }

    /// <summary>Whether parts are served, or always all.</summary>
    public bool KnowsRanges { get; set; } = true;

    /// <summary>No answer begins before this has ended.</summary>
    public Task Opening { get; set; } = Task.CompletedTask;

    /// <summary>Set when an answer has stopped in its middle, to stay so.</summary>
    public TaskCompletionSource Stalled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was asked for, and which part of it.</summary>
    public IReadOnlyList<(string Path, string? Range)> Requests => [.. _requests];

    /// <param name="path">Without a slash before it.</param>
    /// <param name="bytes">What is there.</param>
    /// <param name="cuts">How many answers end in their middle; -1: they stop there and never end.</param>
    public void Serve(string path, byte[] bytes, int cuts = 0) => (_served[path], _cuts[path]) = (bytes, cuts);

    public void Dispose() => _listener.Close();

    public static int FreePort()
    {
        using var socket = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    private async Task AnswerAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            _ = Task.Run(() => AnswerAsync(context));
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var path = context.Request.Url!.AbsolutePath[1..];
        var range = context.Request.Headers["Range"];
        _requests.Enqueue((path, range));
        var response = context.Response;
        await Opening;
        if (!_served.TryGetValue(path, out var bytes))
        {
            response.StatusCode = 404;
            response.Close();
            return;
        }

        var from = KnowsRanges && range is not null ? int.Parse(range["bytes=".Length..^1],
            System.Globalization.CultureInfo.InvariantCulture) : 0;
        if (from >= bytes.Length)
        {
            response.StatusCode = 416;
            response.Close();
            return;
        }

        if (from > 0)
        {
            response.StatusCode = 206;
            response.Headers["Content-Range"] = $"bytes {from}-{bytes.Length - 1}/{bytes.Length}";
        }

        var rest = bytes[from..];
        response.ContentLength64 = rest.Length;
        var cuts = _cuts[path];
        _cuts[path] = Math.Max(cuts - 1, Math.Min(cuts, 0));
        if (cuts == 0)
        {
            response.Close(rest, willBlock: false);
            return;
        }

        await response.OutputStream.WriteAsync(rest.AsMemory(0, rest.Length / 2));
        await response.OutputStream.FlushAsync();
        if (cuts < 0) Stalled.TrySetResult();
        else response.Abort();
    }
}
