using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Manifests;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Tests.Harness;

namespace Conformance.Tests.Runtimes;

/// <summary>Guests that do one thing, on each real runtime: the same answer where the semantics are the same.</summary>
[TestFixture("wasmtime")]
[TestFixture("wasmer")]
[TestFixture("wasmer-js")]
[TestFixture("node")]
[TestFixture("chromium")]
[TestFixture("wamr")]
[TestFixture("lucet")]
[TestFixture("wazero")]
[TestFixture("node-cli")]
public sealed class GuestBehaviourTests(string runtime)
{
    private const string Memory = """(memory (export "memory") 1)""";

    private const string FdWrite = """(import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))""";

    private readonly TemporaryFolder _folder = new();
    private readonly WarmRuns _runs = new();

    /// <summary>Its host functions are merged into the guest.</summary>
    private bool IsCommand => runtime is "wazero" or "node-cli";

    /// <summary>Of a time before bulk memory and reference types.</summary>
    private bool IsOld => runtime is "wamr" or "lucet";

    [OneTimeTearDown]
    public async Task EndAsync()
    {
        await _runs.DisposeAsync();
        _folder.Dispose();
    }

    [TestCase("unreachable", "unreachable")]
    [TestCase("(drop (i32.div_s (i32.const 1) (i32.const 0)))", "integer divide by zero")]
    [TestCase("(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))", "integer overflow")]
    [TestCase("(drop (i32.load (i32.const 0x7fffffff)))", "out of bounds memory access")]
    [TestCase("(drop (i32.trunc_f32_s (f32.const 1e20)))", "integer overflow|invalid conversion to integer")]
    [TestCase("(call $deep)", "call stack exhausted")]
    [TestCase("(call_indirect (i32.const 9))", "undefined element")]
    public async Task A_trap_has_its_name_in_the_specification(string instruction, string trap)
    {
        var cell = await RunAsync("trap",
            $"""(module {Memory} (table 1 funcref) (func $deep (call $deep) (call $deep)) (func (export "_start") {instruction}))""");
        // To Lucet, the processor's one signal is one trap.
        if (runtime == "lucet" && trap == "integer overflow") trap = "integer divide by zero";
        Assert.That(trap.Split('|').Select(name => new Trap(name).Code),
            Has.Member(cell.Outcome.Code), cell.Run.Text + cell.Observation.WorkerStderr);
        Assert.That((cell.Outcome.Phase, cell.Verdict), Is.EqualTo((Phase.Run, Verdict.Fail)));
        Assert.That(cell.Run.Text, Is.Not.Empty);
    }

    [Test]
    public async Task A_trap_in_the_start_function_is_told_at_start()
    {
        var cell = await RunAsync("trap-in-start", $"""(module {Memory} (func $s unreachable) (start $s) (func (export "_start")))""");
        Assert.That((cell.Outcome.Phase, cell.Outcome.Code),
            Is.EqualTo((Phase.Start, Trap.Unreachable.Code)), cell.Run.Text);
    }

    [TestCase(0)]
    [TestCase(3)]
    [TestCase(125)]
    [TestCase(126)]
    [TestCase(255)]
    [TestCase(256)]
    [TestCase(-1)]
    public async Task An_exit_code_is_an_observation(int code)
    {
        // Where runtimes differ: Wasmtime takes codes below 126 only, Wasmer keeps the lowest byte, but for -1; so do processes. WAMR's of
        // 2020 is lost.
        int? expected = runtime switch
        {
            "wasmtime" when code is < 0 or > 125 => null,
            "wasmer" or "wasmer-js" when code == -1 => 65535,
            "wasmer" or "wasmer-js" or "wazero" or "node-cli" => code & 0xff,
            "wamr" => 0,
            _ => code,
        };
        var cell = await RunAsync("exit", $"""(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) {Memory} (func (export "_start") (call $exit (i32.const {code}))))""");
        if (runtime == "lucet")
        {
            Assert.That((cell.Run.Exit, cell.Outcome.Code, cell.Outcome.Phase, cell.Run.Text),
                Is.EqualTo(((int?)null, (string?)null, Phase.Observe, "proc_exit, with a number that Lucet's C API does not tell")));
            return;
        }

        Assert.That((cell.Run.Exit, cell.Outcome.Code, cell.Outcome.Phase), Is.EqualTo(expected switch
        {
            null => ((int?)null, OutcomeCodes.InvalidExit, Phase.Run),
            0 => (0, null, Phase.Observe),
            { } other => (other, OutcomeCodes.Exit(other), Phase.Run),
        }), cell.Run.Text);
    }

    [Test]
    public async Task A_WASI_guest_that_exports_no_memory_is_told_and_costs_its_cell_only()
    {
        var cell = await RunAsync("no-memory", $"""(module {FdWrite} (memory 1) (func (export "_start") (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))""");
        // These use a guest's memory whether it is exported or not.
        if (IsOld || runtime == "wazero")
        {
            Assert.That((cell.Outcome.Phase, cell.Outcome.Code),
            Is.EqualTo((Phase.Observe, (string?)null)), cell.Run.Text + cell.Observation.WorkerStderr);
        }
        else
        {
            Assert.That((cell.Outcome.Phase, cell.Outcome.Code),
            Is.EqualTo((Phase.Run, OutcomeCodes.NoMemory)), cell.Run.Text + cell.Observation.WorkerStderr);
        }
    }

    [Test]
    public async Task A_guest_that_exports_no_memory_and_calls_no_WASI_runs()
    {
        var cell = await RunAsync("no-memory-no-wasi", """(module (func (export "_start")))""");
        if (runtime == "wasmer-js")
        {
            Assert.That((cell.Outcome.Phase, cell.Outcome.Code),
            Is.EqualTo((Phase.Run, OutcomeCodes.NoMemory)), "its SDK runs no guest without a memory");
        }
        else
        {
            Assert.That((cell.Outcome.Phase, cell.Outcome.Code),
            Is.EqualTo((Phase.Observe, (string?)null)), cell.Run.Text + cell.Observation.WorkerStderr);
        }
    }

    [Test]
    public async Task A_guest_that_loops_for_ever_is_timed_out_at_run_and_the_next_cell_runs()
    {
        var plan = Fakes.Plan(
            Guests.FromText(_folder, "loop", $"""
                (module (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32))) {Memory}
                  (func (export "_start")
                    (drop (call $args_sizes (i32.const 0) (i32.const 4)))
                    (if (i32.gt_u (i32.load (i32.const 0)) (i32.const 1)) (then (loop $l (br $l))))))
                """, rest: """
                [[scenarios]]
                id = "for-ever"
                args = ["loop"]
                time-limit = 1
                [scenarios.expect]
                fails = { phase = "run", code = "timed-out" }
                reason = "it loops"
                link = "https://example.com"
                [[scenarios]]
                id = "quick"
                [scenarios.expect]
                exit = 0
                """),
            Runtime());
        var run = await _runs.RunAsync(plan, new RunOptions { Jobs = 1 });
        Assert.That(run.Cells.Select(c => (c.Verdict, c.Outcome.Code)),
            Is.EqualTo(new[] { (Verdict.Xfail, OutcomeCodes.TimedOut), (Verdict.Pass, null) }), run.Cells[0].Run.Text);
    }

    [Test]
    public async Task Output_is_kept_to_its_limit_and_counted_whole()
    {
        // 1600 × 64 KiB of zeroes to stdout: 100 MiB
        var cell = await RunAsync("flood", $"""
            (module {FdWrite} (memory (export "memory") 2)
              (func (export "_start") (local $i i32)
                (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 65536))
                (loop $l
                  (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
                  (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1600))))))
            """);
        Assert.That((cell.Run.Stdout.Bytes, cell.Run.Stdout.Truncated, cell.Run.Stdout.Text.Length, cell.Outcome.Code),
            Is.EqualTo((100L << 20, true, 1 << 20, (string?)null)), cell.Run.Text);
    }

    [Test]
    public async Task Memory_ends_at_the_limit_and_costs_no_more_than_the_cell()
    {
        // Grows by 16 MiB until it is refused, touching each piece; exits with how many it got.
        var cell = await RunAsync("eater", """
            (module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory (export "memory") 1)
              (func (export "_start") (local $got i32)
                (loop $l
                  (if (i32.ne (memory.grow (i32.const 256)) (i32.const -1))
                    (then
                      (memory.fill (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 16777216)) (i32.const 1) (i32.const 16777216))
                      (local.set $got (i32.add (local.get $got) (i32.const 1)))
                      (br $l))))
                (call $exit (local.get $got))))
            """, options: new RunOptions { MemoryBytes = 256 << 20, TimeLimit = TimeSpan.FromSeconds(60) });
        if (IsOld || runtime == "wazero")
        {
            // To the old ones memory.fill is nothing; wazero's process ends at its limit.
            Assert.That((cell.Outcome.Phase, cell.Outcome.Code), Is.EqualTo(IsOld
                ? (Phase.Compile, OutcomeCodes.Unsupported("bulk-memory")) : (Phase.Run, OutcomeCodes.ResourceExhausted)), cell.Run.Text);
            return;
        }

        // Wasmer's C API has no limit to set: its process has one, with room for itself.
        var most = runtime is "wasmer" ? 100 : 16;
        Assert.That(cell.Run.Exit, Is.InRange(10, most), cell.Run.Text);
        Assert.That((cell.Outcome.Code, cell.Outcome.Phase), Is.EqualTo((OutcomeCodes.Exit(cell.Run.Exit!.Value), Phase.Run)));
    }

    [Test]
    public async Task A_memory_that_is_not_to_be_had_is_refused_at_link_for_that()
    {
        var cell = await RunAsync("greedy", """(module (memory (export "memory") 32000) (func (export "_start")))""",
            options: new RunOptions { MemoryBytes = 256 << 20 });
        Assert.That((cell.Outcome.Phase, cell.Outcome.Code),
            Is.EqualTo((runtime == "wazero" ? Phase.Run : Phase.Link, OutcomeCodes.ResourceExhausted)), cell.Run.Text);
    }

    /// <summary>What has its highest bit set is a large number to WASI, and not a negative one.</summary>
    [TestCase("-1")]
    [TestCase("0x80000000")]
    [TestCase("9999")]
    public async Task A_descriptor_that_is_not_there_is_that(string descriptor)
    {
        const int BadDescriptor = 8;
        var cell = await RunAsync("no-descriptor", $"""
            (module {FdWrite} (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) {Memory}
              (func (export "_start")
                (call $exit (call $fd_write (i32.const {descriptor}) (i32.const 0) (i32.const 0) (i32.const 8)))))
            """);
        // What is lost of the old ones is the number, and not that it ended so.
        if (IsOld) Assert.That((cell.Outcome.Phase, cell.Outcome.Code), Is.EqualTo((Phase.Observe, (string?)null)), cell.Run.Text);
        else Assert.That((cell.Outcome.Code, cell.Run.Exit), Is.EqualTo((OutcomeCodes.Exit(BadDescriptor), BadDescriptor)), cell.Run.Text);
    }

    [Test]
    public async Task Arguments_environment_stdin_and_preopens_reach_the_guest()
    {
        // Prints its arguments and environment, then its stdin, then the file that its preopened folder holds: found, as by a C library, by
        // asking each preopened descriptor, where "/" may be one.
        _folder.Write("modules/world/fixtures/greeting.txt", "from a file\n");
        var cell = await RunAsync("world", $"""
            (module {FdWrite}
              (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "environ_sizes_get" (func $env_sizes (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "environ_get" (func $env (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
              {Memory}
              (data (i32.const 900) "data/greeting.txt")
              (func $print (param $at i32) (param $length i32)
                (i32.store (i32.const 0) (local.get $at)) (i32.store (i32.const 4) (local.get $length))
                (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
              (func $copy (param $fd i32)
                (i32.store (i32.const 0) (i32.const 4096)) (i32.store (i32.const 4) (i32.const 1024))
                (drop (call $fd_read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)))
                (call $print (i32.const 4096) (i32.load (i32.const 8))))
              (func $opens (param $fd i32) (param $at i32) (param $length i32) (result i32)
                (i32.eqz (call $open (local.get $fd) (i32.const 0) (local.get $at) (local.get $length) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 24))))
              (func (export "_start") (local $fd i32)
                (drop (call $args_sizes (i32.const 16) (i32.const 20)))
                (drop (call $args (i32.const 1024) (i32.const 2048)))
                (call $print (i32.const 2048) (i32.load (i32.const 20)))
                (drop (call $env_sizes (i32.const 16) (i32.const 20)))
                (drop (call $env (i32.const 1024) (i32.const 2048)))
                (call $print (i32.const 2048) (i32.load (i32.const 20)))
                (call $copy (i32.const 0))
                (local.set $fd (i32.const 3))
                (loop $l
                  (if (i32.or (call $opens (local.get $fd) (i32.const 905) (i32.const 12)) (call $opens (local.get $fd) (i32.const 900) (i32.const 17)))
                    (then (call $copy (i32.load (i32.const 24))) (return)))
                  (br_if $l (i32.lt_u (local.tee $fd (i32.add (local.get $fd) (i32.const 1))) (i32.const 8))))))
            """, rest: """
            [[scenarios]]
            id = "only"
            args = ["one", "two words"]
            env = { COLOUR = "blue" }
            stdin = "from stdin\n"
            preopens = { "/data" = "fixtures" }
            [scenarios.expect]
            """);
        if (IsOld)
        {
            Assert.That((cell.Outcome.Phase, cell.Outcome.Code, cell.Run.Text!.Contains("folder")),
            Is.EqualTo((Phase.Link, OutcomeCodes.Unprovidable, true)), cell.Run.Text);
        }
        else
        {
            Assert.That(cell.Run.Stdout.Text.Replace('\0', '|'),
            Is.EqualTo("world.wasm|one|two words|COLOUR=blue|from stdin\nfrom a file\n"), cell.Run.Text);
        }
    }

    [Test]
    public async Task Its_name_is_what_the_scenario_says_its_stdin_any_bytes_and_its_stderr_is_held_against_what_is_expected()
    {
        _folder.Write("modules/named/input", "");
        await File.WriteAllBytesAsync(_folder.Sub("modules/named/input"), [0x00, 0xFF, 0x0A, 0x80]);
        // Prints its name to stderr; ends with the sum of its stdin's bytes, less 300.
        async Task<CellLine> ScenarioAsync(string stderr, string argv0 = "argv0 = \"the name\"") => await RunAsync("named", $"""
            (module {FdWrite}
              (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
              {Memory}
              (func (export "_start") (local $i i32) (local $sum i32)
                (drop (call $args (i32.const 1024) (i32.const 2048)))
                (i32.store (i32.const 0) (i32.const 2048)) (i32.store (i32.const 4) (i32.const 8))
                (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
                (i32.store (i32.const 0) (i32.const 4096)) (i32.store (i32.const 4) (i32.const 1024))
                (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
                (loop $next
                  (local.set $sum (i32.add (local.get $sum) (i32.load8_u (i32.add (i32.const 4096) (local.get $i)))))
                  (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.load (i32.const 8)))))
                (call $exit (i32.sub (local.get $sum) (i32.const 300)))))
            """, rest: $"""
            [[scenarios]]
            id = "only"
            {argv0}
            stdin-file = "input"
            [scenarios.expect]
            stderr = "{stderr}"
            exit = {0xFF + 0x0A + 0x80 - 300}
            """);
        if (runtime is "wazero" or "wasmer-js")
        {
            Assert.That(await ScenarioAsync("the name"), Has.Property(nameof(CellLine.Verdict)).EqualTo(Verdict.Skipped));
            Assert.That((await ScenarioAsync("named.wa", "")).Verdict, Is.EqualTo(Verdict.Pass));
        }
        else if (!IsOld)
        {
            var cell = await ScenarioAsync("the name");
            Assert.That(cell.Verdict, Is.EqualTo(Verdict.Pass), $"{cell.Run.Text} {cell.Run.Stderr.Text} {cell.Run.Exit}");
        }

        if (IsOld) Assert.That((await ScenarioAsync("the name")).Run.Stderr.Text, Is.EqualTo("the name"));
        else Assert.That((await ScenarioAsync("other", "")).Departures.Select(departure => departure.What), Is.EqualTo(new[] { "stderr" }));
    }

    [Test]
    public async Task The_same_module_under_two_names_is_two_programs()
    {
        // Prints its name, and counts one.
        const string Text = """
            (module
              (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
              (import "env" "main.incrementCount" (func $count))
              (memory (export "memory") 1)
              (func (export "_start")
                (call $count)
                (drop (call $args (i32.const 1024) (i32.const 2048)))
                (i32.store (i32.const 0) (i32.const 2048)) (i32.store (i32.const 4) (i32.const 5))
                (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
            """;
        var manifest = Repository.Runtime(runtime);
        var modules = new[] { "first", "second" }.Select(id => Guests.FromText(_folder, id, Text,
            rest: GuestManifest.CounterImports + "\n[[scenarios]]\nid = \"only\"\n[scenarios.expect]\n")).ToList();
        var run = await _runs.RunAsync(new Plan([.. modules], [manifest],
            [.. modules.Select(module => new Cell(module, module.Scenarios[0], manifest))]), new RunOptions { Jobs = 1 });
        Assert.That(run.Cells.OrderBy(cell => cell.Module, StringComparer.Ordinal)
            .Select(cell => (cell.Outcome.Code, cell.Run.Stdout.Text, cell.Observation.Counts.Server)),
            Is.EqualTo(new[] { ((string?)null, "first", 1L), (null, "secon", 1L) }), run.Cells[0].Run.Text);
    }

    [Test]
    public async Task A_reactor_is_initialised_once_before_its_entry()
    {
        var cell = await RunAsync("reactor", $"""
            (module {Memory} (global $ready (mut i32) (i32.const 0))
              (func (export "_initialize") (global.set $ready (i32.add (global.get $ready) (i32.const 41))))
              (func (export "run") (result i32) (i32.add (global.get $ready) (i32.const 1))))
            """, "wasi-reactor");
        if (runtime == "wasmer-js")
        {
            Assert.That((cell.Outcome.Phase, cell.Outcome.Code),
            Is.EqualTo((Phase.Load, OutcomeCodes.UnsupportedKind)), "it runs commands only");
        }
        else
        {
            Assert.That((cell.Run.Result, cell.Run.Exit), Is.EqualTo(("42", (int?)null)), cell.Run.Text);
        }
    }

    [TestCase("""(import "env" "_start" (func $f))""", "_start", "", TestName = "{m}(named as the entry)")]
    [TestCase("""(import "env" "memory" (func $f))""", "memory", "", TestName = "{m}(named as the memory)")]
    [TestCase("""(import "env" "f" (func $f))""", "f", """(func (export "f") unreachable)""", TestName = "{m}(and an export of the name)")]
    [TestCase("""(import "env" "f" (func $f))""", "f", """(export "f" (func $f))""", TestName = "{m}(and exported again)")]
    [TestCase("""(import "env" "conformance:0" (func $f))""", "conformance:0", """(func (export "conformance:0") unreachable)""",
        TestName = "{m}(as composing names things)")]
    public async Task A_host_function_counts_whatever_its_name_is_besides(string import, string name, string rest)
    {
        var cell = await RunAsync("names", $"""(module {import} {Memory} {rest} (func (export "_start") (call $f)))""", rest: $$"""
            [imports.env."{{name}}"]
            request = "PUT /add"

            [[scenarios]]
            id = "only"
            [scenarios.expect]
            counts = { host = 1, server = 1 }
            """);
        Assert.That(cell.Verdict, Is.EqualTo(Verdict.Pass), cell.Run.Text + cell.Observation.WorkerStderr);
    }

    [Test]
    public async Task A_memory_is_as_large_as_the_guest_declares_it()
    {
        const string Text = """
            (module (memory (export "memory") 1 2)
              (func (export "size") (result i32) (memory.size))
              (func (export "load") (result i32) (i32.load (i32.const 65536))))
            """;
        var (size, load) = (await RunAsync("size", Text, "freestanding", rest: Entry("size", "result = \"1\"")),
            await RunAsync("load", Text, "freestanding", rest: Entry("load", "")));
        if (runtime == "wasmer-js")
        {
            Assert.That((size.Outcome.Code, load.Outcome.Code), Is.EqualTo((OutcomeCodes.UnsupportedKind, OutcomeCodes.UnsupportedKind)));
            return;
        }

        Assert.That(size.Run.Result, Is.EqualTo("1"), size.Run.Text);
        Assert.That((load.Outcome.Phase, load.Outcome.Code), Is.EqualTo((Phase.Run, Trap.MemoryOutOfBounds.Code)), load.Run.Text);
    }

    [TestCase("guest")]
    [TestCase("conformance")]
    [TestCase("foo")]
    public async Task Host_functions_of_one_name_and_two_modules_are_two(string module)
    {
        var cell = await RunAsync("modules", $"""
            (module
              (import "env" "f" (func $one)) (import "{module}" "f" (func $other))
              {Memory} (func (export "_start") (call $one) (call $other) (call $other)))
            """, rest: $$"""
            [imports.env.f]
            request = "PUT /add"

            [imports.{{module}}.f]
            request = "PUT /add"

            [[scenarios]]
            id = "only"
            [scenarios.expect]
            counts = { host = 3, server = 3 }
            """);
        if (runtime == "wamr" && cell.Outcome.Code == OutcomeCodes.Unprovidable)
        {
            Assert.That(cell.Outcome.Phase, Is.EqualTo(Phase.Link));
            Assert.That(cell.Run.Text, Does.Contain("of the module 'env' only"));
            Assert.That(cell.Verdict, Is.EqualTo(Verdict.Skipped), "not applicable");
        }
        else
        {
            Assert.That(cell.Verdict, Is.EqualTo(Verdict.Pass), cell.Run.Text + cell.Observation.WorkerStderr);
        }
    }

    [Test]
    public async Task One_name_imported_with_two_types_links_and_counts_for_both()
    {
        var cell = await RunAsync("two-types", """
            (module
              (import "env" "main.incrementCount" (func $new))
              (import "env" "main.incrementCount" (func $old (param i32)))
              (import "env" "main.getCount" (func $get (param i32) (result i64)))
              (memory (export "memory") 1)
              (func (export "_start") (call $new) (call $old (i32.const 7)) (drop (call $get (i32.const 0)))))
            """, rest: GuestManifest.CounterImports + """

            [[scenarios]]
            id = "only"
            guest-count = "host-call"
            [scenarios.expect]
            counts = 2
            """);
        Assert.That(cell.Verdict, Is.EqualTo(Verdict.Pass), cell.Run.Text);
        Assert.That(cell.Observation.Ledger.Select(r => $"{r.Name} {r.Type} {r.Provider}"), Is.EqualTo(new[]
        {
            "main.incrementCount () -> () Host", "main.incrementCount (i32) -> () Host", "main.getCount (i32) -> (i64) Host",
        }));
    }

    [Test]
    public async Task The_ledger_tells_who_provides_each_import()
    {
        var cell = await RunAsync("ledger", """
            (module
              (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
              (import "env" "main.incrementCount" (func))
              (import "wasi_snapshot_preview1" "fd_fly" (func))
              (import "nobody" "nothing" (func (param f64)))
              (import "env" "table" (table 1 funcref))
              (memory (export "memory") 1) (func (export "_start")))
            """, rest: GuestManifest.CounterImports + "\n[[scenarios]]\nid = \"only\"\n[scenarios.expect]\n");
        Assert.That(cell.Observation.Ledger.Select(r => $"{r.Module}::{r.Name} {r.Kind} {r.Type} {r.Provider}"), Is.EqualTo(new[]
        {
            "wasi_snapshot_preview1::fd_write Func (i32, i32, i32, i32) -> (i32) Wasi",
            "env::main.incrementCount Func () -> () Host",
            "wasi_snapshot_preview1::fd_fly Func () -> () Missing",
            "nobody::nothing Func (f64) -> () Missing",
            "env::table Table 1.. funcref Missing",
        }));
        if (runtime == "wamr")
        {
            Assert.That((cell.Outcome.Phase, cell.Outcome.Code),
                Is.EqualTo((Phase.Observe, (string?)null)), "it links whatever it is given");
            return;
        }

        Assert.That((cell.Outcome.Phase, cell.Outcome.Code),
            Is.EqualTo((runtime == "lucet" ? Phase.Compile : Phase.Link, OutcomeCodes.UnknownImport)));
        Assert.That(cell.Run.Text, Does.Contain("fd_fly").Or.Contain("table"), "the runtime's own words name the first that is missing");
    }

    [Test]
    public async Task An_entry_may_return_several_values()
    {
        const string Text = """
            (module (memory (export "memory") 1)
              (func (export "run") (result i32 f64) (i32.const 1) (f64.const nan:0x8000000000001)))
            """;
        var cell = await RunAsync("two-results", Text, "freestanding", rest: Entry("run", "result = \"1 NaN\""));
        if (cell.Outcome.Code is { } code)
        {
            Assert.That((runtime, code), Is.AnyOf(("lucet", OutcomeCodes.Unsupported("multi-value")),
                ("wazero", OutcomeCodes.Unprovidable), ("wasmer-js", OutcomeCodes.UnsupportedKind)), cell.Run.Text);
            return;
        }

        Assert.That((cell.Verdict, cell.Run.Result, cell.Run.Stdout.Text), Is.EqualTo((Verdict.Pass, "1 NaN", "")));
    }

    [Test]
    public async Task Memory_table_and_globals_of_the_manifest_are_the_guests_and_new_in_each_cell()
    {
        // Its exit code is 100 for the f64, 10 for each element of the table, 1 for each page, 2 for the counter that it found at 1.
        const string Text = """
            (module
              (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
              (import "env" "memory" (memory 1 4))
              (import "env" "table" (table 1 funcref))
              (import "env" "half" (global $half f64))
              (import "env" "big" (global $big i64))
              (import "env" "counter" (global $counter (mut i32)))
              (import "env" "nothing" (global $nothing externref))
              (export "memory" (memory 0))
              (func (export "_start")
                (global.set $counter (i32.add (global.get $counter) (i32.const 1)))
                (if (i64.ne (global.get $big) (i64.const -9223372036854775808)) (then unreachable))
                (if (i32.eqz (ref.is_null (global.get $nothing))) (then unreachable))
                (call $exit (i32.add (i32.trunc_f64_s (global.get $half))
                  (i32.add (i32.mul (i32.const 10) (table.size 0)) (i32.add (memory.grow (i32.const 1)) (global.get $counter)))))))
            """;
        const string Rest = """
            [imports.env]
            memory = { memory = "3..4" }
            table = { table = "2..9 funcref" }
            half = { global = "f64", value = 100 }
            big = { global = "i64", value = -9223372036854775808 }
            counter = { global = "mut i32", value = 1 }
            nothing = { global = "externref" }
            [[scenarios]]
            id = "only"
            [scenarios.expect]
            exit = 125
            """;
        var cell = await RunAsync("provided", Text, rest: Rest, options: new RunOptions { Repeat = 2 });
        if (IsOld || IsCommand)
        {
            // The old ones know no reference types; nothing but functions is composed.
            Assert.That((cell.Outcome.Phase, cell.Outcome.Code), Is.EqualTo(IsCommand ? (Phase.Link,
                OutcomeCodes.Unprovidable) : (Phase.Compile, OutcomeCodes.Unsupported("reference-types"))), cell.Run.Text);
            return;
        }

        Assert.That((cell.Verdict, cell.Run.Exit, cell.Attempts), Is.EqualTo((Verdict.Pass, 125, 2)), cell.Run.Text);
        Assert.That(cell.Observation.Ledger.Where(row => row.Module == "env").Select(row => (row.Provider, row.Code)),
            Is.All.EqualTo((Provider.Host, (string?)null)));
    }

    [Test]
    public async Task A_host_function_imported_as_another_kind_is_a_mismatch()
    {
        var cell = await RunAsync("kind", """(module (import "env" "main.getCount" (global i32)) (func (export "_start")))""",
            rest: GuestManifest.CounterImports + "\n[[scenarios]]\nid = \"only\"\n[scenarios.expect]\n");
        Assert.That(cell.Observation.Ledger.Single().Provider, Is.EqualTo(Provider.Mismatch));
        Assert.That(cell.Outcome.Phase, Is.EqualTo(runtime == "wamr" ? Phase.Observe : Phase.Link), "WAMR gives an empty global");
    }

    [Test]
    public async Task A_module_that_the_engine_refuses_fails_at_compile_in_its_words()
    {
        // (func (export "_start") (result i32)) with an empty body: well-formed, not valid.
        byte[] invalid = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
            1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0, 7, 10, 1, 6, .. "_start"u8, 0, 0, 10, 4, 1, 2, 0, 0x0b];
        var cell = await RunAsync(Guests.FromBytes(_folder, "invalid", invalid));
        Assert.That((cell.Outcome.Phase, cell.Outcome.Code), Is.EqualTo((Phase.Compile, OutcomeCodes.Malformed)), cell.Run.Text);
        Assert.That(cell.Run.Text, Is.Not.Empty);
    }

    [Test]
    public async Task The_first_cell_of_a_module_tells_what_compiling_took_and_the_others_needed_none()
    {
        const string Twice = """
            [[scenarios]]
            id = "first"
            expect = {}
            [[scenarios]]
            id = "second"
            expect = {}
            """;
        // Of a code that no other test has: the worker has run those.
        var module = Guests.FromText(_folder, "timed", $"""(module {Memory} (func (export "_start") (drop (i32.const 4711))))""", rest: Twice);
        var run = await _runs.RunAsync(Fakes.Plan(module, Runtime()), new RunOptions { Jobs = 1 });
        if (IsCommand)
        {
            Assert.That(run.Cells.Select(c => (c.Run.TimingsMs.Compile, c.Run.TimingsMs.Link, c.Run.TimingsMs.Run > 0)),
                Is.All.EqualTo(((double?)null, (double?)null, true)), "one process, from its start to its end");
            return;
        }

        // WAMR interprets: it loads a module for each cell.
        if (runtime == "wamr")
        {
            Assert.That(run.Cells[1].Run.TimingsMs.Compile, Is.GreaterThan(0));
        }
        else
        {
            Assert.That(run.Cells.Select(c => (c.Run.TimingsMs.Compile > 0, c.Run.TimingsMs.Link is not null,
            c.Run.TimingsMs.Run is not null)), Is.EqualTo(new[] { (true, true, true), (false, true, true) }));
        }

        if (runtime != "wamr") Assert.That(run.Cells[1].Run.TimingsMs.Compile, Is.Null);
    }

    [Test]
    [Category("Long")]
    public async Task The_same_guest_runs_again_and_again_in_one_worker()
    {
        var counter = Repository.Module(IsOld ? "counter-c" : "counter-go");
        const int Times = 10;
        var cell = await RunAsync(counter, new RunOptions { Repeat = Times });
        Assert.That((cell.Verdict, cell.Attempts), Is.EqualTo((Verdict.Pass, Times)), cell.Other?.Observation.Run.Text ?? cell.Run.Text);
    }

    [Test]
    public async Task A_module_without_the_entry_says_so()
    {
        var cell = await RunAsync("no-entry", $"""(module {Memory} (func (export "other")))""");
        if (runtime == "wasmer-js")
        {
            Assert.That((cell.Outcome.Code, cell.Run.Text), Is.EqualTo((OutcomeCodes.UnsupportedKind,
            "WasmerError: unable to load package `in-memory module `guest``: WASI/WASIX commands require an exported `_start` function")));
        }
        else
        {
            Assert.That((cell.Outcome.Code, cell.Run.Text), Is.EqualTo((OutcomeCodes.NoEntry, "the module exports no function '_start'")));
        }
    }

    [Test]
    public async Task A_counter_server_that_refuses_is_told_by_the_host_call()
    {
        var cell = await RunAsync("refused", """(module (import "env" "f" (func $f)) (memory (export "memory") 1) (func (export "_start") (call $f)))""", rest: """
            [imports.env.f]
            request = "GET /nowhere"
            [[scenarios]]
            id = "only"
            [scenarios.expect]
            """);
        Assert.That((cell.Outcome.Code, cell.Outcome.Phase, cell.Run.Text!.Contains("404")),
            Is.EqualTo((OutcomeCodes.HostCallFailed, Phase.Run, true)), cell.Run.Text);
        Assert.That(cell.Run.HostCalls.Single().Error, Does.Contain("404"));
    }

    /// <summary>On Node 20, Wasmer's SDK often never wakes a guest of a client that has run another one.</summary>
    [Test]
    public async Task A_guest_that_sleeps_wakes_whatever_ran_before_it()
    {
        const string Twice = "[[scenarios]]\nid = \"first\"\nexpect = {}\n[[scenarios]]\nid = \"second\"\nexpect = {}\n";
        var quick = Guests.FromText(_folder, "is-quick", $"""(module {Memory} (func (export "_start")))""", rest: Twice);
        var sleeps = Guests.FromText(_folder, "sleeps", $"""
            (module
              (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
              {Memory}
              (func (export "_start")
                (i32.store (i32.const 16) (i32.const 1)) (; the clock that only grows ;)
                (i64.store (i32.const 24) (i64.const 100000000)) (; a tenth of a second ;)
                (if (call $poll (i32.const 0) (i32.const 128) (i32.const 1) (i32.const 256)) (then unreachable))))
            """, rest: Twice);
        var manifest = Runtime();
        var cells = from scenario in new[] { 0, 1 }
                    from module in new[] { quick, sleeps }
                    select new Cell(module, module.Scenarios[scenario], manifest);
        var run = await _runs.RunAsync(new Plan([quick, sleeps], [manifest], [.. cells]), new RunOptions { Jobs = 1 });
        Assert.That(run.Cells.Select(cell => cell.Outcome.Code), Is.All.Null, string.Join('\n', run.Cells.Select(cell => cell.Run.Text)));
    }

    private Task<CellLine> RunAsync(string id, string text,
        string kind = "wasi-command", RunOptions? options = null, string? rest = null) =>
        RunAsync(Guests.FromText(_folder, id, text, kind, rest), options);

    private static string Entry(string name, string expected) => $"""
        [[scenarios]]
        id = "only"
        entry = "{name}"
        [scenarios.expect]
        {expected}
        """;

    private async Task<CellLine> RunAsync(ModuleManifest module, RunOptions? options = null) =>
        (await _runs.RunAsync(Fakes.Plan(module, Runtime()), options)).Cells.Single();

    private Model.Runtimes.RuntimeManifest Runtime() =>
        Repository.Runtime(runtime);
}
