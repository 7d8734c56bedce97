using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Conformance.Runtimes.Hosting;

/// <summary>
/// Asks the counter server for host functions, on a connection that is kept. A guest's thread waits for each answer in the system itself.
/// </summary>
internal static class CounterClient
{
    // Who invokes has its own time: no timer is set for each request.
    private static readonly HttpMessageInvoker Invoker = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        ConnectCallback = (context, cancellation) => ConnectAsync(context.DnsEndPoint, cancellation),
    });

    /// <summary>Sends a request without a body.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="url">Where to.</param>
    /// <param name="most">How much of the answer is wanted, in bytes; the rest is read and forgotten.</param>
    /// <returns>The status, and the answer's text.</returns>
    /// <exception cref="HttpRequestException">The server could not be reached, or gave no answer of HTTP.</exception>
    /// <exception cref="IOException">The answer ended too early.</exception>
    public static (int Status, string Body) Send(string method, string url, int most)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), url);
        using var response = Invoker.Send(request, CancellationToken.None);
        using var body = response.Content.ReadAsStream();
        Span<byte> bytes = stackalloc byte[most];
        var kept = 0;
        for (int read; kept < most && (read = body.Read(bytes[kept..])) > 0;) kept += read;
        // A connection is used again when its answer was read.
        if (kept == most) body.CopyTo(Stream.Null);
        return ((int)response.StatusCode, Encoding.UTF8.GetString(bytes[..kept]));
    }

    private static ValueTask<Stream> ConnectAsync(DnsEndPoint server, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using (cancellation.UnsafeRegister(its => ((Socket)its!).Dispose(), socket)) socket.Connect(server);
            return ValueTask.FromResult<Stream>(new WaitingStream(socket));
        }
        catch (Exception e)
        {
            socket.Dispose();
            throw cancellation.IsCancellationRequested ? new OperationCanceledException(null, e, cancellation) : e;
        }
    }

    /// <summary>
    /// A socket that is never used asynchronously: one that once was is waited for by the thread that watches all sockets, and handed on by
    /// the pool, whoever waits. The handler looks after idle connections by reading them so.
    /// </summary>
    private sealed class WaitingStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            buffer.IsEmpty ? ValueTask.FromResult(0) : new ValueTask<int>(Task.Run(() => Read(buffer.Span), cancellationToken));

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }
    }
}
