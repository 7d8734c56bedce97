using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Wasmtime;
using WasmtimeEngine = Wasmtime.Engine;

namespace Conformance.Tests.CommandLine;

/// <summary>
/// What an explanation says to write in a host is what that host takes: each line whose host can be here is run. Lines for Rust, Go and the
/// packages of others are not: nothing brings those hosts here.
/// </summary>
[TestFixture]
[Category("Portable")]
public sealed class HostLineTests
{
    private static readonly List<(string Host, string? Runtime, string Line)> Lines =
    [
        .. JsonNode.Parse(File.ReadAllText(
                Path.Combine(Repository.Root, "harness", "Conformance.Engine", "Origins", "conventions.json")))!["conventions"]!.AsArray()
            .SelectMany(convention => convention!["hosts"]?.AsArray() ?? [])
            .Select(host => ((string)host!["host"]!, (string?)host["runtime"], (string)host["do"]!)),
    ];

    private readonly TemporaryFolder _folder = new();

    private static IEnumerable<string> LinesOfJavaScript =>
        Lines.Where(line => line.Host is "JavaScript" or "Node.js" && Regex.IsMatch(line.Line, @"^new (WebAssembly\.|WASI\(\{)"))
            .Select(line => line.Line).Distinct();

    /// <summary>Commands of runtimes, but for those of a build of their own, which are told after a comma.</summary>
    private static IEnumerable<TestCaseData<string, string>> Commands =>
        Lines.Where(line => line is { Host: "command", Runtime: not null } && !Regex.IsMatch(line.Line, "&&|, "))
            .Select(line => new TestCaseData<string, string>(line.Runtime!, line.Line)).DistinctBy(data => data.Arguments[1]);

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void Each_line_for_CSharp_provides_what_it_says()
    {
        using var engine = new WasmtimeEngine();
        using var linker = new Linker(engine);
        using var store = new Store(engine);
        var calls = 0;
        var run = new List<string>();
        Run(() => { linker.DefineWasi(); store.SetWasiConfiguration(new WasiConfiguration()); });
        Run(() => linker.DefineFunction("env", "function", () => calls++));
        Run(() => linker.Define("env", "memory", new Memory(store, 1)));
        Run(() => linker.Define("env", "table", new Table(store, TableKind.FuncRef, null, 1)));
        Run(() => linker.Define("env", "global", new Global(store, ValueKind.Int32, 0, Mutability.Immutable)));

        using var module = Module.FromText(engine, "all", """
            (module
              (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
              (import "env" "function" (func $function (result i32)))
              (import "env" "memory" (memory 1)) (import "env" "table" (table 1 funcref)) (import "env" "global" (global i32))
              (export "memory" (memory 0))
              (func (export "_start") (drop (call $yield)) (drop (call $function))))
            """);
        linker.Instantiate(store, module).GetAction("_start")!();
        Assert.That(calls, Is.EqualTo(1));
        Assert.That(Lines.Where(line => line.Host == "C#, Wasmtime" && !run.Exists(code => IsLine(line.Line, code))), Is.Empty, "not run");

        void Run(Action line, [CallerArgumentExpression(nameof(line))] string text = "")
        {
            line();
            run.Add(text);
        }

        static bool IsLine(string line, string code) => Regex.IsMatch(code,
            Regex.Escape(line).Replace(@"\{module}", "\"env\"").Replace(@"\{name}", "\"\\w+\"").Replace("…", ".+"));
    }

    [TestCaseSource(nameof(LinesOfJavaScript))]
    public void A_line_for_JavaScript_is_taken_by_Node(string line)
    {
        var result = Processes.Run("node", "--input-type=module", "--eval", $"import {{ WASI }} from \"node:wasi\"; {line};");
        if (result == -1) Requirement.Missing("node", "'node' is not on PATH");
        Assert.That(result, Is.Zero);
    }

    [TestCaseSource(nameof(Commands))]
    public void A_command_runs_a_guest_that_needs_nothing(string runtime, string line)
    {
        if (!File.Exists(_folder.Sub("guest.wasm")))
        {
            File.WriteAllBytes(_folder.Sub("guest.wasm"),
                Module.ConvertText("""(module (memory (export "memory") 1) (func (export "_start")))"""));
        }

        var words = line.Replace("{file}", _folder.Sub("guest.wasm")).Split(' ');
        var result = Processes.Run(words[0], words[1..]);
        if (result == -1) Requirement.Missing(runtime, $"'{words[0]}' is not on PATH");
        Assert.That(result, Is.Zero);
    }
}
