using System.IO.Pipes;
using System.Net.Sockets;

namespace Conformance.Engine.Servers;

/// <summary>
/// A container engine that answers, found without Testcontainers, whose settings must stand before its first type is touched.
/// </summary>
/// <param name="Address">As <c>DOCKER_HOST</c> has it.</param>
/// <param name="ApiVersion">The newest API version that it speaks.</param>
public sealed record ContainerEngine(Uri Address, string ApiVersion)
{
    /// <summary>Long for a local socket, short for a person.</summary>
    private static readonly TimeSpan PingLimit = TimeSpan.FromSeconds(3);

    /// <summary>The engine of this machine, or null where none answers.</summary>
    public static async Task<ContainerEngine?> FindAsync(CancellationToken cancellation)
    {
        foreach (var address in Addresses())
        {
            if (await PingAsync(address, cancellation).ConfigureAwait(false) is { } version) return new ContainerEngine(address, version);
        }

        return null;
    }

    private static IEnumerable<Uri> Addresses()
    {
        if (Environment.GetEnvironmentVariable("DOCKER_HOST") is { Length: > 0 } host)
        {
            if (Uri.TryCreate(host, UriKind.Absolute, out var address)) yield return address;
            yield break;
        }

        if (OperatingSystem.IsWindows())
        {
            yield return new Uri("npipe://./pipe/docker_engine");
            yield break;
        }

        string?[] sockets =
        [
            "/var/run/docker.sock",
            Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } run ? Path.Combine(run, "docker.sock") : null,
            Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker/run/docker.sock"),
        ];
        foreach (var socket in sockets.OfType<string>().Where(File.Exists)) yield return new Uri($"unix://{socket}");
    }

    private static async Task<string?> PingAsync(Uri address, CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        if (address.Scheme is "unix" or "npipe") handler.ConnectCallback = (_, token) => ConnectAsync(address, token);
        using var client = new HttpClient(handler) { Timeout = PingLimit };
        try
        {
            var url = address.Scheme is "unix" or "npipe" ? "http://engine/_ping" : $"http://{address.Authority}/_ping";
            using var response = await client.GetAsync(new Uri(url), cancellation).ConfigureAwait(false);
            return response.IsSuccessStatusCode && response.Headers.TryGetValues("Api-Version", out var versions) ? versions.First() : null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException
            && !cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async ValueTask<Stream> ConnectAsync(Uri address, CancellationToken cancellation)
    {
        if (address.Scheme == "npipe")
        {
            var pipe = new NamedPipeClientStream(".", Path.GetFileName(address.AbsolutePath),
                PipeDirection.InOut, PipeOptions.Asynchronous);
            await pipe.ConnectAsync(cancellation).ConfigureAwait(false);
            return pipe;
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(address.LocalPath), cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
