using System.Net;
using System.Net.Sockets;

namespace Conformance.Machine;

/// <summary>
/// The way from the <see cref="LoopbackNetwork"/> to a server on this machine that is not in it, such as one in a container: what connects
/// to the server's port there is connected to the server. It stays for as long as this process does, for nobody knows who uses it last.
/// </summary>
public static class LoopbackRelay
{
    private const int Buffer = 16 * 1024;

    private static readonly Lock Opening = new();

    private static readonly HashSet<string> Open = new(StringComparer.Ordinal);

    /// <summary>Sees to it that a server can be reached from there.</summary>
    /// <param name="server">Its URL, on the loopback address; a server that listens there itself is left alone.</param>
    public static void Reach(Uri server)
    {
        if (LoopbackNetwork.Absence is not null || !server.IsLoopback) return;
        lock (Opening)
        {
            if (Open.Contains(server.Authority)) return;
            var address = IPAddress.TryParse(server.DnsSafeHost, out var literal) ? literal : IPAddress.Loopback;
            // Where it is taken, the server listens there itself; when that has ended, its port may be another's, who does not.
            if (LoopbackNetwork.Bind(new IPEndPoint(address, server.Port)) is not { } socket) return;
            _ = ServeAsync(socket, new DnsEndPoint(server.DnsSafeHost, server.Port));
            Open.Add(server.Authority);
        }
    }

    private static async Task ServeAsync(Socket listening, DnsEndPoint server)
    {
        listening.Listen();
        while (true)
        {
            try
            {
                _ = RelayAsync(await listening.AcceptAsync().ConfigureAwait(false), server);
            }
            catch (SocketException)
            {
                // Who hung up before, or no descriptors: those who wait are not lost by it.
                await Task.Delay(TimeSpan.FromMilliseconds(10)).ConfigureAwait(false);
            }
        }
    }

    private static async Task RelayAsync(Socket client, DnsEndPoint server)
    {
        using var outer = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            try
            {
                client.NoDelay = outer.NoDelay = true;
                await outer.ConnectAsync(server).ConfigureAwait(false);
                await Task.WhenAll(CopyAsync(client, outer), CopyAsync(outer, client)).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // As a server does that has gone.
                client.Close(0);
            }
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[Buffer];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer).ConfigureAwait(false)) > 0)
            {
                for (var sent = 0; sent < read;) sent += await to.SendAsync(buffer.AsMemory(sent, read - sent)).ConfigureAwait(false);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The other direction has nobody to talk to any more.
            from.Close(0);
            to.Close(0);
        }
    }
}
