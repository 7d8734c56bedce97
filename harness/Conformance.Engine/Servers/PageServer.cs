using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Conformance.CounterServer;
using Conformance.Machine;
using Conformance.Model.Counters;
using Conformance.Model.Modules;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.FileProviders;

namespace Conformance.Engine.Servers;

/// <summary>
/// Serves the pages of modules that live in one, on the loopback address: to a browser that is a runtime as to a person's. A module's page
/// is below its id, with <c>module.wasm</c> and the loader beside the page's own files.
/// </summary>
public sealed class PageServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PageServer(WebApplication app) => _app = app;

    /// <param name="modules">Those that have a page are served.</param>
    /// <param name="port">0 takes a free one.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ConformanceException">The port is taken.</exception>
    public static async Task<PageServer> StartAsync(IEnumerable<ModuleManifest> modules, int port, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ListenAt(new IPEndPoint(IPAddress.Loopback, port), LoopbackNetwork.Bind);
        var app = builder.Build();
        // A page elsewhere, whose name was made to mean this machine, is not shown what is here.
        app.Use((context, next) =>
        {
            if (LoopbackHost.Is(context.Request.Host.Host)) return next(context);
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        });
        foreach (var module in modules.Where(m => m.Page is not null)) Serve(app, module, module.Page!);
        app.Run(context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        try
        {
            await app.StartAsync(cancellation).ConfigureAwait(false);
            return new PageServer(app);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw new PortException(Listener.Page, port, e);
        }
    }

    /// <summary>Whose pages they are, for who lets in only those.</summary>
    public string Origin => _app.Urls.First();

    /// <summary>A module's page, with an environment for its guest.</summary>
    public string Link(ModuleManifest module, ImmutableSortedDictionary<string, string> environment) =>
        $"{Origin}/{module.Id}/{QueryString.Create(environment.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)))}";

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private static void Serve(WebApplication app, ModuleManifest module, ModulePage page)
    {
        var root = $"/{module.Id}";
        // Read when the plan was made, and by their hash: what is served is what the manifest describes.
        Send(app, $"{root}/module.wasm", module.WasmPath, "application/wasm");
        Send(app, $"{root}/{Path.GetFileName(page.LoaderPath)}", page.LoaderPath, "text/javascript");
        var files = new PhysicalFileProvider(page.Folder);
        app.UseDefaultFiles(new DefaultFilesOptions { RequestPath = root, FileProvider = files });
        app.UseStaticFiles(new StaticFileOptions { RequestPath = root, FileProvider = files });
    }

    private static void Send(WebApplication app, string path, string file, string type) => app.Use((context, next) =>
    {
        if (context.Request.Path != path) return next(context);
        context.Response.ContentType = type;
        return context.Response.SendFileAsync(file);
    });
}
