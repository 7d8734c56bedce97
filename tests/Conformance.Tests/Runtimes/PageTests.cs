using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Conformance.CounterServer;
using Conformance.Engine.Running;
using Conformance.Engine.Servers;
using Conformance.Machine;
using Conformance.Manifests;
using Conformance.Model.Counters;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Tests.Harness;
using Wasmtime;
using Module = Wasmtime.Module;

namespace Conformance.Tests.Runtimes;

/// <summary>
/// Cells whose guest lives in a page, on pages that are wrong in one way each: the harness sees what a person would, and names it.
/// </summary>
[TestFixture]
public sealed class PageTests
{
    /// <summary>Stands for the script that a compiler brings.</summary>
    private const string Loader = """
        globalThis.Go = class {
          importObject = { gojs: { ping() {} } };
          async run(instance) { instance.exports.run(); }
        };
        """;

    private const string Wat = """(module (import "gojs" "ping" (func $ping)) (func (export "run") (call $ping)))""";

    /// <summary>A page that works: marks its phases, counts by its own requests, shows what the server says.</summary>
    private const string Script = """
        const go = new Go();
        performance.mark("compile");
        const module = await WebAssembly.compileStreaming(fetch("module.wasm"));
        performance.mark("link");
        const instance = await WebAssembly.instantiate(module, go.importObject);
        performance.mark("run");
        await go.run(instance);
        const counter = new URLSearchParams(location.search).get("COUNTER_URL");
        const output = document.querySelector("output");
        document.querySelector("button").onclick = async () => {
          output.ariaBusy = "true";
          await fetch(counter + "/add", { method: "PUT" });
          output.textContent = `so far ${await (await fetch(counter + "/count")).text()} thumbs`;
          output.ariaBusy = "false";
        };
        document.querySelector("button").disabled = false;
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly WarmRuns _runs = new();

    [OneTimeTearDown]
    public async Task EndAsync()
    {
        await _runs.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task A_page_is_clicked_and_read_and_its_picture_kept()
    {
        var cell = await RunAsync(Page("works", Script));
        Assert.That((cell.Verdict, cell.Run.Page, cell.Observation.Counts),
            Is.EqualTo((Verdict.Pass, "so far 3 thumbs", new Counts(3, 3, 3))), cell.Run.Text);
        Assert.That(cell.Run.Requests, Is.EquivalentTo(new Dictionary<string, int> { ["PUT /add"] = 3, ["GET /count"] = 3 }));
        Assert.That(cell.Observation.Ledger.Single().Provider, Is.EqualTo(Provider.Runtime));
        Assert.That(new[] { cell.Run.TimingsMs.Compile, cell.Run.TimingsMs.Link, cell.Run.TimingsMs.Run }, Is.All.GreaterThanOrEqualTo(0));
        var picture = cell.Run.Attachments!.Value.Single();
        Assert.That(picture, Is.EqualTo(new Attachment("the page", "attachments/works/clicks/chromium/page.png")));
        Assert.That(File.ReadAllBytes(_folder.Sub("report", picture.Path))[..4], Is.EqualTo(new byte[] { 0x89, 0x50, 0x4e, 0x47 }));
    }

    [Test]
    public async Task Where_nobody_keeps_a_report_there_is_no_picture() =>
        Assert.That((await RunAsync(Page("unkept", Script), new RunOptions())).Run.Attachments, Is.Null);

    [Test]
    public async Task An_import_that_the_loader_does_not_have_is_refused_at_link()
    {
        var cell = await RunAsync(Page("unlinkable", Script, """(module (import "gojs" "ping" (func)) (import "gojs" "pong" (func)))"""));
        Assert.That((cell.Outcome.Phase, cell.Outcome.Code), Is.EqualTo((Phase.Link, OutcomeCodes.UnknownImport)), cell.Run.Text);
        Assert.That(cell.Run.Text, Does.StartWith("LinkError: ").And.Contain("pong"));
        Assert.That(cell.Observation.Ledger.Select(row => row.Provider), Is.EqualTo(new[] { Provider.Runtime, Provider.Missing }));
    }

    [Test]
    public async Task Where_the_loader_has_nothing_of_a_module_the_browser_says_so()
    {
        var cell = await RunAsync(Page("foreign", Script, """(module (import "env" "ping" (func)))"""));
        Assert.That((cell.Outcome.Phase, cell.Outcome.Code), Is.EqualTo((Phase.Link, OutcomeCodes.UnknownModule)), cell.Run.Text);
        var row = cell.Observation.Ledger.Single();
        Assert.That((row.Provider, row.Code), Is.EqualTo((Provider.Missing, OutcomeCodes.UnknownModule)), row.Text);
    }

    [Test]
    public async Task A_module_that_is_not_valid_is_refused_at_compile()
    {
        var cell = await RunAsync(Page("invalid", Script, wasm: [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1]));
        Assert.That((cell.Outcome.Phase, cell.Outcome.Code), Is.EqualTo((Phase.Compile, OutcomeCodes.Malformed)), cell.Run.Text);
    }

    [Test]
    public async Task A_trap_is_named_at_run()
    {
        var cell = await RunAsync(Page("traps", Script, """(module (func (export "run") unreachable))"""));
        Assert.That((cell.Outcome.Phase, cell.Outcome.Code), Is.EqualTo((Phase.Run, Trap.Unreachable.Code)), cell.Run.Text);
        Assert.That(cell.Run.Attachments, Is.Not.Null, "what the page showed then is worth a look");
    }

    [TestCase("throw new Error('before the module');", Phase.Load, "Error: before the module")]
    [TestCase("performance.mark('run'); Promise.reject('only words');", Phase.Run, "Error: only words")]
    [TestCase("nobody.knows();", Phase.Load, "ReferenceError: nobody is not defined")]
    public async Task An_uncaught_error_ends_the_cell_with_its_words(string script, Phase phase, string text)
    {
        var cell = await RunAsync(Page("throws", script));
        Assert.That((cell.Outcome.Phase, cell.Outcome.Code, cell.Run.Text), Is.EqualTo((phase, OutcomeCodes.Unmapped, text)));
    }

    [Test]
    public async Task A_request_that_is_not_answered_is_why()
    {
        using var rude = new RudeServer();
        var run = new RecordedRun();
        await new MatrixRun(Fakes.Plan(Page("unanswered", Script), Chromium), rude, new RunOptions(), run).RunAsync(default);
        var cell = run.Cells.Single();
        Assert.That((cell.Outcome.Phase, cell.Outcome.Code), Is.EqualTo((Phase.Run, OutcomeCodes.HostCallFailed)), cell.Run.Text);
        Assert.That(cell.Run.Text, Does.StartWith("TypeError: Failed to fetch: PUT /add: net::ERR_"));
        Assert.That(cell.Observation.Counts.Host, Is.Zero);
    }

    [TestCase("#nowhere", "the page has no element '#nowhere'")]
    [TestCase("##", "the page has no element '##'")]
    [TestCase("button, output", "the page has 2 elements 'button, output'")]
    public async Task A_button_that_is_not_there_or_not_the_only_one_is_told_at_once(string click, string text)
    {
        var cell = await RunAsync(Page("buttonless", Script, click: click));
        Assert.That((cell.Outcome.Phase, cell.Outcome.Code, cell.Run.Text), Is.EqualTo((Phase.Run, OutcomeCodes.NoEntry, text)));
    }

    [Test]
    public async Task A_page_that_never_lets_itself_be_clicked_runs_out_of_time()
    {
        var cell = await RunAsync(Page("disabled", "performance.mark('run');", limit: 2));
        Assert.That((cell.Outcome.Phase, cell.Outcome.Code), Is.EqualTo((Phase.Run, OutcomeCodes.TimedOut)), cell.Run.Text);
    }

    [Test]
    public async Task What_a_page_logs_is_its_output()
    {
        var cell = await RunAsync(Page("logs", "console.log('hello'); console.log('there');" + Script));
        Assert.That((cell.Verdict, cell.Run.Stdout.Text), Is.EqualTo((Verdict.Pass, "hello\nthere\n")), cell.Run.Text);
    }

    [Test]
    public async Task Two_pages_share_nothing()
    {
        const string Remembering = "if (localStorage.seen) throw new Error('seen before'); localStorage.seen = 1;";
        var module = Page("remembers", Remembering + Script);
        for (var i = 0; i < 2; i++) Assert.That((await RunAsync(module)).Verdict, Is.EqualTo(Verdict.Pass));
        var twice = Fakes.Plan(module with { Scenarios = [module.Scenarios[0], module.Scenarios[0] with { Id = "again" }] }, Chromium);
        Assert.That((await new RecordedRun().RunAsync(twice, new RunOptions { Jobs = 1 })).Cells.Select(c => c.Verdict),
            Is.All.EqualTo(Verdict.Pass));
    }

    [Test]
    public async Task A_runtime_without_pages_refuses_the_module_at_link_with_its_whole_ledger()
    {
        var wasmtime = Repository.Runtime("wasmtime");
        var cell = (await new RecordedRun().RunAsync(Fakes.Plan(Page("native", Script), wasmtime))).Cells.Single();
        Assert.That((cell.Outcome.Phase, cell.Outcome.Code, cell.Observation.Ledger.Single().Provider),
            Is.EqualTo((Phase.Link, OutcomeCodes.UnknownImport, Provider.Missing)), cell.Run.Text);
    }

    [TestCase("kind = \"freestanding\"", "kind = \"go-js\"", "needs a [page] to live in", false)]
    [TestCase("kind = \"go-js\"", "kind = \"freestanding\"", "only a module of kind \"go-js\" lives in a page", true)]
    [TestCase("page = {", "guest-count = \"stdout\"", "'page' is missing in 'scenarios'", true)]
    [TestCase("folder = \"page\"", "folder = \"nowhere\"", "'nowhere/index.html' is not there", true)]
    [TestCase("loader-sha256 = \"", "loader-sha256 = \"0", "it is not the one that this manifest describes", true)]
    public void A_manifest_that_is_wrong_about_its_page_is_told_so(string before, string after, string problem, bool page)
    {
        var good = page ? File.ReadAllText(Page("right", Script).ManifestPath) : File.ReadAllText(
            Guests.FromText(_folder, "plain", "(module)", "freestanding").ManifestPath);
        var lines = good.Split('\n').Select(line => line.StartsWith(before, StringComparison.Ordinal)
            ? after.EndsWith('0') ? line.Replace(before, after, StringComparison.Ordinal) : after : line);
        var path = _folder.Write(page ? "modules/right/module.toml" : "modules/plain/module.toml", string.Join('\n', lines));
        Assert.That(Assert.Throws<ManifestException>(() => ModuleManifestReader.Read(path))!.Problems.Select(p => p.Message),
            Has.Some.Contains(problem));
    }

    private static Model.Runtimes.RuntimeManifest Chromium =>
        Repository.Runtime("chromium");

    private ModuleManifest Page(string id, string script,
        string text = Wat, byte[]? wasm = null, string click = "button", double limit = 20)
    {
        _folder.Write($"modules/{id}/page/index.html", $"""
            <!doctype html><html lang="en"><title>{id}</title><script src="loader.js"></script>
            <button disabled>Click</button> <output></output><script type="module">{script}</script></html>
            """);
        _folder.Write($"modules/{id}/loader.js", Loader);
        var bytes = wasm ?? Module.ConvertText(text);
        File.WriteAllBytes(_folder.Sub("modules", id, "m.wasm"), bytes);
        var manifest = new GuestManifest("m.wasm", Sha256.Hex(bytes))
        {
            Title = id,
            Kind = "go-js",
            Tables = $$"""
                [page]
                folder = "page"
                loader = "loader.js"
                loader-sha256 = "{{Sha256.Hex(Loader)}}"
                [[scenarios]]
                id = "clicks"
                env = { COUNTER_URL = "{counter}" }
                time-limit = {{limit.ToString(System.Globalization.CultureInfo.InvariantCulture)}}
                page = { click = "{{click}}", times = 3, read = "output" }
                [scenarios.expect]
                counts = 3
                """,
        };
        return ModuleManifestReader.Read(_folder.Write($"modules/{id}/module.toml", manifest.ToString()));
    }

    private Task<CellLine> RunAsync(ModuleManifest module) => RunAsync(module, new RunOptions { ReportFolder = _folder.Sub("report") });

    private async Task<CellLine> RunAsync(ModuleManifest module, RunOptions options) =>
        (await _runs.RunAsync(Fakes.Plan(module, Chromium), options)).Cells.Single();

    /// <summary>Where a counter should be, somebody hangs up on everyone.</summary>
    private sealed class RudeServer : ICounterServer, IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public RudeServer()
        {
            _listener.Start();
            _ = HangUpAsync();
        }

        public ServerInfo Info { get; } = new("url", "correct", null, null);

        public string Url => $"http://{_listener.LocalEndpoint}";

        public Task<Journal?> TakeJournalAsync(CounterKey counter, CancellationToken cancellation) =>
            Task.FromResult<Journal?>(Journal.Empty);

        public Task<string?> RestoreAsync(int restarts, CancellationToken cancellation) => Task.FromResult<string?>(null);

        public void Dispose() => _listener.Dispose();

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task HangUpAsync()
        {
            try
            {
                while (true) (await _listener.AcceptTcpClientAsync()).Dispose();
            }
            catch (SocketException)
            {
                // The listener has been closed.
            }
        }
    }
}
