using Conformance.Engine.Running;
using Conformance.Machine;
using Conformance.Model.Observations;
using Conformance.Tests.CommandLine;
using Conformance.Tests.Harness;

namespace Conformance.Tests.Faults;

/// <summary>Whatever lies in the cache, and however it was damaged, cells do what they do without one.</summary>
[Category("faults")]
[TestFixture]
public sealed class DamagedCacheTests
{
    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task A_damaged_entry_is_made_anew(
        [Values("wasmtime", "wasmer", "lucet", "wazero", "node-cli")] string runtime, [Values] bool isCut)
    {
        var cache = _folder.Sub($"cache-{runtime}-{isCut}");
        var options = new RunOptions { CacheFolder = cache, Jobs = 1 };
        var plan = Fakes.Plan(Repository.Module("counter-c-freestanding"), Repository.Runtime(runtime));
        var run = await new RecordedRun().RunAsync(plan, options);
        Requirement.Present(run.Header!);
        Assert.That(run.Cells.Select(cell => cell.Verdict), Is.All.EqualTo(Verdict.Pass), run.Cells[0].Run.Text);
        var kept = CacheInventory.Read(cache);
        Assert.That(kept, Is.Not.Empty);
        Assert.That(kept.Where(entry => !CacheInventory.IsWhole(entry)), Is.Empty, "what was just kept is whole");

        foreach (var file in Directory.GetFiles(cache, "*", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith(KeptFile.DigestExtension) && Path.GetFileName(file) != KeptFolder.Digests))
        {
            var bytes = await File.ReadAllBytesAsync(file);
            if (isCut) bytes = bytes[..(bytes.Length / 2)];
            else for (var i = bytes.Length / 4; i < bytes.Length; i += 97) bytes[i] ^= 0x5A;
            await File.WriteAllBytesAsync(file, bytes);
        }

        Assert.That(CacheInventory.Read(cache).Where(CacheInventory.IsWhole), Is.Empty, "nothing of it is");
        // A process looks at a file once: the next run's workers are others.
        run = await new RecordedRun().RunAsync(plan, options);
        Assert.That(run.Cells.Select(cell => cell.Verdict), Is.All.EqualTo(Verdict.Pass), run.Cells[0].Run.Text);
        Assert.That(CacheInventory.Read(cache).Where(entry => !CacheInventory.IsWhole(entry)), Is.Empty, "it was made anew");
    }

    [Category("Portable")]
    [Test]
    public void A_file_that_was_never_whole_is_not_there()
    {
        var place = _folder.Sub("kept/name.bin");
        var made = _folder.Write("made.bin", "content");
        KeptFile.Keep(made, place);
        Assert.That((KeptFile.IsThere(place), File.Exists(made), File.ReadAllText(place)), Is.EqualTo((true, false, "content")));

        // A process that was killed between the digest and the file, or that wrote half of it.
        foreach (var (name, digest, content) in new[] { ("a", "00", "x"), ("b", null, "x"), ("c", Sha256.Hex("xy"), "x"), ("d", "", "") })
        {
            var path = _folder.Write($"kept/{name}", content);
            if (digest is not null) File.WriteAllText(path + KeptFile.DigestExtension, digest);
            Assert.That((KeptFile.IsThere(path), File.Exists(path)), Is.EqualTo((false, false)), name);
        }
    }

    [Category("Portable")]
    [Test]
    public void A_folder_that_somebody_else_fills_keeps_what_it_had_when_its_digests_were_taken()
    {
        var folder = _folder.Sub("theirs");
        KeptFolder.Open(folder);
        _folder.Write("theirs/good", "good");
        _folder.Write("theirs/inner/bad", "bad");
        KeptFolder.Take(folder);
        _folder.Write("theirs/inner/bad", "worse");
        _folder.Write("theirs/late", "half a fi");
        // As another process finds it.
        var copy = _folder.Sub("copy");
        Directory.CreateDirectory(copy);
        FolderCopy.Make(folder, copy);
        KeptFolder.Open(copy);
        Assert.That(Directory.GetFiles(copy, "*", SearchOption.AllDirectories).Select(Path.GetFileName),
            Is.EquivalentTo(new[] { "good", KeptFolder.Digests }));
    }

    [Category("Portable")]
    [Test]
    public async Task The_command_shows_checks_trims_and_clears_it()
    {
        var home = _folder.Sub("home");
        var cache = Path.Combine(home, "cache");
        var environment = new Dictionary<string, string?> { ["CONFORMANCE_HOME"] = home, ["CONFORMANCE_CACHE_LIMIT"] = "1" };
        for (var i = 0; i < 3; i++)
        {
            var path = Path.Combine(cache, "composed", $"key-{i}", "guest.wasm");
            KeptFile.Keep(_folder.Write($"home/made-{i}", new string('x', 400 * 1024)), path);
            File.SetLastAccessTimeUtc(path, DateTime.UtcNow.AddDays(-i));
        }

        var shown = await Command.RunAsync(environment, "cache");
        Assert.That(shown.Output, Does.Contain("1.2 MiB      3 entries  composed").And.Contain("of at most 1.0 MiB, in "));
        await File.WriteAllTextAsync(Path.Combine(cache, "composed", "key-0", "guest.wasm"), "damaged");
        var check = await Command.RunAsync(environment, "cache", "check");
        Assert.That(check.Output, Does.EndWith("2 of 3 entries are whole").And.Contain(Path.Combine("key-0", "guest.wasm")));
        Assert.That(Directory.GetDirectories(Path.Combine(cache, "composed")), Has.Length.EqualTo(2));

        Assert.That(CacheInventory.Trim(cache, 500 * 1024).Select(entry => entry.Path), Is.EqualTo(new[]
        {
            Path.Combine(cache, "composed", "key-2", "guest.wasm"),
        }));
        var clear = await Command.RunAsync(environment, "cache", "clear");
        Assert.That((clear.ExitCode, clear.Output), Is.EqualTo((0, "1 entries removed, 0.4 MiB")));
        Assert.That(CacheInventory.Read(cache), Is.Empty);
    }

    [Category("Portable")]
    [Test]
    public async Task A_cache_that_cannot_be_written_is_the_machines_fault()
    {
        var home = _folder.Sub("broken-home");
        Directory.CreateDirectory(home);
        await File.WriteAllTextAsync(Path.Combine(home, "cache"), "a file");
        using var matrix = new FakeMatrix("counter-a");
        matrix.Runtime("steady", "counts");
        var result = await Command.RunAsync(new Dictionary<string, string?> { ["CONFORMANCE_HOME"] = home },
            ["run", "--out", matrix.Sub("out"), .. matrix.Folders]);
        Assert.That((result.ExitCode, result.Error.Trim().Split('\n').Length), Is.EqualTo((3, 1)), result.Error);
        Assert.That(result.Error, Does.StartWith($"conformance: the cache folder {Path.Combine(home, "cache")} can't be used: "));
    }
}
