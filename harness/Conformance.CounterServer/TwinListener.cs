using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Conformance.CounterServer;

/// <summary>Lets a server listen at an address, and at the same address and port of another network of this machine.</summary>
public static class TwinListener
{
    /// <param name="host">Whose server.</param>
    /// <param name="endpoint">Where to listen; port 0 takes a free one.</param>
    /// <param name="twin">Given where it listens, gives the other network's socket, bound to the same; null where there is none.</param>
    /// <exception cref="IOException">With a twin: the address can't be listened at, as Kestrel itself says it.</exception>
    public static void ListenAt(this IWebHostBuilder host, IPEndPoint endpoint, Func<IPEndPoint, Socket?>? twin)
    {
        Socket? second = null;
        // Kestrel binds one after the other, and by their endpoints: the twin's is known by being this one.
        var other = new IPEndPoint(endpoint.Address, 0);
        if (twin is not null)
        {
            var first = Bind(endpoint);
            second = twin((IPEndPoint)first.LocalEndPoint!);
            host.UseSockets(sockets => sockets.CreateBoundListenSocket = asked => ReferenceEquals(asked, other) ? second! : first);
        }

        host.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(endpoint, listen => listen.Protocols = HttpProtocols.Http1);
            if (second is not null) kestrel.Listen(other, listen => listen.Protocols = HttpProtocols.Http1);
        });
    }

    private static Socket Bind(IPEndPoint endpoint)
    {
        try
        {
            return SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        }
        catch (SocketException e)
        {
            throw new IOException($"{endpoint} can't be listened at: {e.Message}", e);
        }
    }
}
