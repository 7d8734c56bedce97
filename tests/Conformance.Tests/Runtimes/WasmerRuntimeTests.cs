using Conformance.Engine.Running;
using Conformance.Manifests;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Tests.CommandLine;
using Conformance.Tests.Harness;

namespace Conformance.Tests.Runtimes;

/// <summary>What is Wasmer's own: where it is found, what kills its process, what its worker must keep from the next cell.</summary>
[TestFixture]
public sealed class WasmerRuntimeTests
{
    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task Types_that_the_C_API_has_no_words_for_are_survived()
    {
        var module = Guests.FromText(_folder, "vectors", """
            (module (import "env" "main.getCount" (func (param v128))) (import "nobody" "nothing" (func (param v128)))
              (memory (export "memory") 1) (func (export "vector") (param v128)) (func (export "_start")))
            """, rest: GuestManifest.CounterImports + "\n[[scenarios]]\nid = \"only\"\n[scenarios.expect]\n");
        var cell = (await RunAsync(module)).Cells.Single();
        Assert.That((cell.Outcome.Phase, cell.Outcome.Code),
            Is.EqualTo((Phase.Link, OutcomeCodes.Unprovidable)), cell.Run.Text + cell.Observation.WorkerStderr);
        Assert.That(cell.Observation.Ledger.Select(r => (r.Provider, r.Code)),
            Is.EqualTo(new[] { (Provider.Host, OutcomeCodes.Unprovidable), (Provider.Missing, OutcomeCodes.UnknownImport) }));
    }

    [Test]
    public async Task WASI_of_several_namespaces_is_one_environment_and_the_ledger_knows_them_all()
    {
        var module = Guests.FromText(_folder, "mixed", """
            (module
              (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
              (import "wasix_32v1" "proc_id" (func $id (param i32) (result i32)))
              (import "wasi_unstable" "sched_yield" (func $y (result i32)))
              (import "wasi" "thread-spawn" (func $t (param i32) (result i32)))
              (memory (export "memory") 1) (data (i32.const 16) "mixed\n")
              (func (export "_start")
                (drop (call $id (i32.const 100))) (drop (call $y))
                (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 6))
                (drop (call $w (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
            """);
        var cell = (await RunAsync(module)).Cells.Single();
        Assert.That((cell.Outcome.Code, cell.Run.Stdout.Text), Is.EqualTo(((string?)null, "mixed\n")), cell.Run.Text);
        Assert.That(cell.Observation.Ledger.Select(r => r.Provider), Is.All.EqualTo(Provider.Wasi));
    }

    [Test]
    public async Task A_WASI_function_of_another_type_is_a_mismatch_in_the_ledger_and_at_link()
    {
        var module = Guests.FromText(_folder, "wrong", """(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i64))) (memory (export "memory") 1) (func (export "_start")))""");
        var cell = (await RunAsync(module)).Cells.Single();
        Assert.That((cell.Outcome.Phase, cell.Outcome.Code), Is.EqualTo((Phase.Link, OutcomeCodes.IncompatibleType)), cell.Run.Text);
        Assert.That((cell.Observation.Ledger.Single().Provider, cell.Observation.Ledger.Single().Found),
            Is.EqualTo((Provider.Mismatch, "func (i32) -> ()")));
    }

    [Test]
    public async Task What_a_guest_leaves_of_its_stdin_is_not_the_next_ones()
    {
        // Reads three bytes and prints them.
        var module = Guests.FromText(_folder, "reader", """
            (module
              (import "wasi_snapshot_preview1" "fd_read" (func $r (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "_start")
                (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 3))
                (drop (call $r (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
                (i32.store (i32.const 4) (i32.load (i32.const 8)))
                (drop (call $w (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))))
            """, rest: """
            [[scenarios]]
            id = "much"
            stdin = "abcdefghijklmnopqrstuvwxyz"
            expect = {}
            [[scenarios]]
            id = "none"
            expect = {}
            [[scenarios]]
            id = "little"
            stdin = "yz"
            expect = {}
            """);
        Assert.That((await RunAsync(module)).Cells.Select(c => c.Run.Stdout.Text), Is.EqualTo(new[] { "abc", "", "yz" }));
    }

    [TestCase("wasmer")]
    [TestCase("wasmtime")]
    public async Task Compiled_modules_are_kept_and_a_damaged_or_foreign_one_is_thrown_away(string runtime)
    {
        using var folder = new TemporaryFolder();
        var module = Guests.FromText(folder, "kept", """(module (memory (export "memory") 1) (func (export "_start")))""");
        var options = new RunOptions { CacheFolder = folder.Sub("cache") };
        await PassesAsync();
        var file = Directory.GetFiles(folder.Sub("cache"), "*", SearchOption.AllDirectories).Single();
        Assert.That(Path.GetFileName(file), Is.EqualTo(module.Sha256 + ".compiled"));
        Assert.That(Path.GetFileName(Path.GetDirectoryName(file)), Does.Match($"^{runtime}-[0-9a-f]{{16}}-[0-9]+$"));
        var (compiled, longAgo) = (await File.ReadAllBytesAsync(file), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        File.SetLastWriteTimeUtc(file, longAgo);
        await PassesAsync();
        Assert.That(File.GetLastWriteTimeUtc(file), Is.EqualTo(longAgo), "compiled again");

        var damaged = compiled.ToArray();
        damaged[^20] ^= 1;
        byte[] foreign = [.. System.Security.Cryptography.SHA256.HashData("another engine's"u8), .. "another engine's"u8];
        foreach (var bad in new[] { damaged, foreign, compiled[..40], [] })
        {
            await File.WriteAllBytesAsync(file, bad);
            File.SetLastWriteTimeUtc(file, longAgo);
            await PassesAsync();
            Assert.That(File.GetLastWriteTimeUtc(file), Is.GreaterThan(longAgo), "not made anew");
        }

        async Task PassesAsync()
        {
            var run = await new RecordedRun().RunAsync(Fakes.Plan(module, Runtime(runtime)), options);
            Requirement.Present(run.Header!);
            Assert.That(run.Cells.Single().Verdict, Is.EqualTo(Verdict.Pass),
                run.Cells.Single().Run.Text + run.Cells.Single().Observation.WorkerStderr);
        }
    }

    [Test]
    [Category("Long")]
    public async Task The_places_are_tried_in_order_and_shown()
    {
        if (await LibraryAsync() is not { } library) return;
        var (home, user, release) = (_folder.Sub("home"), _folder.Sub("user"), _folder.Sub("release"));
        var environment = new Dictionary<string, string?>
        {
            ["CONFORMANCE_HOME"] = home,
            ["HOME"] = user,
            ["WASMER_DIR"] = null,
            ["WASMER_LIBRARY"] = null,
            ["LD_LIBRARY_PATH"] = null
        };
        Link(Path.Combine(home, "wasmer-7.2.0", "lib", "libwasmer.so"));
        await UsedAsync($"{home}/wasmer-7.2.0/lib: ");
        Link(Path.Combine(user, ".wasmer", "lib", "libwasmer.so"));
        await UsedAsync("~/.wasmer/lib: ");
        Link(Path.Combine(release, "lib", "libwasmer.so"));
        environment["WASMER_DIR"] = release;
        await UsedAsync("WASMER_DIR/lib: ");
        environment["WASMER_LIBRARY"] = library;
        await UsedAsync("WASMER_LIBRARY: ");

        void Link(string path)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.CreateSymbolicLink(path, library);
        }

        async Task UsedAsync(string place)
        {
            var result = await Command.RunAsync(environment, "doctor");
            var lines = result.Output.Split('\n').SkipWhile(line => !line.StartsWith("wasmer ", StringComparison.Ordinal)).ToList();
            Assert.That(lines[0], Does.Contain("7.2.0").And.Contain("wasi_snapshot_preview1:47"), result.Output);
            Assert.That(lines.Skip(1).First(line => line.EndsWith(" (used)", StringComparison.Ordinal)).Trim(),
                Does.StartWith(place).And.Contain("SHA-256"));
        }
    }

    [Test]
    public async Task Without_the_library_the_runtime_is_unavailable_with_the_places_and_the_remedy_and_red_where_it_is_required()
    {
        var home = _folder.Sub("empty");
        var environment = new Dictionary<string, string?>
        {
            ["CONFORMANCE_HOME"] = home,
            ["HOME"] = home,
            ["WASMER_DIR"] = null,
            ["WASMER_LIBRARY"] = null
        };
        string[] arguments = ["run", "-r", "wasmer", "-m", "counter-wat", "--server", "embedded", "--out", _folder.Sub("out")];
        var result = await Command.RunAsync(environment, arguments);
        Assert.That(result.ExitCode, Is.EqualTo(3), result.Output);
        var line = result.Output.Split('\n').Single(l => l.StartsWith("unavailable: wasmer: ", StringComparison.Ordinal));
        Assert.That(line, Does.Contain($"libwasmer.so is in none of WASMER_LIBRARY (not set), WASMER_DIR/lib (not set), ~/.wasmer/lib ({home}/.wasmer/lib/libwasmer.so), {home}/wasmer-7.2.0/lib")
            .And.Contain("; to have it: ./conformance setup wasmer"));

        environment["CONFORMANCE_REQUIRE"] = "wasmer";
        var required = await Command.RunAsync(environment, arguments);
        Assert.That((required.ExitCode, required.Error.Contains("wasmer is required and unavailable", StringComparison.Ordinal)),
            Is.EqualTo((3, true)), required.Error);
    }

    /// <summary>Where the library is that the tests run with, as doctor tells it.</summary>
    private static async Task<string?> LibraryAsync()
    {
        var result = await Command.RunAsync("doctor");
        var used = result.Output.Split('\n').SkipWhile(line => !line.StartsWith("wasmer ", StringComparison.Ordinal))
            .Skip(1).TakeWhile(line => line.StartsWith(' ')).FirstOrDefault(line => line.EndsWith(" (used)", StringComparison.Ordinal));
        if (used is null)
        {
            Requirement.Missing("wasmer", result.Output.Split('\n').First(line => line.StartsWith("wasmer ", StringComparison.Ordinal)));
            return null;
        }

        return used.Split(": ")[1].Split(", SHA-256")[0];
    }

    private static async Task<RecordedRun> RunAsync(params ModuleManifest[] modules)
    {
        var runtime = Runtime("wasmer");
        var plans = modules.Select(module => Fakes.Plan(module, runtime)).ToList();
        var plan = new Engine.Planning.Plan([.. modules], [runtime], [.. plans.SelectMany(p => p.Cells)]);
        var run = await new RecordedRun().RunAsync(plan, new RunOptions { Jobs = 1 });
        Requirement.Present(run.Header!);
        return run;
    }

    private static Model.Runtimes.RuntimeManifest Runtime(string id) =>
        Repository.Runtime(id);
}
