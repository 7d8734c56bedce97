using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Conformance.Machine;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;
using Conformance.Protocol;
using Conformance.Runtimes.Browser;
using Conformance.Runtimes.Hosting;
using Microsoft.Playwright;

return await WorkerHost.RunAsync(BrowserSession.StartAsync);

/// <summary>A browser driven by Playwright: one page for the worker's life, a dedicated Web Worker in it for each cell.</summary>
internal sealed class BrowserSession : IRuntimeSession
{
    /// <summary>No look-ups, no background traffic: what leaves this machine's loopback is nobody's guest.</summary>
    private static readonly string[] Arguments =
    [
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--disable-quic",
    ];

    private const long WasmPage = 64 * 1024;

    /// <summary>How often the runner page is opened before it is given up.</summary>
    private const int LoadAttempts = 5;

    /// <summary>The worker's exit code (EX_SOFTWARE) where its browser ended under it.</summary>
    private const int BrowserGone = 70;

    private readonly HashSet<string> _offered = new(StringComparer.Ordinal);
    private readonly RunnerServer _server;
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    /// <summary>What WASI is on the page, with its version: none of Chromium's.</summary>
    private static readonly Lazy<string> Shim = new(() =>
    {
        using var package = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "web", "wasi", "package.json")));
        return $"browser_wasi_shim {package.RootElement.GetProperty("version").GetString()}";
    });

    private readonly IPage _page;
    private readonly string _hostFunctions;
    private readonly WorkerLimits _limits;
    private Action<Phase> _reached = _ => { };

    private BrowserSession(RunnerServer server, IPlaywright playwright,
        IBrowser browser, IPage page, InitializeParams request, string program, string flags)
    {
        (_server, _playwright, _browser, _page, _limits) = (server, playwright, browser, page, request.Limits);
        _hostFunctions = request.Options.GetValueOrDefault("host-functions", "sync-xhr");
        // Whatever ends the browser ends this worker: the harness starts another one.
        _browser.Disconnected += OnDisconnected;
        _page.Crash += (_, _) => OnPageCrash();
        _page.PageError += (_, error) => Console.Error.WriteLine($"browser: {error}");
        _page.Console += (_, message) => Console.Error.WriteLine($"browser: {message.Type}: {message.Text}");
        Identity = new InitializeResult(
            browser.Version,
            "V8",
            [new LibraryHash(Path.GetFileName(program), KeptDigests.HexOfFile(BrowserProgram.Running() ?? program)), ShimHash()],
            ["wasi_snapshot_preview1", $"host-functions:{_hostFunctions}", $"js-flags:{flags}",
                $"disable-features:{request.Options.GetValueOrDefault("disable-features", "")}",
                WorkerFeatures.CopiedFolders, WorkerFeatures.LimitedImports, WorkerFeatures.NoReadOnlyFolders]);
    }

    public InitializeResult Identity { get; }

    public static async Task<IRuntimeSession> StartAsync(InitializeParams request)
    {
        // V8's own limit for a guest's memories.
        var flags = $"{request.Options.GetValueOrDefault("js-flags", "")} --wasm-max-mem-pages={request.Limits.MemoryBytes / WasmPage}".Trim();
        BrowserProgram.ChooseDriversNode();
        var playwright = await Playwright.CreateAsync();
        var program = BrowserProgram.Find(request.Options, playwright.Chromium.ExecutablePath);
        var server = await RunnerServer.StartAsync();
        var launch = new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Headless = true,
            Args = [.. Arguments, $"--js-flags={flags}",
                .. request.Options.GetValueOrDefault("disable-features") is { } off ? (string[])[$"--disable-features={off}"] : []],
            HandleSIGINT = false,
            HandleSIGTERM = false,
            HandleSIGHUP = false,
            // Chromium's own sandbox, beside V8's: it refuses root.
            ChromiumSandbox = !Environment.IsPrivilegedProcess,
        };
        IBrowser browser;
        try
        {
            browser = await LaunchAsync(playwright, launch);
        }
        catch (PlaywrightException e)
        {
            throw new RuntimeUnavailableException($"{program} does not start: {e.Message.Split('\n')[0]}", null);
        }

        var session = new BrowserSession(server, playwright, browser, await browser.NewPageAsync(), request, program, flags);
        await session.OpenRunnerAsync();
        return session;
    }

    /// <summary>With the sandbox, and where the system has none for it, without.</summary>
    private static async Task<IBrowser> LaunchAsync(IPlaywright playwright, BrowserTypeLaunchOptions launch)
    {
        try
        {
            return await playwright.Chromium.LaunchAsync(launch);
        }
        catch (PlaywrightException e) when (launch.ChromiumSandbox == true && e.Message.Contains("sandbox", StringComparison.OrdinalIgnoreCase))
        {
            Console.Error.WriteLine("Chromium's sandbox can't be had here (user namespaces are switched off): it runs without");
            launch.ChromiumSandbox = false;
            return await playwright.Chromium.LaunchAsync(launch);
        }
    }

    public async Task<ResolveResult> ResolveAsync(ResolveParams request)
    {
        try
        {
            Offer(request.Module);
            if (request.Loader is { } loader) Offer(loader);
        }
        catch (IOException e)
        {
            return new ResolveResult([], e.Message);
        }

        var answer = await EvaluateAsync("resolve", new ResolveRequest(request.Module.Sha256,
            request.Imports, request.Loader?.Sha256, request.Probes, request.Definitions), RunnerJson.Default.ResolveRequest);
        var resolved = JsonSerializer.Deserialize(answer, RunnerJson.Default.ResolveResult)!;
        return resolved with
        {
            Imports = [.. resolved.Imports.Select(import => import.Provider == Provider.Wasi ? import with { Note = Shim.Value } : import)],
        };
    }

    public async Task<RunResult> RunAsync(RunParams request, Action<Phase> reached)
    {
        try
        {
            Offer(request.Module);
            if (request.Page is { } page) Offer(page.Loader);
        }
        catch (IOException e)
        {
            return RunResult.Failed(Phase.Load, OutcomeCodes.Unmapped, e.Message);
        }

        if (request.Page is { } visit)
            return await new PageCell(_browser, request, visit, _limits.OutputBytes, NamePageErrorAsync, reached).RunAsync();

        if (UnprovidableException.ReadOnlyFolder(request.Preopens, "the page's WASI") is { } readOnly)
            return RunResult.Failed(Phase.Link, OutcomeCodes.Unprovidable, readOnly);
        foreach (var (guestPath, folder, _) in request.Preopens)
        {
            if (FolderCopy.FirstLink(folder) is { } link)
            {
                return RunResult.Failed(Phase.Link, OutcomeCodes.Unprovidable,
                    $"the page's WASI has no symbolic links, and '{guestPath}' holds one: {link}");
            }
        }

        _reached = reached;
        reached(Phase.Compile);
        var run = new RunRequest(
            request.Module.Sha256,
            request.Imports,
            request.Definitions,
            request.Kind,
            request.Entry,
            request.Arguments,
            [.. request.Env.Select(pair => $"{pair.Key}={pair.Value}")],
            request.StdinPath is { } stdin ? Convert.ToBase64String(await File.ReadAllBytesAsync(stdin)) : "",
            [.. request.Preopens.Select(preopen => new FolderContents(preopen.GuestPath, FixtureTree.Read(preopen.Folder)))],
            request.CounterUrl,
            _limits.OutputBytes,
            _hostFunctions,
            Shim.Value);
        var answer = await EvaluateAsync("run", run, RunnerJson.Default.RunRequest);
        return JsonSerializer.Deserialize(answer, RunnerJson.Default.RunResult)!;
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Disconnected -= OnDisconnected;
        await _browser.CloseAsync();
        _playwright.Dispose();
        await _server.DisposeAsync();
    }

    /// <summary>One text in, one text out: structured arguments and results are slow, and lose what JSON has no word for.</summary>
    private Task<string> EvaluateAsync<T>(string function, T request, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        _page.EvaluateAsync<string>($"text => conformance.{function}(JSON.parse(text))", JsonSerializer.Serialize(request, type));

    /// <summary>
    /// Opens the runner. Chromium ends what it is loading whenever the machine's network changes, as it does when a container starts: then
    /// it is opened again.
    /// </summary>
    private async Task OpenRunnerAsync()
    {
        await _page.ExposeFunctionAsync("conformancePhase", (string phase) => _reached(Enum.Parse<Phase>(phase, ignoreCase: true)));
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await _page.GotoAsync(_server.Url, new PageGotoOptions { WaitUntil = WaitUntilState.Load });
                if (await _page.EvaluateAsync<bool>("typeof conformance === 'object'")) return;
                if (attempt == LoadAttempts)
                    throw new InvalidOperationException($"the runner page was not loaded in {LoadAttempts} attempts: see stderr");
            }
            catch (PlaywrightException e) when (attempt < LoadAttempts)
            {
                Console.Error.WriteLine($"browser: {e.Message}");
            }
        }
    }

    /// <summary>An error of a guest's page by its code and in its words.</summary>
    private async Task<RunResult> NamePageErrorAsync(PageErrorRequest error) =>
        JsonSerializer.Deserialize(await EvaluateAsync("nameError", error, RunnerJson.Default.PageErrorRequest),
            RunnerJson.Default.RunResult)!;

    /// <summary>Makes a file's bytes the page's to fetch.</summary>
    /// <exception cref="IOException">They can't be read, or are not the ones that were hashed.</exception>
    private void Offer(ModuleFile file)
    {
        if (!_offered.Add(file.Sha256)) return;
        if (Sha256.HexOfFile(file.Path) != file.Sha256) throw new IOException($"{file.Path} has changed since the run began");
        _server.Add(file.Sha256, file.Path);
    }

    private static LibraryHash ShimHash() =>
        new("browser_wasi_shim/wasi.js", Sha256.HexOfFile(Path.Combine(AppContext.BaseDirectory, "web", "wasi", "wasi.js")));

    /// <summary>Whatever page it is: its process is gone, and what the others are worth nobody knows.</summary>
    public static void OnPageCrash() => End("the page crashed");

    private static void OnDisconnected(object? sender, IBrowser browser) => End("the browser has gone");

    private static void End(string why)
    {
        Console.Error.WriteLine($"browser: {why}");
        Environment.Exit(BrowserGone);
    }
}
