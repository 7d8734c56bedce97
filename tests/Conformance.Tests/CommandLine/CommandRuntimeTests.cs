using System.Text.Json;
using Conformance.Machine;

namespace Conformance.Tests.CommandLine;

/// <summary>A runtime that is a command, added by one TOML file; and what is told of a file that is wrong.</summary>
[TestFixture]
public sealed class CommandRuntimeTests
{
    private const int Pass = 0;
    private const int WrongUsage = 2;

    private readonly TemporaryFolder _folder = new();

    private static string Run => Path.Combine(Repository.Runtimes, "node-cli", "run.mjs");

    /// <summary>Node once more, under another name, described anew.</summary>
    private static string Described => $"""
        name = "A runtime of ours"
        remedy = "install Node.js"

        [command]
        program = "node"
        version = ["--version"]
        engine = "V8"
        run = ["--no-warnings", '{Run}', "{"{env}"}", "{"{module}"}", "{"{args}"}"]
        env = ["--env={"{name}"}={"{value}"}"]

        [[command.outcomes]]
        words = '^RuntimeError: unreachable'
        phase = "run"
        code = "trap:unreachable"
        """;

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task One_TOML_file_is_a_runtime()
    {
        var result = await RunAsync("ours", Described, "-m", "counter-c", "-m", "counter-wat");
        Assert.That(result.ExitCode, Is.EqualTo(Pass), result.Output + result.Error);
        Assert.That(result.Output, Does.Contain("2 cells").And.Contain("2 pass"));
        var lines = await File.ReadAllLinesAsync(_folder.Sub("ours", "report", "report.jsonl"));
        var header = JsonDocument.Parse(lines[0]).RootElement.GetProperty("runtimes")[0];
        Assert.That(header.GetProperty("version").GetString(), Does.Match(@"^\d+\.\d+\.\d+$"));
        Assert.That(header.GetProperty("features").EnumerateArray().Select(feature => feature.GetString()),
            Is.EqualTo(new[] { "host functions: composed" }));
        var cell = lines.Select(line => JsonDocument.Parse(line).RootElement)
            .First(line => line.GetProperty("type").GetString() == "cell" && line.GetProperty("module").GetString() == "counter-c");
        // The guest as it came: nothing of what was merged into it.
        Assert.That(cell.GetProperty("ledger").EnumerateArray().Select(row =>
            $"{row.GetProperty("module")}::{row.GetProperty("name")} {(row.TryGetProperty("note", out var note) ? note : "")}".Trim()),
            Is.EquivalentTo(new[]
        {
            "env::main.getCount composed", "env::main.incrementCount composed",
                "wasi_snapshot_preview1::fd_close", "wasi_snapshot_preview1::fd_fdstat_get", "wasi_snapshot_preview1::fd_seek",
            "wasi_snapshot_preview1::fd_write", "wasi_snapshot_preview1::proc_exit",
        }));
    }

    /// <summary>A process that is killed has said nothing of the import that it was asked about.</summary>
    [Test]
    public async Task A_probe_that_is_killed_is_asked_again()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("there are no signals");
        _folder.Write("killed/runtimes/killed/once.sh", """
            for argument; do
              case $argument in */probe-*.wasm) [ -e "$argument.seen" ] || { : > "$argument.seen"; kill -9 $$; } ;; esac
            done
            exec node "$@"
            """);
        var killed = Described.Replace("program = \"node\"", "program = \"sh\"", StringComparison.Ordinal)
            .Replace("[\"--version\"]", "[\"-c\", \"node --version\"]", StringComparison.Ordinal)
            .Replace("\"--no-warnings\"", "\"{here}/once.sh\", \"--no-warnings\"", StringComparison.Ordinal);
        var results = new[] { await RunAsync("killed", killed, "-m", "counter-c"), await RunAsync("whole", Described, "-m", "counter-c") };
        Assert.That(results.Select(result => result.ExitCode), Is.All.EqualTo(Pass), results[0].Output + results[0].Error);
        Assert.That(Ledger("killed"), Is.EqualTo(Ledger("whole")).And.Not.Empty);

        string Ledger(string id) => File.ReadLines(_folder.Sub(id, "report", "report.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Single(line => line.GetProperty("type").GetString() == "cell").GetProperty("ledger").GetRawText();
    }

    /// <summary>That one compiles a guest says nothing of another that is started by the same program, here a shell.</summary>
    [Test]
    public async Task That_a_command_compiles_a_guest_is_kept_for_itself_alone()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("there is no sh");
        var described = Described.Replace("program = \"node\"", "program = \"sh\"", StringComparison.Ordinal)
            .Replace("[\"--version\"]", "[\"-c\", \"node --version\"]", StringComparison.Ordinal)
            .Replace("\"--no-warnings\"", "\"{here}/run.sh\", \"--no-warnings\"", StringComparison.Ordinal) + """

            [[command.outcomes]]
            words = '^CompileError: '
            phase = "compile"
            code = "malformed"
            """;
        _folder.Write("takes/runtimes/takes/run.sh", "exec node \"$@\"\n");
        // Of the guest as it is: what is composed of it, it would take.
        _folder.Write("refuses/runtimes/refuses/run.sh", """
            for argument; do
              case $argument in */modules/*) echo "CompileError: not this one" >&2; exit 1 ;; esac
            done
            exec node "$@"
            """);
        var takes = await RunAsync("takes", described, "-m", "counter-c");
        Assert.That(takes.ExitCode, Is.EqualTo(Pass), takes.Output + takes.Error);
        var refuses = await RunAsync("refuses", described, "-m", "counter-c");
        Assert.That(refuses.Output, Does.Contain("malformed"), refuses.Error);
    }

    /// <summary>What is kept of a runtime's answers is the worker's too, which would ask for itself before it runs a guest.</summary>
    [Test]
    public async Task The_next_run_asks_a_command_about_no_import_again()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("there is no sh");
        _folder.Write("asked/runtimes/asked/tells.sh", """
            for argument; do
              case $argument in */probe-*.wasm) echo asked >> "$(dirname "$0")/../../log" ;; esac
            done
            exec node "$@"
            """);
        // Beside the runtime's folder: what lies in it is the runtime.
        var log = _folder.Sub("asked", "log");
        var asked = Described.Replace("program = \"node\"", "program = \"sh\"", StringComparison.Ordinal)
            .Replace("[\"--version\"]", "[\"-c\", \"node --version\"]", StringComparison.Ordinal)
            .Replace("\"--no-warnings\"", "\"{here}/tells.sh\", \"--no-warnings\"", StringComparison.Ordinal);
        var first = await RunAsync("asked", asked, "-m", "counter-c");
        Assert.That(first.ExitCode, Is.EqualTo(Pass), first.Output + first.Error);
        Assert.That(File.ReadAllLines(log), Is.Not.Empty);
        File.Delete(log);
        var second = await RunAsync("asked", asked, "-m", "counter-c");
        Assert.That(second.ExitCode, Is.EqualTo(Pass), second.Output + second.Error);
        Assert.That(File.Exists(log), Is.False);
    }

    [TestCase("program = \"node\"", "", 4, "'program' is missing in 'command'", TestName = "no_program")]
    [TestCase("{args}", "{arguments}", 8,
        "'command.run' has {arguments}; known there: {module}, {args}, {cache}, {env}, {preopens}, {entry}, {stdin}, {words}, {argv0}, {here}",
        TestName = "wrong_place")]
    [TestCase("{name}", "{nam}", 9, "'command.env' has {nam}; known there: {name}, {value}, {here}", TestName = "wrong_place_in_a_part")]
    [TestCase("\"{env}\", ", "", 9, "'command.env' is not used: 'command.run' has no {env}", TestName = "a_part_that_is_not_used")]
    [TestCase("env = [\"--env={name}={value}\"]", "", 8,
        "'command.run' has {env}, and there is no 'command.env'", TestName = "a_part_that_is_not_there")]
    [TestCase("\"{module}\"", "\"x\"", 8, "'command.run' has no {module}", TestName = "no_module")]
    [TestCase("\"{args}\"", "\"--{args}\"", 8, "it must be an item of its own", TestName = "arguments_within_an_item")]
    [TestCase("'^RuntimeError: unreachable'", "'('", 12, "'words' is no regular expression", TestName = "no_regular_expression")]
    [TestCase("trap:unreachable", "Trapped!", 14, "'Trapped!' is no code", TestName = "no_code")]
    [TestCase("[command]", "[worker]\nassembly = \"x\"\n[command]",
        4, "a runtime has either a 'worker' or a 'command'", TestName = "a_worker_besides")]
    public async Task A_wrong_description_is_told_with_its_line(string text, string instead, int line, string words)
    {
        var result = await RunAsync(TestContext.CurrentContext.Test.Name,
            Described.Replace(text, instead, StringComparison.Ordinal), "-m", "counter-wat");
        Assert.That(result.ExitCode, Is.EqualTo(WrongUsage), result.Output + result.Error);
        Assert.That(result.Error.Trim(), Does.Contain($"runtime.toml:{line}:").And.Contain(words));
        Assert.That(result.Error.Trim().Split('\n'), Has.Length.EqualTo(1));
    }

    [TestCase("[\"--version\"]", "[\"-p\", \"'none'\"]", "version", TestName = "prints_no_version")]
    [TestCase("engine", "version-pattern = 'version (?<version>.*)'\nengine", "version-pattern", TestName = "pattern_that_does_not_match")]
    public async Task A_version_that_is_not_found_is_told_with_its_line(string text, string instead, string key)
    {
        var described = Described.Replace(text, instead, StringComparison.Ordinal);
        var line = described.Split('\n').Index().First(its => its.Item.StartsWith(key + " =", StringComparison.Ordinal)).Index + 1;
        var result = await RunAsync(TestContext.CurrentContext.Test.Name, described, "-m", "counter-wat");
        Assert.That(result.ExitCode, Is.EqualTo(WrongUsage), result.Output + result.Error);
        Assert.That(result.Error.Trim(), Does.Contain($"runtime.toml:{line}: no version is found in what 'node "));
        Assert.That(result.Error.Trim().Split('\n'), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task A_command_that_is_not_here_is_unavailable_with_its_remedy_and_the_line_that_names_it()
    {
        var result = await RunAsync("absent",
            Described.Replace("program = \"node\"", "program = \"no-such-runtime\"", StringComparison.Ordinal), "-m", "counter-wat");
        Assert.That(result.Output,
            Does.Match(@"unavailable: absent: 'no-such-runtime' is not on PATH \(\S+runtime\.toml:5\); to have it: install Node\.js"));
    }

    [Test]
    public async Task Whatever_a_guest_prints_is_no_request()
    {
        // Binary, without an end of line, in pieces, between its calls: what a request would look like but for its secret.
        var bytes = string.Concat(Enumerable.Range(0, 64).Select(i => $"\\{(i * 37) & 0xff:x2}"));
        _folder.Write("prints/modules/prints/prints.wat", $$"""
            (module
              (import "env" "main.incrementCount" (func $inc))
              (import "env" "main.getCount" (func $get (result i32)))
              (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1)
              (data (i32.const 0) "the first bytes of its memory are its own, whatever is merged with it.")
              (data (i32.const 1024) "{{bytes}}")
              (func $print (param $at i32) (param $length i32)
                (i32.store (i32.const 512) (local.get $at)) (i32.store (i32.const 516) (local.get $length))
                (drop (call $fd_write (i32.const 1) (i32.const 512) (i32.const 1) (i32.const 520))))
              (func (export "_start") (local $i i32)
                (loop $l
                  (call $print (i32.add (i32.const 1024) (local.get $i)) (i32.const 17))
                  (call $inc)
                  (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10))))
                (drop (call $get))
                (call $print (i32.const 0) (i32.const 70))))
            """);
        var wasm = Wasmtime.Module.ConvertText(await File.ReadAllTextAsync(_folder.Sub("prints", "modules", "prints", "prints.wat")));
        await File.WriteAllBytesAsync(_folder.Sub("prints", "modules", "prints", "prints.wasm"), wasm);
        var manifest = new GuestManifest("prints.wasm", Sha256.Hex(wasm))
        {
            Tables = $"""
                {GuestManifest.CounterImports}
                [[scenarios]]
                id = "only"
                guest-count = "host-call"
                [scenarios.expect]
                counts = 10
                """,
        };
        _folder.Write("prints/modules/prints/module.toml", manifest.ToString());
        _folder.Write("prints/runtimes/ours/runtime.toml", Described);
        var result = await Command.RunAsync("run", "--modules-dir", _folder.Sub("prints", "modules"),
            "--runtimes-dir", _folder.Sub("prints", "runtimes"), "--server", "embedded", "--out", _folder.Sub("prints", "report"));
        Assert.That(result.ExitCode, Is.EqualTo(Pass), result.Output + result.Error);
        var cell = (await File.ReadAllLinesAsync(_folder.Sub("prints", "report", "report.jsonl")))
            .Select(line => JsonDocument.Parse(line).RootElement).Single(line => line.GetProperty("type").GetString() == "cell");
        var stdout = cell.GetProperty("stdout");
        Assert.That(stdout.GetProperty("bytes").GetInt32(), Is.EqualTo(10 * 17 + 70));
        Assert.That(stdout.GetProperty("text").GetString(),
            Does.EndWith("the first bytes of its memory are its own, whatever is merged with it."));
    }

    private Task<CommandResult> RunAsync(string id, string manifest, params string[] more)
    {
        _folder.Write($"{id}/runtimes/{id}/runtime.toml", manifest);
        foreach (var module in new[] { "counter-wat", "counter-c" })
        {
            // Without what is declared of other runtimes.
            var source = Path.Combine(Repository.Modules, module);
            var text = File.ReadAllText(Path.Combine(source, "module.toml"));
            var differences = text.IndexOf("[[scenarios.differences]]", StringComparison.Ordinal);
            _folder.Write($"{id}/modules/{module}/module.toml", differences < 0 ? text : text[..differences]);
            File.Copy(Path.Combine(source, module + ".wasm"), _folder.Sub(id, "modules", module, module + ".wasm"), overwrite: true);
        }

        return Command.RunAsync(["run", "--modules-dir", _folder.Sub(id, "modules"),
            "--runtimes-dir", _folder.Sub(id, "runtimes"), "--server", "embedded", "--out", _folder.Sub(id, "report"), .. more]);
    }
}
