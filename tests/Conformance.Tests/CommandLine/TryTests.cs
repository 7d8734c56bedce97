using System.Text.Json.Nodes;
using Conformance.Tests.Harness;

namespace Conformance.Tests.CommandLine;

/// <summary><c>conformance try</c>: any module, without a manifest, on Wasmtime and on runtimes that are wrong in one way each.</summary>
[TestFixture]
public sealed class TryTests
{
    private const string Hello = """
        (module
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 8) "hello\nworld\n")
          (func (export "_start")
            (i32.store (i32.const 0) (i32.const 8)) (i32.store (i32.const 4) (i32.const 12))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 100)))))
        """;

    /// <summary>Copies stdin to stdout, and exits with sixteen times the number of its arguments and the number of its variables.</summary>
    private const string Told = """
        (module
          (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "args_sizes_get" (func $args (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "environ_sizes_get" (func $env (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 1)
          (func (export "_start")
            (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 1000))
            (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4)))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
            (drop (call $args (i32.const 16) (i32.const 20)))
            (drop (call $env (i32.const 24) (i32.const 28)))
            (call $exit (i32.add (i32.mul (i32.load (i32.const 16)) (i32.const 16)) (i32.load (i32.const 24))))))
        """;

    private readonly TemporaryFolder _folder = new();

    private string[] Runtimes => ["--runtimes-dir", _folder.Sub("runtimes")];

    [OneTimeSetUp]
    public void WriteRuntimes()
    {
        _folder.Write("runtimes/wasmtime/runtime.toml", File.ReadAllText(Path.Combine(Repository.Runtimes, "wasmtime", "runtime.toml")));
        foreach (var behaviour in new[] { "greets", "traps", "is-unavailable" })
            _folder.Write($"runtimes/{behaviour}/runtime.toml", Fakes.Toml(behaviour));
    }

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task Where_all_do_the_same_it_is_unanimous()
    {
        var result = await TryAsync(Hello, "-r", "wasmtime", "-r", "is-unavailable");
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(result.Output, Does.StartWith("guest.wat: wasi-command, _start\n")
            .And.Contain("\"hello\\nworld\\n\"").And.Contain("unanimous: wasmtime alone: ran to its end\n")
            .And.Contain("unavailable: is-unavailable (the fake engine is not…)"));
    }

    [Test]
    public async Task Where_they_part_each_group_has_its_letter_and_what_it_printed_and_its_words()
    {
        var result = await TryAsync(Hello, "-r", "wasmtime", "-r", "greets", "-r", "traps", "--reference", "wasmtime");
        Assert.That(result.ExitCode, Is.EqualTo(1), result.Error);
        Assert.That(result.Output, Does.Match("A greets .*ran").And.Match("B traps .*trap:unreachable at run").And.Match("C wasmtime .*ran"));
        Assert.That(result.Output, Does.Contain("split at run: A: ")
            .And.Contain("other than wasmtime: greets, traps\n")
            .And.Contain("A printed something else than C:\n--- stdout of C\n+++ stdout of A\n")
            .And.Contain("\n hello\n-world\n+there\n")
            .And.Contain("B, in the words of traps: unreachable executed"));
    }

    [Test]
    public async Task What_is_given_reaches_the_guest_and_is_kept_with_what_was_seen()
    {
        var stdin = _folder.Write("stdin.txt", "from stdin");
        var result = await TryAsync(Told, "-r", "wasmtime", "-r", "traps", "--stdin", stdin, "--env", "A=b=c", "--env", "B=",
            "--save", _folder.Sub("kept"), "--", "one", "--two");
        Assert.That(result.ExitCode, Is.EqualTo(1), result.Error);
        Assert.That(result.Output, Does.Match("B wasmtime .* ran +50 +\"from stdin\""));
        Assert.That(result.Error, Does.Contain("run --modules-dir"));

        var run = await Command.RunAsync(["run", "--server", "embedded", "--modules-dir", _folder.Sub("kept"), .. Runtimes,
            "-r", "wasmtime", "-r", "traps", "--out", _folder.Sub("report")]);
        Assert.That(run.ExitCode, Is.Zero, run.Output + run.Error);
        Assert.That(run.Output, Does.Contain("split at run"));

        var most = await TryAsync(Told, "-r", "wasmtime", "--stdin", stdin, "--save", _folder.Sub("most"));
        Assert.That(most.ExitCode, Is.Zero, most.Error);
        Assert.That(File.ReadAllText(_folder.Sub("most", "guest", "module.toml")), Does.Contain("exit = 16\nstdout = \"from stdin\"\n"));
        run = await Command.RunAsync(["run", "--server", "embedded", "--modules-dir", _folder.Sub("most"), .. Runtimes,
            "-r", "wasmtime", "--out", _folder.Sub("report")]);
        Assert.That(run.ExitCode, Is.Zero, run.Output + run.Error);

        var again = await TryAsync(Told, "-r", "wasmtime", "--save", _folder.Sub("kept"));
        Assert.That(again.ExitCode, Is.EqualTo(2));
        Assert.That(again.Error, Does.Contain("is there already, and nothing is written over it"));
    }

    [Test]
    public async Task A_folder_is_a_copy_and_read_only_where_it_is_said()
    {
        _folder.Write("host/file", "text");
        var containment = Path.Combine(Repository.Modules, "containment");
        var result = await Command.RunAsync(["try", Path.Combine(containment, "containment.wasm"), "-r", "wasmtime",
            "--dir", $"{Path.Combine(containment, "fixtures")}::/data:ro", "--save", _folder.Sub("kept-folder")]);
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(result.Output, Does.Contain("control: let in"));
        Assert.That(File.ReadAllText(_folder.Sub("kept-folder", "containment", "module.toml")),
            Does.Contain("preopens = { \"/data\" = { folder = \"folder-1\", read-only = true } }"));
    }

    [Test]
    public async Task What_it_needs_of_a_runtime_is_said_in_what_is_kept()
    {
        var result = await TryAsync("""(module (func (export "run") (result i32) (i32.extend8_s (i32.const 255))))""",
            "-r", "wasmtime", "--save", _folder.Sub("kept-proposals"));
        Assert.That(result.Output, Does.Contain("wasmtime alone: gave -1"));
        Assert.That(File.ReadAllText(_folder.Sub("kept-proposals", "guest", "module.toml")), Does.Contain("proposals = [\"sign-extension\"]")
            .And.Contain("kind = \"freestanding\"").And.Contain("result = \"-1\""));
    }

    [Test]
    public async Task Programs_and_issues_have_their_forms()
    {
        var json = await TryAsync(Hello, "-r", "wasmtime", "-r", "greets", "--format", "json");
        var document = JsonNode.Parse(json.Output)!;
        Assert.That(((string?)document["agreement"]!["result"], (string?)document["agreement"]!["phase"]), Is.EqualTo(("split", "run")));
        Assert.That(document["cells"]!.AsArray().Select(cell => (string?)cell!["stdout"]!["text"]).Order(StringComparer.Ordinal),
            Is.EqualTo(new[] { "hello\nthere\n", "hello\nworld\n" }));

        var markdown = await TryAsync(Hello, "-r", "wasmtime", "-r", "greets", "-r", "is-unavailable", "--format", "markdown");
        Assert.That(markdown.Output, Does.StartWith("### <code>guest.wat</code>: wasi-command, \\_start\n")
            .And.Match(@"\| A \| greets 1\.0 \| ran \| 0 \|").And.Contain("```diff\n--- stdout of A")
            .And.Contain("- unavailable: is-unavailable: the fake engine is not installed"));

        var html = await TryAsync(Hello, "-r", "wasmtime", "--format", "html");
        Assert.That(html.Output, Does.StartWith("<!doctype html>"));
    }

    [TestCase("""(module (func (export "only") (result i32) (i32.const 5)))""", "", 0, "freestanding, only", "wasmtime alone: gave 5")]
    [TestCase("""(module (func (export "a")) (func (export "b")))""", "", 2, "say which function to call: --invoke NAME; without parameters it exports a, b")]
    [TestCase("""(module (func (export "a")) (func (export "b")))""", "b", 0, "freestanding, b")]
    [TestCase("""(module (func (export "a") (param i32)))""", "", 2, "say which function to call: --invoke NAME; it exports no function without parameters")]
    [TestCase("""(module (func (export "a") (param i32)))""", "a", 2, "a is (i32) -> (), and only functions without parameters can be called")]
    [TestCase("""(module (func (export "a")))""", "c", 2, "exports no function c; without parameters it exports a")]
    [TestCase("""(module (func (export "_initialize")) (func (export "a")))""", "", 0, "wasi-reactor, a")]
    [TestCase("""(module (import "gojs" "runtime.wasmExit" (func)) (func (export "run")))""", "", 2, "made for a page: gojs::runtime.wasmExit is of Go's wasm_exec.js (GOOS=js)")]
    [TestCase("""(module (import "./its_bg.js" "f" (func)) (func (export "run")))""", "", 2, "is of wasm-bindgen's generated JavaScript")]
    [TestCase("""(module (import "gojs" "runtime.ticks" (func)) (func (export "_start")))""", "", 2, "is of TinyGo's wasm_exec.js, which is not Go's")]
    [TestCase("""(module (import "env" "f" (func)) (func (export "run")))""", "", 0, "unknown-import at link", "conformance imports")]
    public async Task A_module_says_itself_what_it_is(string module, string invoke, int exit, params string[] words)
    {
        var result = await TryAsync(module, [.. invoke.Length > 0 ? new[] { "--invoke", invoke } : [], "-r", "wasmtime"]);
        Assert.That(result.ExitCode, Is.EqualTo(exit), result.Output + result.Error);
        foreach (var text in words) Assert.That(exit == 0 ? result.Output : result.Error, Does.Contain(text));
    }

    [Test]
    public async Task Functions_of_another_host_are_stubs_and_their_calls_are_kept()
    {
        const string Module = """
            (module
              (import "env" "f" (func $f (param i32)))
              (import "an\"other" "g" (func $g (result i64)))
              (func (export "run") (result i64) (call $f (i32.const 1)) (call $f (i32.const 2)) (call $g)))
            """;
        var without = await TryAsync(Module, "-r", "wasmtime");
        Assert.That(without.Output, Does.Contain("unknown-import at link"));
        var result = await TryAsync(Module, "-r", "wasmtime", "--stub", "--format", "json");
        var cell = JsonNode.Parse(result.Output)!["cells"]![0]!;
        Assert.That((string?)cell["result"], Is.EqualTo("0"));
        Assert.That(cell["hostCalls"]!.AsArray().Select(call => $"{call!["module"]} {call["name"]} {call["times"]} {call["returned"]}"),
            Is.EqualTo(new[] { "env f 2 ", "an\"other g 1 0" }));
        var ofPage = await TryAsync("""(module (import "gojs" "runtime.ticks" (func $f)) (func (export "_start") (call $f)))""",
            "-r", "wasmtime", "--stub");
        Assert.That(ofPage.ExitCode, Is.Zero, ofPage.Error);
        Assert.That((await TryAsync(Module, "-r", "wasmtime", "--stub")).Output, Does.Match(@"calls .*\n.*\n.*ran +0 +3"));
    }

    [Test]
    public async Task What_is_wrong_with_a_damaged_module_is_for_runtimes_to_say()
    {
        var path = _folder.Sub("damaged.wasm");
        await File.WriteAllBytesAsync(path, [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 0x7f]);
        var result = await Command.RunAsync(["try", path, .. Runtimes, "-r", "wasmtime"]);
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(result.Output, Does.Contain("malformed at compile").And.Contain("in the words of wasmtime: "));
        await File.WriteAllBytesAsync(path, [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]);
        result = await Command.RunAsync(["try", path, .. Runtimes, "-r", "wasmtime"]);
        Assert.That((result.ExitCode, result.Error.TrimEnd()), Is.EqualTo((2,
            $"conformance: {path}: a component, and not a core module: runtimes here take core modules (wasm-tools component unbundle takes them out)")));
    }

    [TestCase("--env A", "it must be NAME=VALUE")]
    [TestCase("--dir /no/such::/there", "where HOST is a folder that is there")]
    [TestCase("--stdin /no/such", "--stdin /no/such: ")]
    [TestCase("--reference nobody", "it is not among the runtimes that are tried")]
    [TestCase("--format yaml", "yaml")]
    public async Task Wrong_usage_is_one_line(string options, string words)
    {
        var result = await TryAsync(Hello, ["-r", "wasmtime", .. options.Split(' ')]);
        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain(words));
    }

    [Test]
    public async Task Without_a_runtime_nothing_can_be_said()
    {
        var result = await TryAsync(Hello, "-r", "is-unavailable");
        Assert.That(result.ExitCode, Is.EqualTo(3));
        Assert.That(result.Output, Does.Contain("unsupported: no runtime ran it").And.Contain("install the fake engine"));
    }

    private Task<CommandResult> TryAsync(string module, params string[] options)
    {
        var path = _folder.Write($"{Guid.NewGuid():N}/guest.wat", module);
        var end = Array.IndexOf(options, "--") is >= 0 and var at ? at : options.Length;
        return Command.RunAsync(["try", path, .. Runtimes, .. options[..end], .. options[end..]]);
    }
}
