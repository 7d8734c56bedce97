using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Tests.Harness;
using Conformance.Tests.Runtimes;

namespace Conformance.Tests.Faults;

/// <summary>
/// Guests whose host functions come by requests, and that read, close or wait for the stdin where the answers come, or would forge them:
/// they do what they do where host functions are the engine's own.
/// </summary>
[TestFixture("wazero")]
[TestFixture("node-cli")]
[TestFixture("wasmtime")]
[TestFixture("node")]
[Category("faults")]
public sealed class ComposedGuestTests(string runtime)
{
    private const string Imports = """
        (import "env" "main.incrementCount" (func $add))
        (import "env" "main.getCount" (func $get (result i32)))
        (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 4)
        (func $fail (param i32) (if (local.get 0) (then (unreachable))))
        (func $take (param $to i32) (param $length i32) (result i32)
          (i32.store (i32.const 100) (local.get $to))
          (i32.store (i32.const 104) (local.get $length))
          (call $fail (call $read (i32.const 0) (i32.const 100) (i32.const 1) (i32.const 108)))
          (i32.load (i32.const 108)))
        (func $print (param $from i32) (param $length i32)
          (i32.store (i32.const 100) (local.get $from))
          (i32.store (i32.const 104) (local.get $length))
          (call $fail (call $write (i32.const 1) (i32.const 100) (i32.const 1) (i32.const 108))))
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
    public async Task A_guest_that_reads_its_empty_stdin_sees_its_end()
    {
        var cell = await RunAsync("empty", """
            (func (export "_start")
              (call $add)
              (if (call $take (i32.const 200) (i32.const 64)) (then (unreachable)))
              (call $add)
              (if (call $take (i32.const 200) (i32.const 64)) (then (unreachable)))
              (drop (call $get)))
            """);
        Assert.That((cell.Outcome, cell.Observation.Counts), Is.EqualTo((Outcome.Success, new Counts(2, 2, 2))), cell.Run.Text);
    }

    [TestCase(5)]
    [TestCase(200_000)]
    public async Task A_guest_that_reads_its_stdin_between_calls_sees_all_of_it(int length)
    {
        var text = string.Concat(Enumerable.Range(0, length).Select(i => (char)('a' + (i % 23))));
        var cell = await RunAsync("echo", """
            (func (export "_start") (local $got i32)
              (loop $more
                (call $add)
                (local.set $got (call $take (i32.const 4096) (i32.const 100000)))
                (if (local.get $got) (then
                  (call $print (i32.const 4096) (local.get $got))
                  (br $more))))
              (drop (call $get)))
            """, $"stdin = \"{text}\"");
        Assert.That(cell.Outcome, Is.EqualTo(Outcome.Success), cell.Run.Text);
        Assert.That(cell.Run.Stdout.Text, Is.EqualTo(text));
        Assert.That(cell.Observation.Counts.Guest, Is.EqualTo(cell.Observation.Counts.Server).And.GreaterThan(1));
    }

    [Test]
    public async Task What_is_read_over_the_first_bytes_of_memory_is_there()
    {
        var cell = await RunAsync("low", """
            (func (export "_start")
              (call $add)
              (call $fail (i32.ne (call $take (i32.const 0) (i32.const 64)) (i32.const 40)))
              (call $add)
              (call $print (i32.const 0) (i32.const 40))
              (drop (call $get)))
            """, $"stdin = \"{new string('x', 20)}{new string('y', 20)}\"");
        Assert.That((cell.Outcome, cell.Run.Stdout.Text),
            Is.EqualTo((Outcome.Success, new string('x', 20) + new string('y', 20))), cell.Run.Text);
    }

    [Test]
    public async Task A_guest_that_closes_its_stdin_still_has_its_host_functions()
    {
        var cell = await RunAsync("closes", """
            (func (export "_start")
              (call $fail (call $close (i32.const 0)))
              (call $add)
              (i32.store (i32.const 104) (i32.const 1))
              (call $fail (i32.ne (call $read (i32.const 0) (i32.const 100) (i32.const 1) (i32.const 108)) (i32.const 8)))
              (call $fail (i32.ne (call $close (i32.const 0)) (i32.const 8)))
              (call $add)
              (drop (call $get)))
            """);
        Assert.That((cell.Outcome, cell.Observation.Counts), Is.EqualTo((Outcome.Success, new Counts(2, 2, 2))), cell.Run.Text);
    }

    [Test]
    public async Task A_guest_that_waits_for_its_stdin_is_told_that_it_is_there()
    {
        var cell = await RunAsync("polls", """
            (func (export "_start")
              (call $add)
              (i32.store8 (i32.const 312) (i32.const 1))
              (call $fail (call $poll (i32.const 304) (i32.const 400) (i32.const 1) (i32.const 440)))
              (call $fail (i32.ne (i32.load (i32.const 440)) (i32.const 1)))
              (call $fail (i32.ne (i32.load8_u (i32.const 410)) (i32.const 1)))
              (call $fail (i32.ne (call $take (i32.const 200) (i32.const 64)) (i32.const 3)))
              (drop (call $get)))
            """, "stdin = \"abc\"",
            """(import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))""");
        Assert.That((cell.Outcome, cell.Observation.Counts), Is.EqualTo((Outcome.Success, new Counts(1, 1, 1))), cell.Run.Text);
    }

    /// <summary>It takes what its stdin begins with for the secret of requests, says that it has called and returned, and traps.</summary>
    [TestCase("trap", "(unreachable)")]
    [TestCase("exit", "(call $exit (i32.const 3))")]
    public async Task A_guest_that_forges_requests_and_fails_has_failed_and_called_nothing(string end, string instruction)
    {
        var cell = await RunAsync($"forges-{end}", $"""
            (func $forge (param $what i32)
              (i64.store (i32.const 216) (i64.const 10))
              (i32.store8 (i32.const 224) (local.get $what))
              (call $print (i32.const 200) (i32.const 25)))
            (func (export "_start") (local $i i32)
              (drop (call $take (i32.const 200) (i32.const 16)))
              (loop $ten
                (call $forge (i32.const 0))
                (br_if $ten (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10))))
              (call $forge (i32.const 1))
              (call $forge (i32.const 255))
              {instruction}
              (call $add) (drop (call $get)))
            """, $"stdin = \"0123456789abcdef\"");
        Assert.That(cell.Outcome, Is.EqualTo(Outcome.Failure(Phase.Run, end == "trap" ? Trap.Unreachable.Code : OutcomeCodes.Exit(3))));
        Assert.That((cell.Observation.Counts.Host, cell.Observation.Counts.Server, cell.Run.HostCalls.Length), Is.EqualTo((0L, 0L, 0)));
        Assert.That(cell.Run.Stdout.Bytes, Is.EqualTo(12 * 25), "what it forged is output");
    }

    [Test]
    public async Task A_guest_that_could_put_its_stdin_elsewhere_is_not_given_less()
    {
        var cell = await RunAsync("renumbers", """(func (export "_start") (call $add) (drop (call $get)))""", "",
            """(import "wasi_snapshot_preview1" "fd_renumber" (func $renumber (param i32 i32) (result i32)))""");
        if (runtime is "wazero" or "node-cli") Assert.That(cell.Outcome.Code, Is.EqualTo(OutcomeCodes.Unprovidable));
        else Assert.That((cell.Outcome, cell.Observation.Counts), Is.EqualTo((Outcome.Success, new Counts(1, 1, 1))), cell.Run.Text);
    }

    private async Task<CellLine> RunAsync(string id, string functions, string scenario = "", string imports = "")
    {
        var module = Guests.FromText(_folder, id, $"(module {imports} {Imports} {functions})",
            rest: $"[[scenarios]]\nid = \"only\"\nguest-count = \"host-call\"\n{scenario}\n[scenarios.expect]\n{GuestManifest.CounterImports}\n");
        var run = await _runs.RunAsync(Fakes.Plan(module, Repository.Runtime(runtime)));
        return run.Cells.Single();
    }
}
