using System.Collections.Immutable;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Tests.Harness;
using Conformance.Tests.Runtimes;

namespace Conformance.Tests.Suites;

/// <summary>
/// The programs of WASI's test suite do through an adapter what they do on the bare engine: whether they pass is the engine's affair, that
/// nothing is lost or added is ours.
/// </summary>
[Category("Long")]
[TestFixture("wasmtime")]
[TestFixture("wasmtime-cli")]
[TestFixture("wasmer")]
[TestFixture("wasmer-js")]
[TestFixture("node")]
[TestFixture("node-cli")]
[TestFixture("chromium")]
[TestFixture("wamr")]
[TestFixture("lucet")]
[TestFixture("wazero")]
public sealed class WasiSuiteTests(string runtime)
{
    [Test]
    public async Task A_program_does_through_the_adapter_what_it_does_on_the_bare_engine()
    {
        var programs = WasiSuite.Read();
        Assert.That(programs, Has.Length.GreaterThanOrEqualTo(26));
        await CompareAsync(programs);
    }

    /// <summary>What a guest can see of its standard streams; those of the bare engine are pipes.</summary>
    [Test]
    public async Task Its_standard_streams_are_the_bare_engines()
    {
        const string Imports = """
            (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $stat (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_tell" (func $tell (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (memory (export "memory") 1) (data (i32.const 512) "\10\02\00\00\03\00\00\00") (data (i32.const 528) "hi\n")
            """;
        (string Name, string Body)[] guests =
        [
            // Both events, or the error of the call and 100.
            ("polls", """
                (i32.store8 (i32.const 8) (i32.const 2)) (i32.store (i32.const 16) (i32.const 1))
                (i32.store8 (i32.const 56) (i32.const 1)) (i32.store (i32.const 64) (i32.const 0))
                (local.set $e (call $poll (i32.const 0) (i32.const 200) (i32.const 2) (i32.const 400)))
                (if (local.get $e) (then (call $exit (i32.add (i32.const 100) (local.get $e)))))
                (call $exit (i32.add (i32.mul (i32.const 10) (i32.load (i32.const 400)))
                    (i32.add (i32.load16_u (i32.const 208)) (i32.load16_u (i32.const 240)))))
                """),
            ("seeks", "(call $exit (call $tell (i32.const 1) (i32.const 0)))"),
            ("closes", """
                (drop (call $write (i32.const 1) (i32.const 512) (i32.const 1) (i32.const 0)))
                (drop (call $close (i32.const 1)))
                (call $exit (call $write (i32.const 1) (i32.const 512) (i32.const 1) (i32.const 0)))
                """),
            // Half a megabyte, which no pipe holds.
            ("prints", """
                (i32.store (i32.const 516) (i32.const 4096))
                (loop $more
                  (drop (call $write (i32.const 1) (i32.const 512) (i32.const 1) (i32.const 0)))
                  (br_if $more (i32.lt_u (local.tee $e (i32.add (local.get $e) (i32.const 1))) (i32.const 128))))
                """),
        ];
        using var folder = new TemporaryFolder();
        // Wasmtime reads the stdin that it inherits by a thread of its own: what is ready at once is a matter of time there.
        await CompareAsync([.. guests.Where(guest => runtime != "wasmtime" || guest.Name != "polls").Select(guest => Guests.FromText(folder, guest.Name,
            $"(module {Imports} (func (export \"_start\") (local $e i32) {guest.Body}))"))]);
    }

    private async Task CompareAsync(ImmutableArray<ModuleManifest> programs)
    {
        var manifest = Repository.Runtime(runtime);
        var run = await new RecordedRun().RunAsync(
            new Plan(programs, [manifest], [.. programs.Select(program => new Cell(program, program.Scenarios[0], manifest))]),
            new RunOptions());
        Requirement.Present(run.Header!);

        await using var engine = new BareEngine(runtime);
        var differences = new List<string>();
        var passed = 0;
        foreach (var program in programs)
        {
            var cell = run.Cells.Single(cell => cell.Module == program.Id);
            if (cell.Verdict == Verdict.Pass) passed++;
            // What the runtime can't be given is told, and not run.
            if (cell.Outcome.Code == OutcomeCodes.Unprovidable)
            {
                if (program.Scenarios[0].Preopens.IsEmpty) differences.Add($"{program.Id}: {cell.Run.Text}");
                continue;
            }

            var bare = await engine.RunAsync(program);
            var seen = Seen(cell, bare);
            if (seen != bare) differences.Add($"{runtime} {program.Id}\n    through the adapter  {seen} {cell.Outcome.Code}\n    by hand              {bare}");
            if (cell.Outcome.Code == OutcomeCodes.Unmapped) differences.Add($"{program.Id}: {cell.Run.Text}");
        }

        TestContext.Out.WriteLine($"{runtime} passes {passed} of {programs.Length}");
        Assert.That(differences, Is.Empty, string.Join('\n', differences));
    }

    /// <summary>
    /// A cell in the words of the bare engine. A command that stops has an exit code, which is its own affair; what it prints to stderr
    /// then is not the guest's alone.
    /// </summary>
    private static BareEnd Seen(CellLine cell, BareEnd bare)
    {
        var isStopped = cell.Outcome.Code is { } code && code != OutcomeCodes.Exit(cell.Run.Exit ?? 0);
        var end = isStopped ? "stopped" : cell.Run.Exit is { } exit ? $"exit {exit}" : "exit";
        var isCommand = cell.Runtime is "wazero" or "wasmtime-cli" or "node-cli";
        if (isStopped && isCommand && bare.End != "exit 0") end = bare.End;
        return new BareEnd(end, bare.Words, cell.Run.Stdout.Text, isStopped && isCommand ? bare.Stderr : cell.Run.Stderr.Text);
    }
}
