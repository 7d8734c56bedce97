using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Conformance.Model;
using Conformance.Model.Counters;
using Microsoft.AspNetCore.Http.Features;

namespace Conformance.CounterServer;

/// <summary>
/// The counted HTTP server: <c>PUT|POST {prefix}/add</c>, <c>GET {prefix}/count</c>, <c>GET {prefix}/journal</c>, <c>POST
/// {prefix}/reset</c> (answers the journal it forgets; only with the <see cref="CounterKey"/>), <c>GET /health</c>, and <c>GET /lease</c>,
/// which stays open for as long as somebody needs the server. Every request to a counter is journalled; health, lease, journal and reset
/// are not, nor what is refused: a path that leads elsewhere than it says.
/// </summary>
public static class CounterApplication
{
    /// <param name="endpoint">Where to listen; port 0 takes a free one.</param>
    /// <param name="variant">Whose behaviour to reproduce.</param>
    /// <param name="idle">How long the server waits for its first lease; null makes it stay whether anybody holds one or not.</param>
    /// <param name="origin">Whose pages may use it, such as <c>http://127.0.0.1:8000</c>: then it takes requests under a loopback name
    /// only, too. Null: anybody's.</param>
    /// <param name="twin">Another network of this machine that it is reached from, too: see <see cref="ThreadedListener"/>.</param>
    public static WebApplication Build(IPEndPoint endpoint,
        ServerVariant variant, TimeSpan? idle = null, string? origin = null, Func<IPEndPoint, Socket?>? twin = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.WebHost.ListenAt(endpoint, twin);
        builder.Services.AddSingleton<CounterTable>();
        builder.Services.AddSingleton(services => new Leases(services.GetRequiredService<IHostApplicationLifetime>(), idle));
        var app = builder.Build();
        app.Services.GetRequiredService<Leases>();
        var counters = app.Services.GetRequiredService<CounterTable>();
        app.Run(context => Refusal(context, origin) is var (status, why)
            ? RefuseAsync(context, status, why) : HandleAsync(context, counters, variant));
        return app;
    }

    /// <summary>Why a request is refused before it is counted; null where it is not.</summary>
    private static (int Status, string Why)? Refusal(HttpContext context, string? origin)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!target.StartsWith('/')) return (StatusCodes.Status400BadRequest, "a request names a path, and no other server");
        var query = target.IndexOf('?', StringComparison.Ordinal);
        if ((query < 0 ? target : target[..query]).Split('/').Any(segment => Uri.UnescapeDataString(segment) is "." or ".."))
            return (StatusCodes.Status400BadRequest, "a path has no segment that is . or ..");
        if (origin is null) return null;
        if (!LoopbackHost.Is(context.Request.Host.Host)) return (StatusCodes.Status403Forbidden, "this server is asked by a loopback name");
        return context.Request.Headers.Origin is { Count: > 0 } from && from != origin
            ? (StatusCodes.Status403Forbidden, $"only pages of {origin} may ask") : null;
    }

    private static Task RefuseAsync(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        return WriteAsync(context, why);
    }

    private static Task HandleAsync(HttpContext context, CounterTable counters, ServerVariant variant)
    {
        var path = context.Request.Path.Value ?? "/";
        var slash = path.LastIndexOf('/');
        var (prefix, action) = slash < 0 ? ("", path) : (path[..slash], path[slash..]);
        return (prefix, action) switch
        {
            ("", "/health") => WriteAsync(context, "ok"),
            ("", "/lease") => context.RequestServices.GetRequiredService<Leases>().HoldAsync(context),
            (_, "/journal") when HttpMethods.IsGet(context.Request.Method) => WriteJsonAsync(context, counters.Read(prefix)),
            (_, "/reset") when HttpMethods.IsPost(context.Request.Method) => ResetAsync(context, counters, prefix),
            _ => CountAsync(context, counters.At(prefix), action, variant),
        };
    }

    /// <summary>Only for who has the counter's key: a guest knows its path.</summary>
    private static Task ResetAsync(HttpContext context, CounterTable counters, string prefix)
    {
        var key = context.Request.Headers[CounterKey.Header].ToString();
        if (new CounterKey(key).Prefix == prefix) return WriteJsonAsync(context, counters.Reset(prefix));
        return RefuseAsync(context, StatusCodes.Status403Forbidden,
            $"a counter is reset by who has its key, in the header {CounterKey.Header}");
    }

    private static Task CountAsync(HttpContext context, Counter counter, string action, ServerVariant variant)
    {
        var request = context.Request;
        var preflight = HttpMethods.IsOptions(request.Method)
            && request.Headers.ContainsKey("Origin") && request.Headers.ContainsKey("Access-Control-Request-Method");
        AllowOrigin(context, variant, preflight);
        var counts = action == "/add" && (variant == ServerVariant.Article2022 || IsIncrement(request.Method));
        var count = counter.Receive(request.Method, action, preflight, counts, DateTimeOffset.UtcNow);
        if (preflight)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }

        switch (action)
        {
            case "/add" when counts:
            case "/count" when HttpMethods.IsGet(request.Method):
                return WriteAsync(context, count.ToString(CultureInfo.InvariantCulture));
            case "/add" or "/count":
                context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
                context.Response.Headers.Allow = action == "/add" ? "PUT, POST" : "GET";
                return Task.CompletedTask;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
        }
    }

    /// <summary>Methods are case-sensitive, but native Go sends <c>put</c> as written and real servers take it.</summary>
    private static bool IsIncrement(string method) =>
        method.Equals("PUT", StringComparison.OrdinalIgnoreCase) || method.Equals("POST", StringComparison.OrdinalIgnoreCase);

    /// <seealso href="https://fetch.spec.whatwg.org/#http-cors-protocol"/>
    private static void AllowOrigin(HttpContext context, ServerVariant variant, bool preflight)
    {
        if (!context.Request.Headers.ContainsKey("Origin")) return;
        var headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = "*";
        if (!preflight) return;
        headers.AccessControlAllowMethods = "GET, PUT, POST";
        headers.AccessControlAllowHeaders = "*";
        headers.AccessControlMaxAge = variant == ServerVariant.Article2022 ? "0" : "600";
    }

    private static Task WriteAsync(HttpContext context, string text)
    {
        context.Response.ContentType = "text/plain";
        context.Response.ContentLength = text.Length;
        return context.Response.WriteAsync(text);
    }

    private static Task WriteJsonAsync(HttpContext context, Model.Counters.Journal journal)
    {
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, journal, ModelJson.Default.Journal, context.RequestAborted);
    }
}
