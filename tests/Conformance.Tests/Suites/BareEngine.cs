using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Conformance.Machine;
using Conformance.Model.Modules;
using Microsoft.Playwright;

namespace Conformance.Tests.Suites;

/// <summary>What a program did.</summary>
/// <param name="End"><c>exit N</c>, <c>exit</c> where nobody tells the number, or <c>stopped</c>.</param>
/// <param name="Words">Of what stopped it.</param>
internal sealed record BareEnd(string End, string? Words, string Stdout, string Stderr);

/// <summary>Runs programs as one does by hand: with an engine's own command, or a short script on its own API.</summary>
internal sealed class BareEngine(string runtime) : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private (IPlaywright Playwright, IBrowser Browser)? _browser;
    private IPage? _page;
    private int _runs;

    public async Task<BareEnd> RunAsync(ModuleManifest module)
    {
        var scenario = module.Scenarios.Single();
        var (guest, copies) = (module.WasmPath, _folder.Sub($"{_runs++}"));
        var folders = scenario.Preopens.Select((preopen, i) =>
        {
            var copy = Directory.CreateDirectory(Path.Combine(copies, $"{i}")).FullName;
            FolderCopy.Make(preopen.Folder, copy);
            return preopen with { Folder = copy };
        }).ToList();
        return runtime switch
        {
            "chromium" => await InPageAsync(guest, scenario, folders),
            "node" or "node-cli" => await ScriptAsync("node", ["--no-warnings", Script("node.mjs")]),
            "wasmer-js" => await ScriptAsync("node", ["--no-warnings", Script("wasmer-js.mjs")]),
            "wazero" => await CommandAsync("wazero", ["run", .. Env("-env={0}={1}"), .. Dirs("-mount={1}:{0}"), guest, .. scenario.Args]),
            "wasmtime-cli" => await CommandAsync("wasmtime",
                ["run", .. Env("--env={0}={1}"), .. Dirs("--dir={1}::{0}"), guest, .. scenario.Args]),
            _ => await ScriptAsync("dotnet", [Repository.Built("Conformance.BareEngines"), runtime, Library()]),
        };

        IEnumerable<string> Env(string format) => scenario.Env.Select(pair => string.Format(null, format, pair.Key, pair.Value));
        IEnumerable<string> Dirs(string format) => folders.Select(folder => string.Format(null, format, folder.GuestPath, folder.Folder));

        async Task<BareEnd> CommandAsync(string program, IEnumerable<string> arguments)
        {
            var (exit, stdout, stderr) = await ProcessAsync(program, arguments);
            return new BareEnd($"exit {exit}", null, stdout, stderr);
        }

        async Task<BareEnd> ScriptAsync(string program, IEnumerable<string> before)
        {
            var end = _folder.Sub($"end-{_runs}");
            var (_, stdout, stderr) = await ProcessAsync(program,
                [.. before, end, guest, .. Dirs("--dir={0}={1}"), .. Env("--env={0}={1}"), "--", .. scenario.Args]);
            Assert.That(end, Does.Exist, $"{runtime} {module.Id}: {stdout}{stderr}");
            var text = await File.ReadAllTextAsync(end);
            return text.StartsWith("stopped ", StringComparison.Ordinal) ? new BareEnd("stopped", text, stdout, stderr)
                : new BareEnd(text, null, stdout, stderr);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is var (playwright, browser))
        {
            await browser.CloseAsync();
            playwright.Dispose();
        }

        _folder.Dispose();
    }

    private static string Script(string name) => Path.Combine(Repository.Root, "tests", "Conformance.Tests", "Suites", "bare", name);

    /// <summary>Where the adapter has it from, too.</summary>
    private string Library() => runtime switch
    {
        "wasmer" => Path.Combine(Environment.GetEnvironmentVariable("WASMER_DIR") ?? Missing("WASMER_DIR"), "lib", "libwasmer.so"),
        "wamr" => Environment.GetEnvironmentVariable("WAMR_LIBRARY") ?? Missing("WAMR_LIBRARY"),
        "lucet" => Environment.GetEnvironmentVariable("LUCET_DIR") ?? Missing("LUCET_DIR"),
        _ => "",
    };

    private string Missing(string variable)
    {
        Requirement.Missing(runtime, $"{variable} is not set");
        return "";
    }

    private static async Task<(int Exit, string Stdout, string Stderr)> ProcessAsync(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["CONFORMANCE_BARE_SDK"] = Path.Combine(Repository.Runtimes, "wasmer-js", "node_modules", "@wasmer", "sdk", "dist", "node.js"),
            },
        })!;
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            var (stdout, stderr) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await stdout, await stderr);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {Limit}");
        }
    }

    private async Task<BareEnd> InPageAsync(string guest, Scenario scenario, List<Preopen> folders)
    {
        if (_page is null)
        {
            _browser = await TestBrowser.StartAsync();
            _page = await _browser.Value.Browser.NewPageAsync();
            await _page.RouteAsync("**/*", route => route.FulfillAsync(new Uri(route.Request.Url).AbsolutePath switch
            {
                "/" => new() { ContentType = "text/html", Body = "<script type=module src=/shim.js></script>" },
                "/shim.js" => new() { ContentType = "text/javascript", Path = Script("shim.js") },
                var path => new()
                {
                    ContentType = "text/javascript",
                    Path = Path.Combine(Repository.Runtimes, "browser", "node_modules", "@bjorn3", "browser_wasi_shim", "dist", Path.GetFileName(path)),
                },
            }));
            await _page.GotoAsync("http://localhost/");
            await _page.WaitForFunctionAsync("() => globalThis.bare !== undefined");
        }

        var given = new JsonObject
        {
            ["wasm"] = Convert.ToBase64String(await File.ReadAllBytesAsync(guest)),
            ["args"] = new JsonArray([Path.GetFileName(guest), .. scenario.Args.Select(arg => JsonValue.Create(arg))]),
            ["env"] = new JsonArray([.. scenario.Env.Select(pair => JsonValue.Create($"{pair.Key}={pair.Value}"))]),
            ["folders"] = new JsonArray([.. folders.Select(folder => new JsonObject { ["path"] = folder.GuestPath, ["tree"] = Tree(folder.Folder) })]),
        };
        var answer = JsonNode.Parse(await _page.EvaluateAsync<string>(
            "async text => JSON.stringify(await bare(JSON.parse(text)))", given.ToJsonString()))!;
        var end = answer["end"]!.GetValue<string>();
        return new BareEnd(end.StartsWith("stopped", StringComparison.Ordinal) ? "stopped" : end, end,
            answer["stdout"]!.GetValue<string>(), answer["stderr"]!.GetValue<string>());
    }

    /// <summary>A folder as the page gets it: names, with base64 for a file and an object for a folder.</summary>
    private static JsonObject Tree(string folder) => new(new DirectoryInfo(folder).EnumerateFileSystemInfos().Select(entry =>
        KeyValuePair.Create(entry.Name,
            entry is DirectoryInfo ? Tree(entry.FullName) : (JsonNode?)Convert.ToBase64String(File.ReadAllBytes(entry.FullName)))));
}
