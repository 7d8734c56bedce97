using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Conformance.CounterServer;

/// <summary>
/// Kestrel's connections with a thread for each, which waits for a request in the system itself and answers it: requests of guests are
/// short, and come one after another, and handing each on, from the thread that waits for all sockets to the pool, costs more than
/// answering it. It can listen at the same address and port of another network of this machine, too.
/// </summary>
/// <seealso href="https://learn.microsoft.com/dotnet/api/microsoft.aspnetcore.connections.iconnectionlistenerfactory"/>
public static class ThreadedListener
{
    private const int Backlog = 512;

    /// <param name="host">Whose server.</param>
    /// <param name="endpoint">Where to listen; port 0 takes a free one. An address that is taken is an <see cref="IOException"/> when the
    /// server is started.</param>
    /// <param name="twin">Given where it listens, gives the other network's socket, bound to the same; null where there is none.</param>
    public static void ListenAt(this IWebHostBuilder host, IPEndPoint endpoint, Func<IPEndPoint, Socket?>? twin)
    {
        host.ConfigureServices(services => services.AddSingleton<IConnectionListenerFactory>(new Factory(twin)));
        host.ConfigureKestrel(kestrel => kestrel.Listen(endpoint, listen => listen.Protocols = HttpProtocols.Http1));
    }

    private sealed class Factory(Func<IPEndPoint, Socket?>? twin) : IConnectionListenerFactory
    {
        public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
        {
            var first = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            Socket? second = null;
            try
            {
                first.Bind(endpoint);
                first.Listen(Backlog);
                second = twin?.Invoke((IPEndPoint)first.LocalEndPoint!);
                second?.Listen(Backlog);
            }
            catch (SocketException e)
            {
                first.Dispose();
                second?.Dispose();
                throw new IOException($"{endpoint} can't be listened at: {e.Message}", e);
            }

            return ValueTask.FromResult<IConnectionListener>(new Listener(second is null ? [first] : [first, second]));
        }
    }

    private sealed class Listener : IConnectionListener
    {
        private readonly Socket[] _sockets;
        private readonly Channel<ConnectionContext> _accepted = Channel.CreateUnbounded<ConnectionContext>();

        public Listener(Socket[] sockets)
        {
            _sockets = sockets;
            EndPoint = sockets[0].LocalEndPoint!;
            foreach (var socket in sockets) _ = AcceptFromAsync(socket);
        }

        public EndPoint EndPoint { get; }

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await _accepted.Reader.WaitToReadAsync(cancellationToken) && _accepted.Reader.TryRead(out var connection) ? connection : null;

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            _accepted.Writer.TryComplete();
            foreach (var socket in _sockets) socket.Dispose();
            return ValueTask.CompletedTask;
        }

        public async ValueTask DisposeAsync()
        {
            await UnbindAsync();
            // Those that came too late.
            while (_accepted.Reader.TryRead(out var connection)) await connection.DisposeAsync();
        }

        private async Task AcceptFromAsync(Socket listening)
        {
            while (true)
            {
                try
                {
                    var connection = new ThreadedConnection(await listening.AcceptAsync());
                    if (!_accepted.Writer.TryWrite(connection)) await connection.DisposeAsync();
                }
                catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
                {
                    return;
                }
                catch (SocketException)
                {
                    // Who hung up before, or no descriptors: those who wait are not lost by it.
                    await Task.Delay(TimeSpan.FromMilliseconds(10));
                }
            }
        }
    }
}
