using Conformance.Tests.Harness;

namespace Conformance.Tests.CommandLine;

/// <summary><c>run --update-expectations</c> as a user meets it.</summary>
[Category("Portable")]
[TestFixture]
public sealed class UpdateExpectationsTests
{
    private static readonly string[] Grounds = ["--reason", "it forgets one", "--link", "https://example.org/why"];

    private TemporaryFolder _folder = null!;

    private string Manifest => _folder.Sub("modules", "counter-c", "module.toml");

    [SetUp]
    public void WriteManifests()
    {
        _folder = new TemporaryFolder();
        foreach (var behaviour in new[] { "counts", "forgets-one" })
            _folder.Write($"runtimes/{behaviour}/runtime.toml", Fakes.Toml(behaviour));
        var text = File.ReadAllText(Path.Combine(Repository.Modules, "counter-c", "module.toml"));
        // What it declares for a browser would match no runtime here.
        _folder.Write("modules/counter-c/module.toml", text[..text.IndexOf("\n[[scenarios.differences]]", StringComparison.Ordinal)]);
        File.Copy(Path.Combine(Repository.Modules, "counter-c", "counter-c.wasm"), _folder.Sub("modules", "counter-c", "counter-c.wasm"));
    }

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task The_manifest_is_written_the_changes_are_shown_and_the_next_run_is_as_expected()
    {
        var result = await UpdateAsync(Grounds);
        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")));
        Assert.That(result.Output, Does.Contain($"+++ {Manifest}").And.Contain(
            "+runtime = \"forgets-one\"").And.Contain("+counts = 9").And.Contain("+stdout = \"9\\n\"").And.Contain($"written: {Manifest}"));
        var next = await RunAsync();
        Assert.That(next.ExitCode, Is.Zero);
        Assert.That(next.Output, Does.Contain("1 pass, 1 xfail"));
        Assert.That(next.Output, Does.Not.Contain("written:"));
    }

    [Test]
    public async Task Without_grounds_the_changes_are_shown_and_not_made()
    {
        var before = File.ReadAllText(Manifest);
        var result = await UpdateAsync();
        Assert.That((result.ExitCode, result.Error.TrimEnd()),
            Is.EqualTo((2, "conformance: not written, for a departure needs grounds: say --reason and --link for counter-c · ten-increments · forgets-one")));
        Assert.That(result.Output, Does.Contain("+counts = 9"));
        Assert.That(File.ReadAllText(Manifest), Is.EqualTo(before));
    }

    [Test]
    public async Task What_needs_no_grounds_is_written_without()
    {
        var right = File.ReadAllText(Manifest);
        File.WriteAllText(Manifest, right.Replace("counts = 10", "counts = 12", StringComparison.Ordinal));
        _folder.Write("runtimes/prints-to-stdout/runtime.toml", Fakes.Toml("prints-to-stdout"));
        var result = await UpdateAsync("-r", "counts", "-r", "prints-to-stdout");
        Assert.That((result.ExitCode, File.ReadAllText(Manifest)), Is.EqualTo((0, right)), result.Error);
    }

    [Test]
    public async Task Where_all_is_as_expected_nothing_changes()
    {
        var before = File.GetLastWriteTimeUtc(Manifest);
        var result = await UpdateAsync("-r", "counts");
        Assert.That((result.ExitCode, File.GetLastWriteTimeUtc(Manifest)), Is.EqualTo((0, before)), result.Error);
    }

    [Test]
    public async Task What_is_left_keeps_the_run_unexpected()
    {
        _folder.Write("runtimes/exits/runtime.toml", Fakes.Toml("exits"));
        var result = await UpdateAsync([.. Grounds, "-r", "exits", "-r", "counts"]);
        Assert.That(result.ExitCode, Is.EqualTo(1), result.Error);
        Assert.That(result.Output, Does.Contain("left as it is: counter-c · ten-increments · exits: it is crashed"));
    }

    [Test]
    [Platform("Linux")]
    public async Task A_manifest_that_cannot_be_written_stays_as_it_is()
    {
        var modules = Deep("/counter-c/module.toml", bytes: 4087);
        Directory.CreateDirectory(modules);
        Directory.Move(_folder.Sub("modules", "counter-c"), Path.Combine(modules, "counter-c"));
        var manifest = Path.Combine(modules, "counter-c", "module.toml");
        var before = File.ReadAllText(manifest);
        var result = await Command.RunAsync(["run", "--server", "embedded", "--modules-dir",
            modules, "--runtimes-dir", _folder.Sub("runtimes"), "--out", _folder.Sub("out"), "--update-expectations", .. Grounds]);
        Assert.That(result.ExitCode, Is.EqualTo(3), result.Error);
        Assert.That(result.Error.TrimEnd(), Does.StartWith($"conformance: {manifest} can't be written:").And.Not.Contain("\n"));
        Assert.That(File.ReadAllText(manifest), Is.EqualTo(before));
    }

    [TestCase("a departure needs both, --reason and --link", "--update-expectations", "--reason", "x")]
    [TestCase("--reason and --link are for --update-expectations", "--reason", "x", "--link", "y")]
    public async Task Grounds_are_whole_and_for_an_update(string message, params string[] options)
    {
        var result = await RunAsync(options);
        Assert.That((result.ExitCode, result.Error.Split('\n')[0]), Is.EqualTo((2, $"conformance: {message}")));
    }

    /// <summary>
    /// A folder in which a file has a path that is as long as said: no other file with a longer name can be made beside it (a path has
    /// 4,095 bytes at the most), by root neither.
    /// </summary>
    private string Deep(string file, int bytes)
    {
        var folder = _folder.Sub("deep");
        while (bytes - file.Length - folder.Length is > 0 and var room)
        {
            // A step takes two bytes at least: the last one must not be left with one.
            folder += "/" + new string('d', room is > 200 and < 203 ? 100 : Math.Min(room - 1, 200));
        }

        return folder;
    }

    private Task<CommandResult> UpdateAsync(params string[] options) => RunAsync(["--update-expectations", .. options]);

    private Task<CommandResult> RunAsync(params string[] options) => Command.RunAsync(
        ["run", "--server", "embedded", "--modules-dir", _folder.Sub("modules"),
            "--runtimes-dir", _folder.Sub("runtimes"), "--out", _folder.Sub("out"), .. options]);
}
