using Conformance.Engine.Running;
using Conformance.Manifests;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Tests.Harness;

namespace Conformance.Tests.Runtimes;

/// <summary>What a guest finds in its folders, on every runtime that can be given some.</summary>
[TestFixture("wasmtime")]
[TestFixture("wasmer")]
[TestFixture("wasmer-js")]
[TestFixture("node")]
[TestFixture("chromium")]
[TestFixture("wazero")]
[TestFixture("node-cli")]
public sealed class FolderTests(string runtime)
{
    private readonly TemporaryFolder _folder = new();
    private readonly WarmRuns _runs = new();

    /// <summary>Its folders are copies in memory.</summary>
    private bool IsCopying => runtime is "wasmer-js" or "chromium";

    [OneTimeTearDown]
    public async Task EndAsync()
    {
        await _runs.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task A_folder_can_be_written_and_the_fixture_stays_what_it_was()
    {
        _folder.Write("modules/writes/fixtures/old.txt", "old");
        var cell = await RunAsync("writes", """
            (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
            """, """
            (i32.const 1 (; create ;)) (i64.const 64 (; fd_write ;)) (i64.const 0) (i32.const 0) (i32.const 8)
            """, "new.txt", "(call $write (i32.load (i32.const 8)))");
        Assert.That((cell.Run.Exit, cell.Outcome.Code), Is.EqualTo((0, (string?)null)), cell.Run.Text);
        Assert.That(Directory.GetFiles(_folder.Sub("modules/writes/fixtures")).Select(Path.GetFileName), Is.EqualTo(new[] { "old.txt" }));
    }

    [Test]
    [Platform("Linux,MacOsX")]
    public async Task A_link_is_a_link()
    {
        _folder.Write("modules/links/fixtures/a.txt", "a");
        File.CreateSymbolicLink(_folder.Sub("modules/links/fixtures/link"), "a.txt");
        var cell = await RunAsync("links", """
            (import "wasi_snapshot_preview1" "path_readlink" (func $open (param i32 i32 i32 i32 i32 i32) (result i32)))
            """, "(i32.const 2048) (i32.const 100) (i32.const 8)", "link", """
            (i32.sub (i32.load (i32.const 2048)) (i32.const 0x78742e61 (; "a.tx" ;)))
            """, flags: "");
        if (IsCopying)
        {
            Assert.That((cell.Verdict, cell.Outcome.Phase, cell.Outcome.Code),
                Is.EqualTo((Verdict.Skipped, Phase.Link, OutcomeCodes.Unprovidable)));
            Assert.That(cell.Run.Text, Does.Contain("symbolic link"));
        }
        else
        {
            Assert.That((cell.Run.Exit, cell.Outcome.Code), Is.EqualTo((0, (string?)null)), cell.Run.Text);
        }
    }

    [Test]
    public async Task A_folder_under_a_relative_path_or_an_empty_one_is_given_or_unprovidable()
    {
        foreach (var (guest, name) in new[] { ("data", "full"), ("/data", "empty") })
        {
            Directory.CreateDirectory(_folder.Sub($"modules/{name}/fixtures"));
            if (name == "full") _folder.Write("modules/full/fixtures/old.txt", "old");
            var cell = await RunAsync(name, """
                (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
                """, "(i32.const 1) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 8)", "new.txt", "(call $write (i32.load (i32.const 8)))", guest);
            Assert.That((cell.Verdict, cell.Outcome.Code), Is.EqualTo(runtime == "wasmer-js"
                ? (Verdict.Skipped, OutcomeCodes.Unprovidable) : (Verdict.Pass, (string?)null)), $"{guest}: {cell.Run.Text}");
        }
    }

    /// <summary>A folder that may not be written, where there are such; elsewhere the guest is not run.</summary>
    [Test]
    public async Task A_read_only_folder_is_one()
    {
        _folder.Write("modules/reads/fixtures/old.txt", "old");
        var cell = await RunAsync("reads", """
            (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
            """, "(i32.const 1) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 8)", "new.txt", "(i32.const 1)",
                preopens: """{ "/data" = { folder = "fixtures", read-only = true } }""", exit: 99);
        Assert.That((cell.Verdict, cell.Outcome.Code), Is.EqualTo(runtime is "wasmtime" or "wazero" or "wasmtime-cli"
            ? (Verdict.Pass, OutcomeCodes.Exit(99)) : (Verdict.Skipped, OutcomeCodes.Unprovidable)), cell.Run.Text);
    }

    /// <summary>Descriptors are in the manifest's order, whatever the names.</summary>
    [Test]
    public async Task Folders_have_the_manifests_order()
    {
        string[] names = ["/z", "/b", "/a"];
        foreach (var name in names) _folder.Write($"modules/order/fixtures{name}/file.txt", name);
        var module = Guests.FromText(_folder, "order", """
            (module
              (import "wasi_snapshot_preview1" "fd_prestat_get" (func $get (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $name (param i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "_start") (local $fd i32)
                (local.set $fd (i32.const 3))
                (loop $next
                  (if (i32.eqz (call $get (local.get $fd) (i32.const 8)))
                    (then
                      (drop (call $name (local.get $fd) (i32.const 100) (i32.load (i32.const 12))))
                      (i32.store8 (i32.add (i32.const 100) (i32.load (i32.const 12))) (i32.const 10))
                      (i32.store (i32.const 0) (i32.const 100))
                      (i32.store (i32.const 4) (i32.add (i32.load (i32.const 12)) (i32.const 1)))
                      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))
                  (br_if $next (i32.lt_u (local.tee $fd (i32.add (local.get $fd) (i32.const 1))) (i32.const 8))))))
            """, rest: """
            [[scenarios]]
            id = "only"
            preopens = { "/z" = "fixtures/z", "/b" = "fixtures/b", "/a" = "fixtures/a" }
            [scenarios.expect]
            exit = 0
            """);
        var run = await _runs.RunAsync(Fakes.Plan(module, Repository.Runtime(runtime)), new RunOptions());
        // Wasmer's come after its own "/" and have lost theirs; in the SDK they are in "/", and have no descriptors.
        var seen = run.Cells.Single().Run.Stdout.Text.Split('\n');
        Assert.That(seen.Select(name => $"/{name.TrimStart('/')}").Where(names.Contains), Is.EqualTo(runtime == "wasmer-js" ? [] : names), run.Cells.Single().Run.Stdout.Text + run.Cells.Single().Run.Text);
    }

    /// <summary>
    /// Asks for a file of the folder, as by a C library, by each preopened descriptor, where "/" may be one; then ends with what is made of
    /// the answer, or with 99 where nobody has it.
    /// </summary>
    private async Task<CellLine> RunAsync(string name, string import, string rest, string file, string then, string guest = "/data",
        string flags = "(i32.const 0)", string? preopens = null, int exit = 0)
    {
        var module = Guests.FromText(_folder, name, $"""
            (module {import}
              (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
              (memory (export "memory") 1)
              (data (i32.const 1000) "data/{file}")
              (func $asks (param $fd i32) (param $at i32) (param $length i32) (result i32)
                (i32.eqz (call $open (local.get $fd) {flags} (local.get $at) (local.get $length) {rest})))
              (func $write (param $fd i32) (result i32)
                (i32.store (i32.const 0) (i32.const 1000)) (i32.store (i32.const 4) (i32.const 4))
                (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 16)))
              (func (export "_start") (local $fd i32)
                (local.set $fd (i32.const 3))
                (loop $next
                  (if (i32.or (call $asks (local.get $fd) (i32.const 1000) (i32.const {file.Length + 5}))
                              (call $asks (local.get $fd) (i32.const 1005) (i32.const {file.Length})))
                    (then (call $exit {then})))
                  (br_if $next (i32.lt_u (local.tee $fd (i32.add (local.get $fd) (i32.const 1))) (i32.const 8))))
                (call $exit (i32.const 99))))
            """, rest: $$"""
            [[scenarios]]
            id = "only"
            preopens = {{preopens ?? $"{{ \"{guest}\" = \"fixtures\" }}"}}
            [scenarios.expect]
            exit = {{exit}}
            """);
        var run = await _runs.RunAsync(Fakes.Plan(module, Repository.Runtime(runtime)), new RunOptions());
        return run.Cells.Single();
    }
}
