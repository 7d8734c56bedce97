using Conformance.Engine.Running;
using Conformance.Manifests;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Tests.Harness;
using Conformance.Wasm;

namespace Conformance.Tests.Runtimes;

/// <summary>WAMR and Lucet: when they find out what is missing, and what they never look at.</summary>
[TestFixture]
public sealed class OldRuntimeTests
{
    private readonly TemporaryFolder _folder = new();
    private readonly WarmRuns _runs = new();

    [OneTimeTearDown]
    public async Task EndAsync()
    {
        await _runs.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task WAMR_links_what_nobody_provides_and_traps_when_it_is_called()
    {
        var cell = await RunAsync("wamr", Committed("timer-2022"));
        Assert.That((cell.Verdict, cell.Outcome.Phase, cell.Outcome.Code),
            Is.EqualTo((Verdict.Xfail, Phase.Run, "trap:unlinked import")), cell.Run.Text);
        Assert.That(cell.Run.Text, Does.Contain("failed to call unlinked import function (env, time.resetTimer)"));
        var row = cell.Observation.Ledger.Single();
        Assert.That((row.Provider, row.Code, row.Text),
            Is.EqualTo((Provider.Missing, OutcomeCodes.Unchecked, "failed to link import function (env, time.resetTimer)")));
    }

    [Test]
    public async Task What_WAMR_warns_of_is_no_output_of_the_guests()
    {
        var cell = await RunAsync("wamr", Committed("net-http-2022"));
        Assert.That((cell.Verdict, cell.Run.Stdout.Text), Is.EqualTo((Verdict.Xfail, "operation not implemented\n")), cell.Run.Text);
        Assert.That(cell.Observation.Ledger.Where(row => row.Provider == Provider.Missing).Select(row => row.Name),
            Is.EquivalentTo(new[] { "time.resetTimer", "time.stopTimer", "time.startTimer", "sync/atomic.AddInt32" }));
    }

    [Test]
    public async Task WAMR_leaves_a_host_function_of_another_type_unlinked()
    {
        var cell = await RunAsync("wamr", Committed("counter-mistyped"));
        Assert.That((cell.Verdict, cell.Outcome.Phase, cell.Outcome.Code),
            Is.EqualTo((Verdict.Xfail, Phase.Run, "trap:unlinked import")), cell.Run.Text);
        var row = cell.Observation.Ledger.Single(its => its.Name == "main.incrementCount");
        Assert.That((row.Provider, row.Found, row.Code), Is.EqualTo((Provider.Mismatch, "func () -> ()", OutcomeCodes.Unchecked)));
        Assert.That(row.Text, Does.Contain("failed to check signature '()'"));
    }

    [Test]
    public async Task A_host_function_of_one_module_is_not_there_for_the_next()
    {
        const string Text =
            """(module (import "env" "main.incrementCount" (func $f)) (memory (export "memory") 1) (func (export "_start") (call $f)))""";
        var provided = Guests.FromText(_folder, "provided-first",
            Text, rest: GuestManifest.CounterImports + "\n[[scenarios]]\nid = \"only\"\n[scenarios.expect]\n");
        var missing = Guests.FromText(_folder, "missing-then",
            Text.Replace("\"_start\"", "\"_start\")(export \"again\"", StringComparison.Ordinal));
        var runtime = Runtime("wamr");
        var run = await _runs.RunAsync(new([provided, missing], [runtime],
            [new(provided, provided.Scenarios[0], runtime), new(missing, missing.Scenarios[0], runtime)]), new RunOptions { Jobs = 1 });
        Assert.That(run.Cells.Select(cell => cell.Outcome.Code), Is.EqualTo(new[] { null, "trap:unlinked import" }));
    }

    [TestCase("bulk-memory")]
    [TestCase("reference-types")]
    [TestCase("simd")]
    [TestCase("tail-call")]
    [TestCase("exception-handling")]
    [TestCase("function-references")]
    [TestCase("multi-memory")]
    [TestCase("gc")]
    [TestCase("memory64")]
    [TestCase("threads")]
    public async Task WAMR_names_what_it_does_not_know_and_that_is_of_a_proposal(string proposal)
    {
        var cell = await RunAsync("wamr", Guests.FromBytes(_folder, $"uses-{proposal}", Proposals.ModuleThatUses(proposal)));
        Assert.That((cell.Outcome.Phase, cell.Outcome.Code),
            Is.EqualTo((Phase.Compile, OutcomeCodes.Unsupported(proposal))), cell.Run.Text);
    }

    [TestCaseSource(typeof(Proposals), nameof(Proposals.Names))]
    public async Task Lucet_names_a_proposal_or_the_place_of_what_is_of_it(string proposal)
    {
        var cell = await RunAsync("lucet", Guests.FromBytes(_folder, $"lucet-uses-{proposal}", Proposals.ModuleThatUses(proposal)));
        if (cell.Outcome.Code is null) Assert.That(proposal, Is.AnyOf("sign-extension", "saturating-float-to-int", "mutable-globals"));
        else Assert.That(cell.Outcome.Code, Is.EqualTo(OutcomeCodes.Unsupported(proposal == "relaxed-simd" ? "simd" : proposal)), cell.Run.Text);
    }

    /// <summary>A count of data segments, or a tag, in a section that came later.</summary>
    [TestCase(12, "unsupported-feature bulk-memory")]
    [TestCase(13, "unsupported-feature exception-handling")]
    [TestCase(99, OutcomeCodes.Malformed)]
    public async Task The_old_ones_name_no_section_and_the_module_has_it(byte section, string code)
    {
        byte[] module = [.. "\0asm"u8, 1, 0, 0, 0, section, 1, 0];
        foreach (var runtime in new[] { "wamr", "lucet" })
        {
            var cell = await RunAsync(runtime, Guests.FromBytes(_folder, $"section-{section}-{runtime}", module));
            // Lucet knows the count of data segments, until it stops at it.
            if (runtime == "wamr" || section != 12)
                Assert.That((cell.Outcome.Phase, cell.Outcome.Code), Is.EqualTo((Phase.Compile, code)), cell.Run.Text);
        }
    }

    [Test]
    [Category("Long")]
    public async Task A_guest_that_crashes_the_library_costs_its_cell_only()
    {
        // A function's parameter of no type: the library of 2020 takes it for one, and writes where it must not.
        var bytes = File.ReadAllBytes(Path.Combine(Repository.Modules, "counter-2022", "counter-2022.wasm"));
        Assert.That(bytes[21], Is.EqualTo(0x7f), "the one parameter of the second type");
        bytes[21] = 0;
        var crashes = Guests.FromBytes(_folder, "crashes",
            bytes, rest: GuestManifest.CounterImports + "\n[[scenarios]]\nid = \"only\"\ntime-limit = 3\n[scenarios.expect]\n");
        var good = Committed("counter-wat");
        var runtime = Runtime("wamr");
        var run = await _runs.RunAsync(new([crashes, good],
            [runtime], [new(crashes, crashes.Scenarios[0], runtime), new(good, good.Scenarios[0], runtime)]), new RunOptions { Jobs = 1 });
        // A fault inside of free holds the heap's lock, and the library's own handler waits for that: then the time limit ends it.
        Assert.That(run.Cells[0].Verdict, Is.EqualTo(Verdict.Crashed).Or.EqualTo(Verdict.TimedOut),
            $"{run.Cells[0].Outcome.Code} {run.Cells[0].Run.Text}");
        Assert.That((run.Cells[1].Verdict, run.Cells[1].Observation.Counts),
            Is.EqualTo((Verdict.Pass, new Counts(10, 10, 10))), run.Cells[1].Run.Text);
    }

    [Test]
    public async Task Lucet_refuses_a_missing_import_when_it_compiles()
    {
        var cell = await RunAsync("lucet", Committed("timer-2022"));
        Assert.That((cell.Verdict, cell.Outcome.Phase, cell.Outcome.Code),
            Is.EqualTo((Verdict.Xfail, Phase.Compile, OutcomeCodes.UnknownImport)), cell.Run.Text);
        Assert.That((cell.Observation.Ledger.Single().Provider, cell.Observation.Ledger.Single().Code),
            Is.EqualTo((Provider.Missing, OutcomeCodes.UnknownImport)));
    }

    [Test]
    public async Task Lucet_ends_at_the_count_of_data_segments_which_is_of_a_proposal_that_it_has_not()
    {
        // A data count (section 12) before the code: tools write it for modules that have no use for it.
        byte[] module = [.. "\0asm"u8, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 5, 3, 1, 0, 1, 7, 10, 1, 6, .. "_start"u8, 0, 0,
            12, 1, 1, 10, 4, 1, 2, 0, 0x0B, 11, 7, 1, 0, 0x41, 0, 0x0B, 1, 0x61];
        var cell = await RunAsync("lucet", Guests.FromBytes(_folder, "data-count", module));
        Assert.That((cell.Outcome.Phase, cell.Outcome.Code), Is.EqualTo((Phase.Compile, "unsupported-feature bulk-memory")), cell.Run.Text);
    }

    [Test]
    public async Task Lucet_binds_preview_1_to_its_own_WASI_where_the_signatures_agree_and_the_ledger_says_so()
    {
        var counts = await RunAsync("lucet", Committed("counter-c"));
        Assert.That((counts.Verdict, counts.Observation.Counts), Is.EqualTo((Verdict.Pass, new Counts(10, 10, 10))), counts.Run.Text);
        Assert.That(counts.Observation.Ledger.ToDictionary(row => row.Name, row => (row.Provider, row.Code, row.Note)),
            Is.SupersetOf(new Dictionary<string, (Provider, string?, string?)>
            {
                ["fd_write"] = (Provider.Wasi, OutcomeCodes.Unchecked, "bound to wasi_unstable"),
                ["fd_seek"] = (Provider.Wasi, OutcomeCodes.Unchecked, "bound to wasi_unstable, which numbers whence otherwise"),
                ["main.getCount"] = (Provider.Host, OutcomeCodes.Unchecked, null),
            }));

        var other = await RunAsync("lucet", Guests.FromText(_folder, "other-signature",
            """(module (import "wasi_snapshot_preview1" "fd_write" (func (param i64))) (memory (export "memory") 1) (func (export "_start")))"""));
        Assert.That((other.Outcome.Phase, other.Outcome.Code,
            other.Observation.Ledger.Single().Provider, other.Observation.Ledger.Single().Note),
            Is.EqualTo((Phase.Compile, OutcomeCodes.UnknownImport, Provider.Mismatch, (string?)null)), other.Run.Text);
    }

    [Test]
    public async Task To_Lucet_its_own_WASI_is_plainly_its_own()
    {
        var cell = await RunAsync("lucet", Guests.FromText(_folder, "unstable",
            """(module (import "wasi_unstable" "sched_yield" (func $y (result i32))) (memory (export "memory") 1) (func (export "_start") (drop (call $y))))"""));
        Assert.That((cell.Outcome.Code, cell.Observation.Ledger.Single().Provider, cell.Observation.Ledger.Single().Note),
            Is.EqualTo(((string?)null, Provider.Wasi, (string?)null)), cell.Run.Text);
    }

    /// <summary>It is asked about one import that nobody provides: what is told of the others is what it says of them.</summary>
    [Test]
    public async Task What_Lucet_says_of_many_imports_it_says_of_each()
    {
        string[] imports =
        [
            """(import "wasi_snapshot_preview1" "fd_write" (func (param i64)))""", """(import "env" "a" (func))""",
            """(import "env" "b c" (func (param i32 f64) (result i64)))""", """(import "env" "v" (func (param v128)))""",
            """(import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))""", """(import "e::v" "d`" (func))""",
            """(import "env" "main.getCount" (func (result i32)))""",
        ];
        var together = await RowsAsync("together", string.Concat(imports));
        var alone = new List<(string, string, Provider, string?, string?)>();
        foreach (var (at, import) in imports.Index()) alone.AddRange(await RowsAsync($"alone-{at}", import));
        Assert.That(together, Is.EqualTo(alone));
        Assert.That(together.Select(row => row.Code), Is.EqualTo(new[]
        {
            OutcomeCodes.UnknownImport, OutcomeCodes.UnknownImport, OutcomeCodes.UnknownImport, "unsupported-feature simd",
            OutcomeCodes.Unchecked, OutcomeCodes.UnknownImport, OutcomeCodes.Unchecked,
        }));

        async Task<List<(string Module, string Name, Provider Provider, string? Code, string? Text)>> RowsAsync(string id, string text) =>
            [.. (await RunAsync("lucet", Guests.FromText(_folder, id, $"(module {text} (func (export \"run\")))", "freestanding",
                GuestManifest.CounterImports + "\n" + GuestManifest.OneScenario))).Observation.Ledger
                .Select(row => (row.Module, row.Name, row.Provider, row.Code, row.Text))];
    }

    [Test]
    public async Task Lucet_never_looks_at_types()
    {
        var cell = await RunAsync("lucet", Committed("counter-mistyped"));
        Assert.That((cell.Verdict, cell.Observation.Counts.Server), Is.EqualTo((Verdict.Pass, (long?)10)), cell.Run.Text);
        Assert.That(cell.Observation.Ledger.Single(row => row.Name == "main.incrementCount").Code, Is.EqualTo(OutcomeCodes.Unchecked));
    }

    [TestCase("f32", "2.0")]
    [TestCase("f64", "2.0")]
    [TestCase("i64", "2")]
    public async Task A_host_functions_result_has_the_declared_type(string type, string two)
    {
        var text = $"""
            (module (import "env" "main.incrementCount" (func $f)) (import "env" "main.getCount" (func $g (param i32 f64) (result {type})))
              (func (export "run") (result {type}) (call $f) (call $f) (if ({type}.ne (call $g (i32.const 7) (f64.const 7)) ({type}.const {two})) (then (unreachable))) ({type}.const {two})))
            """;
        foreach (var runtime in new[] { "wamr", "lucet", "wazero", "node-cli" })
        {
            var module = Guests.FromText(_folder, $"result-{type}", text,
                "freestanding", GuestManifest.CounterImports
                    + "\n[[scenarios]]\nid = \"only\"\n[scenarios.expect]\ncounts = 2\nresult = \"2\"\n");
            var cell = await RunAsync(runtime, module);
            Assert.That(cell.Verdict, Is.EqualTo(Verdict.Pass),
                $"{runtime}: {cell.Outcome.Code} {cell.Run.Text} {cell.Run.Result} {cell.Observation.Counts}");
        }
    }

    private static ModuleManifest Committed(string id) =>
        Repository.Module(id);

    private static Model.Runtimes.RuntimeManifest Runtime(string id) =>
        Repository.Runtime(id);

    private async Task<CellLine> RunAsync(string runtime, ModuleManifest module) =>
        (await _runs.RunAsync(Fakes.Plan(module, Runtime(runtime)))).Cells.Single();
}
