using Conformance.Reporting.Jsonl;
using Conformance.Tests.Harness;

namespace Conformance.Tests.CommandLine;

/// <summary>What a user sees: one clear line and the right exit code.</summary>
[TestFixture]
public sealed class CommandTests
{
    private readonly TemporaryFolder _folder = new();

    [OneTimeSetUp]
    public void WriteRuntimes()
    {
        foreach (var behaviour in new[] { "counts", "lies-about-counts", "is-unavailable" })
            _folder.Write($"runtimes/{behaviour}/runtime.toml", Fakes.Toml(behaviour));
        foreach (var file in new[] { "counter-c.wasm", "module.toml" })
        {
            Directory.CreateDirectory(_folder.Sub("modules", "counter-c"));
            File.Copy(Path.Combine(Repository.Modules, "counter-c", file), _folder.Sub("modules", "counter-c", file));
        }

        // What the module declares for a browser would match no runtime here.
        var manifest = _folder.Sub("modules", "counter-c", "module.toml");
        File.WriteAllText(manifest,
            File.ReadAllText(manifest).Replace("runtime = \"chromium\"", "runtime = \"is-unavailable\"", StringComparison.Ordinal));
    }

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task A_run_that_is_as_expected_exits_with_0_and_writes_a_report()
    {
        var result = await RunAsync("-r", "counts");
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(result.Output, Does.Contain("pass        counts · counter-c · ten-increments: 10").And.Contain(
            "1 cells in").And.Contain("server: embedded, correct (asked for)"));
        Assert.That(ReportReader.Read(_folder.Sub("out", "report.jsonl")).IsComplete, Is.True);
    }

    [Test]
    public async Task An_unexpected_result_exits_with_1_and_shows_expected_observed_and_the_repro()
    {
        var result = await RunAsync("-r", "lies-about-counts");
        Assert.That(result.ExitCode, Is.EqualTo(1), result.Error);
        Assert.That(result.Output, Does.Contain("counts expected: 10").And.Contain("counts observed: guest 11, host 10, server 10")
            .And.Contain("repro: ./conformance repro counter-c/ten-increments/lies-about-counts"));
    }

    [Test]
    public async Task An_unavailable_runtime_is_told_with_its_remedy_and_nothing_else_to_run_exits_with_3()
    {
        var result = await RunAsync("-r", "is-unavailable");
        Assert.That(result.ExitCode, Is.EqualTo(3), result.Error);
        Assert.That(result.Output,
            Does.Contain("unavailable: is-unavailable: the fake engine is not installed; to have it: install the fake engine"));
    }

    [Test]
    public async Task An_unavailable_runtime_beside_others_is_no_error_but_told()
    {
        var result = await RunAsync("-r", "is-unavailable", "-r", "counts");
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(result.Output, Does.Contain(
            "unavailable: is-unavailable (the fake engine is not…); --all says more, doctor what to do").And.Contain(
            "1 pass, 1 unavailable"));
        result = await RunAsync("-r", "is-unavailable", "-r", "counts", "--all");
        Assert.That(result.Output,
            Does.Contain("unavailable: is-unavailable: the fake engine is not installed; to have it: install the fake engine"));
    }

    [Test]
    public async Task A_required_runtime_that_is_missing_exits_with_3_in_one_line()
    {
        var result = await Command.RunAsync(
            new Dictionary<string, string?> { ["CONFORMANCE_REQUIRE"] = "is-unavailable" },
                Arguments("run", "-r", "is-unavailable", "--server", "embedded", "--out", _folder.Sub("required")));
        Assert.That((result.ExitCode, Lines(result.Error)), Is.EqualTo((3, 1)), result.Error);
        Assert.That(result.Error,
            Does.StartWith("conformance: is-unavailable is required and unavailable: the fake engine is not installed"));
    }

    [Test]
    public async Task A_requirement_that_nothing_can_meet_is_wrong_usage()
    {
        var result = await Command.RunAsync(new Dictionary<string, string?> { ["CONFORMANCE_REQUIRE"] = "wasmtim" },
            Arguments("run", "--server", "embedded", "--out", _folder.Sub("required")));
        Assert.That((result.ExitCode, result.Error), Is.EqualTo((2, "conformance: CONFORMANCE_REQUIRE names \"wasmtim\"; there are counts, is-unavailable, lies-about-counts, docker, toolchains\n")));
    }

    [Test]
    public async Task A_missing_container_engine_that_is_required_exits_with_3()
    {
        var result = await Command.RunAsync(
            new Dictionary<string, string?> { ["CONFORMANCE_REQUIRE"] = "docker", ["DOCKER_HOST"] = "unix:///nowhere/docker.sock" },
                Arguments("run", "-r", "counts", "--out", _folder.Sub("docker")));
        Assert.That((result.ExitCode, Lines(result.Error)), Is.EqualTo((3, 1)), result.Error);
        Assert.That(result.Error, Does.Contain("no container engine answers, and one is required"));
    }

    [Test]
    public async Task Auto_runs_embedded_where_no_engine_answers_and_says_so()
    {
        var result = await Command.RunAsync(
            new Dictionary<string, string?> { ["DOCKER_HOST"] = "unix:///nowhere/docker.sock" },
                Arguments("run", "-r", "counts", "--out", _folder.Sub("auto")));
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(ReportReader.Read(_folder.Sub("auto", "report.jsonl")).Header.Server,
            Is.EqualTo(new Model.Reports.ServerInfo("embedded", "correct", "no container engine answers", null)));
    }

    [TestCase("no runtime matches \"wasmtim\"; there are counts, is-unavailable, lies-about-counts", "run", "-r", "wasmtim")]
    [TestCase("no module matches \"x*\"; there are counter-c", "run", "-m", "x*")]
    [TestCase("--jobs must be between 1 and 256", "run", "--jobs", "0")]
    [TestCase("--time-limit must be above 0", "run", "--time-limit", "-3")]
    [TestCase("Unrecognized command or argument '--jbos'", "run", "--jbos")]
    [TestCase("--server \"dcoker\" is none of auto, container, embedded or an http URL", "run", "--server", "dcoker")]
    [TestCase("no report can be written there", "run", "--out", "/proc/nowhere")]
    [TestCase("there is no cell \"a/b/c\"", "repro", "a/b/c")]
    [TestCase("there is no such report", "show", "nowhere.jsonl")]
    public async Task Wrong_usage_exits_with_2_and_says_what(string message, params string[] arguments)
    {
        var result = arguments[0] == "show" ? await Command.RunAsync(arguments) : await Command.RunAsync(Arguments(arguments));
        Assert.That(result.ExitCode, Is.EqualTo(2), result.Error);
        Assert.That(result.Error.Split('\n')[0], Does.Contain(message));
        Assert.That(result.Error, Does.Not.Contain("   at "), "no stack trace");
    }

    [Test]
    public async Task A_broken_manifest_exits_with_2_a_line_an_error()
    {
        _folder.Write("broken/bad/module.toml", "titel = \"x\"\nkind = 3\n");
        var result = await Command.RunAsync("run", "--modules-dir",
            _folder.Sub("broken"), "--runtimes-dir", _folder.Sub("runtimes"), "--out", _folder.Sub("never"));
        var file = _folder.Sub("broken", "bad", "module.toml");
        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error.TrimEnd().Split('\n'), Has.All.StartWith(file + ":").And.Length.GreaterThan(3));
        Assert.That(Directory.Exists(_folder.Sub("never")), Is.False, "nothing was started");
    }

    [TestCase("wasmtime")]
    [TestCase("node")]
    [TestCase("node-cli")]
    [TestCase("wazero")]
    public async Task A_text_file_named_wasm_fails_its_cell_in_the_runtimes_words(string runtime)
    {
        var text = "this is no module\n"u8.ToArray();
        using var folder = new TemporaryFolder();
        Runtimes.Guests.FromBytes(folder, "text", text, "freestanding");
        var result = await Command.RunAsync("run", "--modules-dir",
            folder.Sub("modules"), "-r", runtime, "--server", "embedded", "--out", folder.Sub("out"));
        if (result.Output.Contains("unavailable", StringComparison.Ordinal)) Assert.Inconclusive(result.Output);
        Assert.That(result.ExitCode, Is.EqualTo(1), result.Error);
        Assert.That(result.Output, Does.Contain($"fail        {runtime} · text · only: malformed"));
    }

    [Test]
    public async Task A_busy_port_exits_with_3_in_one_line()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;
        var result = await Command.RunAsync(
            Arguments("run", "-r", "counts", "--server", "embedded", "--port", $"{port}", "--out", _folder.Sub("busy")));
        Assert.That((result.ExitCode, Lines(result.Error)), Is.EqualTo((3, 1)), result.Error);
        Assert.That(result.Error, Does.StartWith($"conformance: the counter server can't listen on 127.0.0.1:{port}"));
    }

    [Test]
    public async Task Lists_are_for_scripts()
    {
        var result = await Command.RunAsync(Arguments("list", "cells"));
        Assert.That(result.Output.Split('\n'), Is.EqualTo(new[] { "counter-c/ten-increments/counts",
            "counter-c/ten-increments/is-unavailable", "counter-c/ten-increments/lies-about-counts" }));
    }

    [Test]
    public async Task Repro_shows_everything_of_one_cell()
    {
        var result = await Command.RunAsync(Arguments("repro", "counter-c/ten-increments/lies-about-counts", "--server", "embedded"));
        Assert.That(result.ExitCode, Is.EqualTo(1), result.Error);
        Assert.That(result.Output, Does.Contain("env::main.incrementCount ← PUT /add").And.Contain(
            "journal: 1 × GET /count, 10 × PUT /add").And.Contain("counts: guest 11, host 10, server 10"));
    }

    [Test]
    public async Task Show_gives_the_matrix_of_a_report_again()
    {
        var run = await RunAsync("-r", "counts");
        var shown = await Command.RunAsync("show", _folder.Sub("out"));
        Assert.That(shown.ExitCode, Is.Zero, shown.Error);
        var table = run.Output[run.Output.IndexOf(" module",
            StringComparison.Ordinal)..run.Output.IndexOf(" cells in", StringComparison.Ordinal)];
        Assert.That(shown.Output, Does.Contain(table));
    }

    [Test]
    public async Task Doctor_tells_what_is_here_and_the_remedy_for_what_is_not()
    {
        var result = await Command.RunAsync("doctor", "--runtimes-dir", _folder.Sub("runtimes"));
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(result.Output, Does.Contain("counts    1.0 (fake; counts)").And.Contain(
            "unavailable: the fake engine is not installed; to have it: install the fake engine"));
    }

    private static int Lines(string text) => text.TrimEnd().Split('\n').Length;

    private string[] Arguments(params string[] arguments) =>
        [.. arguments, "--modules-dir", _folder.Sub("modules"), "--runtimes-dir", _folder.Sub("runtimes")];

    private Task<CommandResult> RunAsync(params string[] arguments) =>
        Command.RunAsync(Arguments(["run", .. arguments, "--server", "embedded", "--out", _folder.Sub("out")]));
}
