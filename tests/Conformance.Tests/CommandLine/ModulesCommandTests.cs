using System.Text.Json.Nodes;
using Conformance.Reporting.Jsonl;

namespace Conformance.Tests.CommandLine;

/// <summary><c>conformance modules</c>.</summary>
[Category("Portable")]
[TestFixture]
public sealed class ModulesCommandTests
{
    private const string Text = """
        (module
          (import "env" "main.getCount" (func (param i32 i64) (result i32)))
          (import "env" "main.getCount" (func))
          (import "a \"b\\" "\00" (global (mut f32)))
          (import "env" "constant" (global i32))
          (import "env" "memory" (memory 1 2))
          (import "env" "table" (table 3 funcref)))
        """;

    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task Imports_are_listed_in_the_text_format_which_gives_the_same_module_again()
    {
        var result = await Command.RunAsync("modules", "imports", Write());
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        var lines = result.Output.Split('\n');
        Assert.That(lines[0], Is.EqualTo("""(import "env" "main.getCount" (func (param i32 i64) (result i32)))"""));
        Assert.That(lines, Has.Length.EqualTo(6));
        Assert.That(Wasmtime.Module.ConvertText($"(module {result.Output})"), Is.EqualTo(Wasmtime.Module.ConvertText(Text)));
    }

    [Test]
    public async Task Imports_are_listed_as_a_JSON_array()
    {
        var result = await Command.RunAsync("modules", "imports", Write(), "--format", "json");
        var array = JsonNode.Parse(result.Output)!.AsArray();
        Assert.That(array, Has.Count.EqualTo(6));
        Assert.That(array[0]!.ToJsonString(),
            Is.EqualTo("""{"module":"env","name":"main.getCount","kind":"func","type":"(i32, i64) -\u003E (i32)"}"""));
        Assert.That((string?)array[4]!["type"], Is.EqualTo("1..2"));
    }

    [Test]
    public async Task A_module_without_imports_is_an_empty_array()
    {
        File.WriteAllBytes(_folder.Sub("empty.wasm"), [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
        Assert.That((await Command.RunAsync("modules", "imports", _folder.Sub("empty.wasm"), "--format", "json")).Output, Is.EqualTo("[]"));
    }

    [Test]
    public async Task A_file_that_is_no_module_or_not_there_is_wrong_input()
    {
        var text = _folder.Write("text.wasm", "hello");
        var result = await Command.RunAsync("modules", "imports", text);
        Assert.That((result.ExitCode, result.Error),
            Is.EqualTo((2, $"conformance: {text}: text, and no module: it begins with \"hello\"\n")));
        Assert.That((await Command.RunAsync("modules", "imports", "/nowhere.wasm")).ExitCode, Is.EqualTo(2));
    }

    [Test]
    public async Task A_module_is_rebuilt_and_one_that_differs_exits_with_1()
    {
        _folder.Write("modules/same/build.sh", "#!/bin/sh\nprintf '\\0asm\\1\\0\\0\\0' > \"$1\"\n");
        _folder.Write("modules/other/build.sh", "#!/bin/sh\nprintf '\\0asm\\1\\0\\0\\0\\0\\2\\1x' > \"$1\"\n");
        _folder.Write("modules/lacks/build.sh", "#!/bin/sh\necho 'no compiler here' >&2\nexit 3\n");
        _folder.Write("modules/breaks/build.sh", "#!/bin/sh\necho 'line 7: syntax error' >&2\nexit 1\n");
        foreach (var id in new[] { "same", "other", "lacks", "breaks" })
        {
            Assert.That(Processes.Run("chmod", "+x", _folder.Sub("modules", id, "build.sh")), Is.Zero);
            Runtimes.Guests.FromBytes(_folder, id, [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
        }

        var same = await BuildAsync("same");
        Assert.That((same.ExitCode, same.Output), Is.EqualTo((0, "same                     identical")), same.Error);
        var lacks = await BuildAsync("lacks", "same");
        Assert.That((lacks.ExitCode, lacks.Output.Split('\n')[0]), Is.EqualTo((3, "lacks                    not built: no compiler here")));
        var all = await BuildAsync();
        Assert.That(all.ExitCode, Is.EqualTo(1), all.Error);
        Assert.That(all.Output, Does.Contain("breaks                   failed: line 7: syntax error").And.Contain(
            "other                    differs: 8 bytes committed, 12 built, the first that differs at 0x8; imports and exports are the same"));
        Assert.That((await BuildAsync("nobody")).ExitCode, Is.EqualTo(2));
    }

    [Test]
    public async Task Sizes_are_told_with_what_takes_the_space()
    {
        Runtimes.Guests.FromText(_folder, "sized", $"""(module (memory 1) (func (export "large") {string.Concat(Enumerable.Repeat("(drop (i32.const 1234567))", 300))}) (func (export "small")) (data (i32.const 0) "{new string('x', 500)}"))""");
        var none = new Dictionary<string, string?> { ["WASM_OPT"] = "/nowhere/wasm-opt" };
        var result = await Command.RunAsync(none, "modules", "size", "sized", "--modules-dir", _folder.Sub("modules"));
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        var row = result.Output.Split('\n').Single(line => line.Contains("│ sized", StringComparison.Ordinal))
            .Split('│', StringSplitOptions.TrimEntries);
        var bytes = new FileInfo(_folder.Sub("modules", "sized", "sized.wasm")).Length;
        Assert.That(row[2], Is.EqualTo(bytes.ToString("N0", System.Globalization.CultureInfo.InvariantCulture)));
        Assert.That(row[6], Does.StartWith("code ").And.Contain("data "));
        Assert.That(row[7], Does.StartWith("large "));
        Assert.That(result.Output, Does.Contain("not optimised: sized: /nowhere/wasm-opt is not here: "));
        var refuses = _folder.Write("refuses", "#!/bin/sh\necho 'no such thing' >&2\nexit 1\n");
        Assert.That(Processes.Run("chmod", "+x", refuses), Is.Zero);
        var refused = await Command.RunAsync(new Dictionary<string, string?> { ["WASM_OPT"] = refuses },
            "modules", "size", "sized", "--modules-dir", _folder.Sub("modules"));
        Assert.That(refused.Output, Does.Contain("not optimised: sized: refuses refuses it: no such thing"));
    }

    [Test]
    public async Task A_run_puts_sizes_into_its_report_and_measures_each_module_once()
    {
        Runtimes.Guests.FromText(_folder, "measured", """(module (memory (export "memory") 1) (func (export "_start")))""");
        var calls = _folder.Sub("calls");
        var optimiser = _folder.Write("wasm-opt", $"#!/bin/sh\necho called >> '{calls}'\nfor output; do :; done\ncp \"$1\" \"$output\"\n");
        Assert.That(Processes.Run("chmod", "+x", optimiser), Is.Zero);
        var environment = new Dictionary<string, string?> { ["WASM_OPT"] = optimiser, ["CONFORMANCE_HOME"] = _folder.Sub("home") };
        Task<CommandResult> RunAsync(string to, params string[] more) => Command.RunAsync(
            environment, ["run", "-m", "measured", "-r", "wasmtime",
                "--server", "embedded", "--modules-dir", _folder.Sub("modules"), "--out", _folder.Sub(to), .. more]);

        Assert.That((await RunAsync("unmeasured")).ExitCode, Is.Zero);
        Assert.That(ReportReader.Read(_folder.Sub("unmeasured", "report.jsonl")).Sizes, Is.Empty);
        var measured = await RunAsync("sized", "--sizes");
        const string Waits = "measuring the size of 1 module: a minute for ten megabytes\n";
        Assert.That(measured.Output, Does.Contain(Waits).And.Contain("│ measured ").And.Contain("wasm-opt -Oz"), measured.Error);
        Assert.That((await RunAsync("known")).Output, Does.Not.Contain("wasm-opt"));
        var again = await RunAsync("again", "--sizes");
        Assert.That((again.ExitCode, again.Output.Contains(Waits)), Is.EqualTo((0, false)));
        Assert.That(File.ReadAllLines(calls), Has.Length.EqualTo(1));

        var bytes = new FileInfo(_folder.Sub("modules", "measured", "measured.wasm")).Length;
        foreach (var to in new[] { "sized", "known", "again" })
        {
            var size = ReportReader.Read(_folder.Sub(to, "report.jsonl")).Sizes.Single();
            Assert.That((size.Module, size.Raw, size.Optimised, size.Sections.Sum(s => s.Bytes) + 8),
                Is.EqualTo(("measured", bytes, (long?)bytes, bytes)), to);
            Assert.That(size.Functions.Single().Name, Is.EqualTo("_start"));
        }

        Assert.That((await Command.RunAsync("show", _folder.Sub("known"), "--sizes", "1")).Output, Does.Contain("│ measured "));
    }

    private Task<CommandResult> BuildAsync(params string[] ids) =>
        Command.RunAsync(["modules", "build", .. ids, "--modules-dir", _folder.Sub("modules")]);

    private string Write()
    {
        var file = _folder.Sub("imports.wasm");
        File.WriteAllBytes(file, Wasmtime.Module.ConvertText(Text));
        return file;
    }
}
