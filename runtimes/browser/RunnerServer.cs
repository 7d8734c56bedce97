using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Conformance.Runtimes.Browser;

/// <summary>
/// Serves the runner page, its scripts and the modules on the loopback address: a page that was routed or made of a data URL is refused
/// there, and streaming compilation wants <c>application/wasm</c>.
/// </summary>
internal sealed class RunnerServer : IAsyncDisposable
{
    private static readonly Dictionary<string, string> ContentTypes = new(StringComparer.Ordinal)
    {
        [".html"] = "text/html",
        [".js"] = "text/javascript",
        [".wasm"] = "application/wasm"
    };

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, string> _offered = new(StringComparer.Ordinal);

    private RunnerServer(WebApplication app) => _app = app;

    /// <summary>Where the page is, without a slash at the end.</summary>
    public string Url => _app.Urls.First();

    public static async Task<RunnerServer> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1));
        var server = new RunnerServer(builder.Build());
        server._app.Run(server.HandleAsync);
        await server._app.StartAsync().ConfigureAwait(false);
        return server;
    }

    /// <summary>Makes a file answer at <c>/files/{sha256}</c> and its own extension.</summary>
    public void Add(string sha256, string path) => _offered[$"/files/{sha256}{Path.GetExtension(path)}"] = path;

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "/";
        var web = Path.Combine(AppContext.BaseDirectory, "web");
        if (!_offered.TryGetValue(path, out var file))
        {
            file = Path.GetFullPath(Path.Combine(web, path == "/" ? "runner.html" : path.TrimStart('/')));
            if (!file.StartsWith(web + Path.DirectorySeparatorChar, StringComparison.Ordinal)) return RefuseAsync(context);
        }

        return File.Exists(file) && ContentTypes.TryGetValue(Path.GetExtension(file), out var type)
            ? SendAsync(context, file, type)
            : RefuseAsync(context);
    }

    private static Task SendAsync(HttpContext context, string file, string type)
    {
        context.Response.ContentType = type;
        // Nothing here changes under its name while the worker lives, and each cell's thread asks for all scripts.
        context.Response.Headers.CacheControl = "max-age=86400, immutable";
        return context.Response.SendFileAsync(file);
    }

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
