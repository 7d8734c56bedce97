using Conformance.Engine.Running;
using Conformance.Model.Observations;
using Conformance.Tests.Harness;
using Conformance.Wasm;

namespace Conformance.Tests.Runtimes;

/// <summary>
/// What stops a guest has the specification's name, in the phase in which it happens, on every runtime; a proposal that is off is named;
/// nothing is <c>unmapped</c>.
/// </summary>
[Category("Long")]
[TestFixture("wasmtime")]
[TestFixture("wasmer")]
[TestFixture("wasmer-js")]
[TestFixture("node")]
[TestFixture("chromium")]
[TestFixture("wamr")]
[TestFixture("lucet")]
[TestFixture("wazero")]
[TestFixture("node-cli")]
[TestFixture("wasmtime-cli")]
public sealed class EngineOutcomeTests(string runtime)
{
    private const string Memory = """(memory (export "memory") 1)""";
    private const string Array = "(type $a (array i8))";
    private const string Struct = "(type $s (struct (field i32)))";

    private readonly TemporaryFolder _folder = new();
    private readonly WarmRuns _runs = new();

    [OneTimeTearDown]
    public async Task EndAsync()
    {
        await _runs.DisposeAsync();
        _folder.Dispose();
    }

    // What a runtime's WASI can't do before there is an instance is its own: node:wasi, the page's shim, Wasmer's SDK.
    [TestCase("(func $s (drop (i32.div_s (i32.const 1) (i32.const 0)))) (start $s)", "start trap:integer divide by zero", "")]
    [TestCase("(func $s (drop (i32.load (i32.const 65536)))) (start $s)", "start trap:out of bounds memory access", "")]
    [TestCase("""(data (i32.const 65535) "ab")""", "start trap:out of bounds memory access", "lucet=observe")]
    [TestCase("(table 1 funcref) (func $f) (elem (i32.const 1) $f)", "start trap:out of bounds table access", "lucet,wazero=observe")]
    public async Task Instantiating_traps_at_start(string text, string outcome, string others) =>
        await CheckAsync($"""(module {Memory} {text} (func (export "_start")))""", outcome, others);

    [TestCase("(table 1 externref)", "(drop (table.get (i32.const 9)))", "out of bounds table access", "reference-types",
        "wazero=run trap:undefined element")]
    [TestCase("(table 1 funcref)", "(call_indirect (i32.const 9))", "undefined element", null, "")]
    [TestCase("(table 1 funcref)", "(call_indirect (i32.const 0))", "uninitialized element", null,
        "wazero,lucet=run trap:undefined element")]
    [TestCase(Array, "(drop (array.get_u $a (array.new $a (i32.const 0) (i32.const 1)) (i32.const 5)))", "out of bounds array access", "gc", "")]
    [TestCase(Struct, "(drop (struct.get $s 0 (ref.null $s)))", "null reference", "gc", "")]
    [TestCase(Struct + Array, "(drop (ref.cast (ref $s) (array.new $a (i32.const 0) (i32.const 1))))", "cast failure", "gc", "")]
    [TestCase("", "(drop (memory.atomic.wait32 (i32.const 0) (i32.const 1) (i64.const 1000)))", "expected shared memory", "threads",
        "wasmer=observe")]
    public async Task A_trap_has_the_specifications_name(string items, string body, string trap, string? proposal, string others) =>
        await CheckAsync($"""(module {items} {Memory} (func (export "_start") {body}))""", $"run trap:{trap}", others, proposal);

    [TestCase("(drop (i32.atomic.load (i32.const 1)))", "run trap:unaligned atomic")]
    [TestCase("(drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))", "observe")]
    public async Task Shared_memory_is_a_proposal_that_may_be_off_when_it_is_made(string body, string outcome) =>
        await CheckAsync($"""(module (memory (export "memory") 1 1 shared) (func (export "_start") {body}))""", outcome,
            "wasmtime,wasmtime-cli=link unsupported-feature threads", "threads");

    [Test]
    public async Task An_exception_that_nobody_catches_is_an_outcome_of_its_own() =>
        await CheckAsync($"""(module (tag $x) {Memory} (func (export "_start") (throw $x)))""",
            "run uncaught-exception", "", "exception-handling");

    [Test]
    public async Task A_proposal_that_is_off_is_named_where_the_engine_names_it()
    {
        const string Text = """(module (memory (export "memory") i64 1) (func (export "_start") (i64.store (i64.const 8) (i64.const 1))))""";
        await CheckAsync(Text, "observe", "wasmer=compile unsupported-feature memory64", "memory64");
    }

    [TestCase("clock_time_get", "(param i32 i64 i32) (result i32)", "(drop (call $f (i32.const 99) (i64.const 1) (i32.const 512)))",
        "wasmtime,wasmtime-cli=run wasi-fault")]
    [TestCase("fd_write", "(param i32 i32 i32 i32) (result i32)",
        "(drop (call $f (i32.const 1) (i32.const 65532) (i32.const 4) (i32.const 8)))",
        "wasmtime,wasmtime-cli,chromium=run wasi-fault;wamr=run trap:out of bounds memory access")]
    [TestCase("clock_res_get", "(param i32) (result i64)", "(drop (call $f (i32.const 0)))",
        "wasmtime,wasmtime-cli,wasmer,wazero=link incompatible-type;node,node-cli,chromium,wasmer-js=run incompatible-type;"
        + "wamr=run trap:unlinked import;lucet=compile unknown-import")]
    public async Task What_ends_a_guest_in_WASI_is_told_as_that(string function, string type, string body, string others) =>
        await CheckAsync($"""
            (module (import "wasi_snapshot_preview1" "{function}" (func $f {type})) {Memory} (func (export "_start") {body}))
            """, "observe", others);

    [Test]
    public async Task A_start_function_may_print_or_it_is_the_runtimes_WASI_that_fails()
    {
        const string Text = """
            (module (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1) (data (i32.const 0) "\10\00\00\00\03\00\00\00") (data (i32.const 16) "hi\n")
              (func $s (export "_start") (drop (call $w (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))) (start $s))
            """;
        var cell = await CheckAsync(Text, "observe", "node,node-cli,chromium,wasmer-js=start wasi-fault");
        if (cell.Outcome.Code is null) Assert.That(cell.Run.Stdout.Text, Is.EqualTo("hi\nhi\n"));
        else Assert.That(cell.Run.Text, Does.StartWith("node:wasi: ").Or.StartWith("browser_wasi_shim ").Or.StartWith("@wasmer/sdk: "));
    }

    /// <summary>Several imports under one module's name, as Binaryen writes them with all proposals on.</summary>
    [Test]
    public async Task A_compact_import_section_is_a_proposal_too()
    {
        byte[] module = [.. "\0asm"u8, 1, 0, 0, 0, 1, 8, 2, 0x60, 0, 0, 0x60, 1, 0x7f, 0,
            2, 39, 1, 22, .. "wasi_snapshot_preview1"u8, 0, 0x7e, 0, 1, 1, 9, .. "proc_exit"u8, 3, 2, 1, 0, 5, 3, 1, 0, 1,
            7, 19, 2, 6, .. "memory"u8, 2, 0, 6, .. "_start"u8, 0, 1, 10, 4, 1, 2, 0, 0x0b];
        var run = await _runs.RunAsync(
            Fakes.Plan(Guests.FromBytes(_folder, "compact", module), Repository.Runtime(runtime)), new RunOptions());
        var cell = run.Cells.Single();
        // The old ones do not say what they do not know.
        Assert.That((cell.Outcome.Phase, cell.Outcome.Code), Is.EqualTo((Phase.Compile,
            runtime is "wamr" or "lucet" ? OutcomeCodes.Malformed : "unsupported-feature compact-imports")), cell.Run.Text);
        Assert.That(cell.Observation.Ledger.Select(row => (row.Module, row.Name, row.Type)),
            Is.EqualTo(new[] { ("wasi_snapshot_preview1", "proc_exit", "(i32) -> ()") }));
    }

    [Test]
    public async Task A_start_function_may_exit()
    {
        const string Text = """
            (module (import "wasi_snapshot_preview1" "proc_exit" (func $e (param i32))) (memory (export "memory") 1)
              (func $s (call $e (i32.const 3))) (start $s) (func (export "_start") unreachable))
            """;
        // WAMR of 2020 goes on after it; of Lucet, the number is lost.
        var cell = await CheckAsync(Text, "run exit:3", "wasmer-js=start wasi-fault;lucet=observe;wamr=observe;wamr=run trap:unreachable");
        if (cell.Outcome.Code == "exit:3") Assert.That(cell.Run.Exit, Is.EqualTo(3));
    }

    [TestCase("TypeError: x is not a function\n    ")]
    [TestCase("LinkError: function import requires a callable\nunknown import: `x::y` has not been defined\n")]
    [TestCase("error instantiating wasm binary: module[] function[_start] failed: wasm error: unreachable\n")]
    [TestCase("Error: failed to run main module\n\nCaused by:\n    2: wasm trap: integer divide by zero\n")]
    [TestCase("link unknown-import\nnobody\n")]
    public async Task No_words_of_a_guest_are_taken_for_the_runtimes(string words)
    {
        var bytes = string.Concat(System.Text.Encoding.UTF8.GetBytes(words).Select(octet => $"\\{octet:x2}"));
        var text = $"""
            (module
              (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "proc_exit" (func $e (param i32)))
              (memory (export "memory") 1)
              (data (i32.const 0) "\10\00\00\00\{words.Length:x2}\00\00\00") (data (i32.const 16) "{bytes}")
              (func (export "_start")
                (drop (call $w (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
                (drop (call $w (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
                (call $e (i32.const 1))))
            """;
        var cell = await CheckAsync(text, "run exit:1", "wamr,lucet=observe");
        Assert.That((cell.Run.Stdout.Text, cell.Run.Stderr.Text), Is.EqualTo((words, words)));
    }

    [Test]
    public async Task Names_that_every_object_of_JavaScript_has_are_nobodys()
    {
        const string Text = """
            (module (import "env" "toString" (func $a (result i32))) (import "toString" "valueOf" (func $b (result i32)))
              (memory (export "memory") 1) (func (export "_start") (drop (call $a)) (drop (call $b))))
            """;
        var cell = await CheckAsync(Text, "link unknown-import",
            "wazero=link unknown-module;lucet=compile unknown-import;wamr=run trap:unlinked import");
        Assert.That(cell.Observation.Ledger.Select(row => row.Provider), Is.All.EqualTo(Provider.Missing));
    }

    [Test]
    public async Task One_cell_that_gets_no_memory_is_not_the_next_ones_end()
    {
        var huge = Guests.FromText(_folder, "huge", """(module (memory (export "memory") 65536) (func (export "_start")))""");
        var small = Guests.FromText(_folder, "small", $"""(module {Memory} (func (export "_start")))""");
        var manifest = Repository.Runtime(runtime);
        var plan = new Engine.Planning.Plan([huge, small], [manifest], [.. new[] { huge, small, huge, small }.Distinct()
            .Select(module => new Engine.Planning.Cell(module, module.Scenarios[0], manifest))]);
        var run = await _runs.RunAsync(plan, new RunOptions { Jobs = 1 });
        Assert.That(run.Cells[0].Outcome.Code, Is.AnyOf(null, OutcomeCodes.ResourceExhausted), run.Cells[0].Run.Text);
        Assert.That(run.Cells[1].Outcome.Code, Is.Null, run.Cells[1].Run.Text);
    }

    /// <summary>Somebody looks for a fault of their own: what is said of a guest is what it was.</summary>
    [Test]
    public async Task What_an_engine_says_of_a_guest_has_no_trace_of_the_engine()
    {
        // It stays: other fixtures run meanwhile, and nothing may depend on it.
        Environment.SetEnvironmentVariable("RUST_BACKTRACE", "1");
        var module = Guests.FromText(_folder, "missing", """(module (import "env" "nobody" (func)) (func (export "_start")))""");
        var run = await new RecordedRun().RunAsync(Fakes.Plan(module, Repository.Runtime(runtime)), new RunOptions());
        Requirement.Present(run.Header!);
        var cell = run.Cells.Single();
        Assert.That(cell.Run.Text + cell.Observation.Ledger.Single().Text + cell.Run.Stderr?.Text,
            Does.Not.Contain("stack backtrace").IgnoreCase);
    }

    /// <param name="text">The guest.</param>
    /// <param name="expected">The phase, and the code where it fails.</param>
    /// <param name="others">Where it is otherwise: <c>runtimes=outcome</c>, with semicolons between.</param>
    /// <param name="proposal">What a runtime may lack: then it is named.</param>
    private async Task<Model.Reports.CellLine> CheckAsync(string text, string expected, string others, string? proposal = null)
    {
        var module = Guests.FromText(_folder, $"guest-{TestContext.CurrentContext.Test.ID}", text);
        var run = await _runs.RunAsync(Fakes.Plan(module, Repository.Runtime(runtime)), new RunOptions { Jobs = 1 });
        var cell = run.Cells.Single();
        var outcome = cell.Outcome.Code is { } code ? $"{cell.Outcome.Phase.Word()} {code}" : cell.Outcome.Phase.Word();
        string[] declared = [.. others.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(entry => entry.Split('='))
            .Where(entry => entry[0].Split(',').Contains(runtime)).Select(entry => entry[1])];
        List<string> allowed = [.. declared.Length > 0 ? declared : [expected]];
        if (proposal is not null) allowed.Add($"compile {OutcomeCodes.Unsupported(proposal)}");
        // One that no engine here is sure to have can't be asked about, where the engine's words do not name it.
        if (proposal is not null && !Proposals.Names.Contains(proposal)) allowed.Add($"compile {OutcomeCodes.Malformed}");
        // What V8 compiles and the SDK's own reader does not know, ends the SDK (seen with 0.16.0 and Node 24).
        if (proposal is not null && runtime == "wasmer-js") allowed.Add($"compile {OutcomeCodes.Crashed}");
        Assert.That(allowed, Has.Member(outcome), cell.Run.Text + cell.Observation.WorkerStderr);
        if (cell.Outcome.Code is not null && cell.Run.Exit is null) Assert.That(cell.Run.Text, Is.Not.Empty);
        return cell;
    }
}
