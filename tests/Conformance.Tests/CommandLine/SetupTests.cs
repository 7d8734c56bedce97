using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Conformance.Machine;
using Conformance.Model.Runtimes;

namespace Conformance.Tests.CommandLine;

/// <summary><c>conformance setup</c> with small archives, from a server on the loopback address and from files.</summary>
[TestFixture]
public sealed class SetupTests
{
    /// <summary>The good archive by <c>tar -cJ</c>, below one folder, as Wasmtime's releases are.</summary>
    private const string GoodXz =
        "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4Cf/APNdADoby5T6y6sqQNieHTShWmAmrSlZZ6rG0ZeiLg9YRNMzqcZRRDnQBs5W428bXONrLvwWI2ySgEfkTEsX5z969Bk2we+9UrL/Xx5/oPJV9tsbkWkcVTqc2SvBLQ7A8zeUG6YBVdLKjo5Oo3PxEQfdCHcQdLIKJfk4D9mhr7oIFHN/"
        + "EFFmAszyjiQIMFpdAXsQcat5rJh2XJ6zg8bNQUwyUzbAHfQKsZXQsOk8q/918OZhOjCT9DLiP6cq6HpELQhwHx1H1oFlCqpRtS5S4HENIygbdBWGxspsfMJvU1bZMEwDa3/fn1r1SXgxSPZGzsOgRKqtOAAAmuKmd+SX3O8AAY8CgFAAADu5ltexxGf7AgAAAAAEWVo=";

    private readonly TemporaryFolder _folder = new();
    private readonly ArchiveServer _server = new();
    private string _home = "";
    private int _tests;

    [SetUp]
    public void NewHome()
    {
        _home = Directory.CreateDirectory(_folder.Sub($"home-{_tests++}")).FullName;
        _server.KnowsRanges = true;
    }

    [OneTimeTearDown]
    public void Stop()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [TestCase("gz")]
    [TestCase("xz")]
    [TestCase("zip")]
    public async Task A_good_archive_of_each_form_is_unpacked_its_library_and_licence_only(string form)
    {
        var result = await SetupAsync($"good.{form}", form switch
        {
            "gz" => Good(),
            "xz" => Convert.FromBase64String(GoodXz),
            _ => Zip(("bin/toy", "a program"), ("lib/libtoy.so", "the engine"), ("lib/deep/notes.txt", "notes"), ("LICENSE", "free"))
        });
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(Installed(), Is.EquivalentTo(new[] { "toy-1.2.3/lib/libtoy.so", "toy-1.2.3/lib/deep/notes.txt", "toy-1.2.3/LICENSE" }));
        Assert.That(File.ReadAllText(Path.Combine(_home, "toy-1.2.3/lib/libtoy.so")), Is.EqualTo("the engine"));
        Assert.That(result.Output,
            Does.Contain($"toy 1.2.3: fetching {_server.Url}good.{form}").And.Contain("100 %").And.Contain("the digest is the pinned one"));
    }

    [Test]
    public async Task A_program_can_be_run_and_a_link_to_what_is_unpacked_leads_there()
    {
        var archive = Tar(
            new PaxTarEntry(TarEntryType.SymbolicLink, "toy/lib/libtoy.so") { LinkName = "libtoy.so.1" },
            new PaxTarEntry(TarEntryType.SymbolicLink, "toy/lib/libtoy.so.1") { LinkName = "../lib/libtoy.so.1.2" },
            new PaxTarEntry(TarEntryType.HardLink, "toy/lib/again.so") { LinkName = "toy/lib/libtoy.so.1.2" },
            new PaxTarEntry(TarEntryType.RegularFile, "toy/lib/libtoy.so.1.2")
            {
                DataStream = new MemoryStream("the engine"u8.ToArray()),
                Mode = UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.SetUser,
            });
        var result = await SetupAsync("links", archive);
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        foreach (var name in new[] { "libtoy.so", "libtoy.so.1", "again.so" })
            Assert.That(File.ReadAllText(Path.Combine(_home, "toy-1.2.3/lib", name)), Is.EqualTo("the engine"), name);
        Assert.That(File.ResolveLinkTarget(Path.Combine(_home, "toy-1.2.3/lib/libtoy.so"), returnFinalTarget: false)!.Name,
            Is.EqualTo("libtoy.so.1.2"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.That(File.GetUnixFileMode(Path.Combine(_home, "toy-1.2.3/lib/libtoy.so.1.2")),
            Is.EqualTo((UnixFileMode)0b111_101_101), "runnable, and nobody's else");
        }
    }

    [Test]
    public async Task A_file_is_taken_as_well_and_once_only_unless_asked_again()
    {
        var archive = _folder.Sub("offline.tar.gz");
        File.WriteAllBytes(archive, Good());
        WriteRuntime("toy", "http://127.0.0.1:1/never-asked", Good());
        Assert.That((await RunAsync("toy", "--from", archive)).ExitCode, Is.Zero);
        File.WriteAllText(Path.Combine(_home, "toy-1.2.3/mine"), "kept");
        var second = await RunAsync("toy", "--from", archive);
        Assert.That((second.ExitCode, second.Output),
            Is.EqualTo((0, $"toy 1.2.3 is in {Path.Combine(_home, "toy-1.2.3")}; --again installs it anew")));
        Assert.That((await RunAsync("toy", "--from", archive, "--again")).ExitCode, Is.Zero);
        Assert.That(Installed(), Has.No.Member("toy-1.2.3/mine"));
    }

    [Test]
    public async Task A_wrong_digest_is_told_before_anything_is_unpacked_and_nothing_stays()
    {
        var result = await SetupAsync("other", Archive(("lib/libtoy.so", "another engine")), pinned: Good());
        AssertFailed(result, 3, "its SHA-256 is");
        Assert.That(result.Output, Does.Not.Contain("unpacking"));
    }

    [Test]
    public async Task A_file_with_the_wrong_digest_is_wrong_input()
    {
        var archive = _folder.Write("wrong.tar.gz", "not it");
        WriteRuntime("toy", _server.Url + "unused", Good());
        AssertFailed(await RunAsync("toy", "--from", archive), 2, $"{archive} is not toy 1.2.3");
    }

    [TestCase("lib/../../../climbed", "climbs out of the folder: lib/../../../climbed")]
    [TestCase("/climbed", "climbs out of the folder: /climbed")]
    [TestCase("..\\climbed", "climbs out of the folder: ..\\climbed")]
    public async Task A_path_that_leads_out_of_the_folder_is_refused_and_nothing_stays(string name, string words)
    {
        AssertFailed(await SetupAsync("climbs", Archive(("lib/libtoy.so", "x"), (name, "out"))), 3, words);
        AssertFailed(await SetupAsync("climbs.zip", Zip(("lib/libtoy.so", "x"), (name, "out"))), 3, words);
        Assert.That(File.Exists(_folder.Sub("climbed")), Is.False);
    }

    [TestCase(TarEntryType.SymbolicLink, "/etc/passwd")]
    [TestCase(TarEntryType.SymbolicLink, "../../../../etc/passwd")]
    [TestCase(TarEntryType.SymbolicLink, "missing.so")]
    [TestCase(TarEntryType.SymbolicLink, "link.so")]
    [TestCase(TarEntryType.SymbolicLink, "../bin/toy")]
    [TestCase(TarEntryType.HardLink, "/etc/passwd")]
    [TestCase(TarEntryType.HardLink, "../outside")]
    public async Task A_link_to_what_is_not_unpacked_is_refused(TarEntryType type, string target)
    {
        var archive = Tar(
            new PaxTarEntry(TarEntryType.RegularFile, "bin/toy") { DataStream = new MemoryStream("a program"u8.ToArray()) },
            new PaxTarEntry(TarEntryType.RegularFile, "lib/libtoy.so") { DataStream = new MemoryStream("the engine"u8.ToArray()) },
            new PaxTarEntry(type, "lib/link.so") { LinkName = target });
        AssertFailed(await SetupAsync("link", archive), 3, "an entry is a link to");
    }

    [Test]
    public async Task A_folder_that_is_a_link_is_not_written_through()
    {
        var outside = Directory.CreateDirectory(_folder.Sub("outside")).FullName;
        var archive = Tar(
            new PaxTarEntry(TarEntryType.SymbolicLink, "lib/deep") { LinkName = outside },
            new PaxTarEntry(TarEntryType.RegularFile, "lib/deep/file") { DataStream = new MemoryStream("out"u8.ToArray()) });
        AssertFailed(await SetupAsync("through", archive), 3, "an entry is a link to");
        Assert.That(Directory.GetFileSystemEntries(outside), Is.Empty);
    }

    [TestCase(TarEntryType.CharacterDevice)]
    [TestCase(TarEntryType.BlockDevice)]
    [TestCase(TarEntryType.Fifo)]
    public async Task A_device_or_a_pipe_is_refused(TarEntryType type) => AssertFailed(await SetupAsync("device", Tar(
        new PaxTarEntry(TarEntryType.RegularFile, "lib/libtoy.so") { DataStream = new MemoryStream("the engine"u8.ToArray()) },
        new PaxTarEntry(type, "lib/device"))), 3, "an entry is a device or a pipe: lib/device");

    [Test]
    public async Task Two_entries_of_one_name_are_refused() => AssertFailed(
        await SetupAsync("twice", Archive(("lib/libtoy.so", "one"), ("top/lib/libtoy.so", "two"))), 3, "two entries are lib/libtoy.so");

    /// <summary>A hundred megabytes of zeros in a hundred kilobytes, kept or not.</summary>
    [TestCase("lib/libtoy.so")]
    [TestCase("share/zeros")]
    public async Task What_unpacks_to_far_more_than_it_is_is_refused(string name)
    {
        var bytes = new MemoryStream();
        using (var compressed = new GZipStream(bytes, CompressionLevel.SmallestSize, leaveOpen: true))
        using (var tar = new TarWriter(compressed))
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(new byte[100 << 20]) });
        AssertFailed(await SetupAsync("bomb", bytes.ToArray()), 3, "it unpacks to more than 64 MiB");
    }

    [TestCase("gz")]
    [TestCase("xz")]
    [TestCase("zip")]
    public async Task An_archive_that_is_damaged_is_refused(string form)
    {
        var good = form switch
        {
            "gz" => Good(),
            "xz" => Convert.FromBase64String(GoodXz),
            _ => Zip(("lib/libtoy.so", Convert.ToHexString(RandomNumberGenerator.GetBytes(1000))))
        };
        foreach (var i in Enumerable.Range(good.Length / 3, good.Length / 4)) good[i] ^= 0x55;
        AssertFailed(await SetupAsync($"damaged.{form}", good), 3, "can't be unpacked");
    }

    [Test]
    public async Task An_archive_without_what_is_kept_is_refused() =>
        AssertFailed(await SetupAsync("empty", Archive(("bin/toy", "x"))), 3, "holds none of lib/, LICENSE");

    [Test]
    public async Task Something_that_is_no_archive_is_refused() =>
        AssertFailed(await SetupAsync("nonsense", "hello"u8.ToArray()), 3, "can't be unpacked: it is no .tar.gz, .tar.xz or .zip");

    [Test]
    public async Task A_server_that_is_not_there_is_told_with_what_to_do()
    {
        WriteRuntime("toy", "http://127.0.0.1:1/toy.tar.gz", Good());
        AssertFailed(await RunAsync("toy"), 3, "--from takes a mirror's URL or a file");
    }

    [Test]
    public async Task An_answer_that_is_not_the_archive_is_told()
    {
        WriteRuntime("toy", _server.Url + "missing", Good());
        AssertFailed(await RunAsync("toy"), 3, "404");
    }

    [Test]
    public async Task A_full_disk_is_told_and_nothing_stays()
    {
        var large = Archive(("lib/libtoy.so", Convert.ToHexString(RandomNumberGenerator.GetBytes(1 << 20))));
        var mount = Processes.Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", _home);
        if (mount != 0) Assert.Inconclusive("a small file system can't be mounted here: it takes root");
        try
        {
            AssertFailed(await SetupAsync("large", large), 3, "No space left on device");
        }
        finally
        {
            Assert.That(Processes.Run("umount", _home), Is.Zero);
        }
    }

    [TestCase(true, "bytes=")]
    [TestCase(false, "bytes=")]
    public async Task A_connection_that_is_cut_is_taken_up_where_it_was(bool knowsRanges, string asked)
    {
        _server.KnowsRanges = knowsRanges;
        var path = $"cut-{knowsRanges}";
        var archive = Good();
        _server.Serve(path, archive, cuts: 1);
        WriteRuntime("toy", _server.Url + path, archive);
        var result = await RunAsync("toy");
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        var requests = _server.Requests.Where(request => request.Path == path).ToList();
        Assert.That(requests.Select(request => request.Range is not null), Is.EqualTo(new[] { false, true }));
        Assert.That(requests[1].Range, Does.StartWith(asked));
        Assert.That(Installed(), Has.Member("toy-1.2.3/lib/libtoy.so"));
    }

    [Test]
    public async Task A_connection_that_is_cut_again_and_again_is_given_up_and_what_came_is_kept_for_the_next_time()
    {
        var archive = Good();
        _server.Serve("cuts", archive, cuts: 6);
        WriteRuntime("toy", _server.Url + "cuts", archive);
        var result = await RunAsync("toy");
        AssertFailedWords(result, 3, "ended prematurely");
        Assert.That(Directory.GetDirectories(_home), Is.Empty, "nothing is installed");
        _server.Serve("cuts", archive);
        Assert.That((await RunAsync("toy")).ExitCode, Is.Zero);
        Assert.That(_server.Requests[^1].Range, Is.Not.Null, "the rest only");
    }

    [Test]
    public async Task What_an_earlier_attempt_left_of_another_archive_is_thrown_away()
    {
        var archive = Good();
        _server.Serve("stale", archive);
        WriteRuntime("toy", _server.Url + "stale", archive);
        File.WriteAllText(Path.Combine(_home, $"toy-1.2.3.{Sha256.Hex(archive)[..16]}.part"), "something else");
        Assert.That((await RunAsync("toy")).ExitCode, Is.Zero);
        Assert.That(Installed(), Has.Member("toy-1.2.3/lib/libtoy.so"));
    }

    [Test]
    public async Task Ctrl_C_ends_it_at_once_and_the_next_setup_fetches_the_rest()
    {
        var archive = Good();
        _server.Serve("stalls", archive, cuts: -1);
        WriteRuntime("toy", _server.Url + "stalls", archive);
        using var command = await Command.StartAsync("fetching", new Dictionary<string, string?>
        {
            ["CONFORMANCE_HOME"] = _home,
            ["CONFORMANCE_OFFLINE"] = null
        }, "setup", "toy", "--runtimes-dir", _folder.Sub("runtimes"));
        await _server.Stalled.Task;
        command.Interrupt();
        var result = await command.EndAsync();
        Assert.That((result.ExitCode, result.Error), Is.EqualTo((130, "conformance: stopped\n")));
        Assert.That(Directory.GetDirectories(_home), Is.Empty, "nothing is installed");
        _server.Serve("stalls", archive);
        Assert.That((await RunAsync("toy")).ExitCode, Is.Zero);
    }

    [Test]
    public async Task What_a_killed_setup_left_is_in_nobodys_way()
    {
        Directory.CreateDirectory(Path.Combine(_home, "toy-1.2.3.setup", "lib"));
        File.WriteAllText(Path.Combine(_home, "toy-1.2.3.setup", "lib", "half"), "half");
        Assert.That((await SetupAsync("good", Good())).ExitCode, Is.Zero);
        Assert.That(Directory.GetFileSystemEntries(_home).Select(Path.GetFileName), Is.EqualTo(new[] { "toy-1.2.3" }));
    }

    [Test]
    public async Task Two_at_once_fetch_it_once()
    {
        var archive = Good();
        _server.Serve("once", archive);
        WriteRuntime("toy", _server.Url + "once", archive);
        var results = await Task.WhenAll(RunAsync("toy"), RunAsync("toy"));
        Assert.That(results.Select(result => result.ExitCode), Is.All.Zero);
        Assert.That(_server.Requests.Count(request => request.Path == "once"), Is.EqualTo(1));
    }

    [Test]
    public async Task Without_a_name_all_that_are_missing_are_fetched_once_and_what_fails_is_told()
    {
        WriteRuntime("toy", _server.Url + "all/toy", Good());
        _server.Serve("all/toy", Good());
        WriteRuntime("far", "http://127.0.0.1:1/far.tar.gz", Good());
        WriteRuntime("farther", "http://127.0.0.1:1/farther.tar.gz", Good());
        var result = await RunAsync();
        Assert.That(result.ExitCode, Is.EqualTo(3), result.Output);
        Assert.That(result.Error, Is.EqualTo("conformance: not set up: far, farther: 127.0.0.1:1 can't be reached: Connection refused\n"));
        Assert.That(Installed(), Has.Member("toy-1.2.3/lib/libtoy.so"));
        Assert.That((await RunAsync("toy")).Output, Does.Contain("--again"));
        Assert.That(_server.Requests.Count(request => request.Path == "all/toy"), Is.EqualTo(1));
        File.Delete(_folder.Sub("runtimes", "far", "runtime.toml"));
        File.Delete(_folder.Sub("runtimes", "farther", "runtime.toml"));
    }

    [Test]
    public async Task A_mirror_has_the_same_paths_and_the_same_digests()
    {
        _server.Serve("mirrored/somebody/toy/releases/download/v1/toy.tar.gz", Good());
        WriteRuntime("toy", "https://releases.example.invalid/somebody/toy/releases/download/v1/toy.tar.gz", Good());
        var result = await RunAsync(("CONFORMANCE_MIRROR", _server.Url + "mirrored/"), "toy");
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        WriteRuntime("toy", "https://releases.example.invalid/somebody/toy/releases/download/v1/toy.tar.gz", "other"u8.ToArray());
        AssertFailedWords(await RunAsync(("CONFORMANCE_MIRROR", _server.Url + "mirrored/"), "toy", "--again"), 3, "its SHA-256 is");
        AssertFailedWords(await RunAsync(("CONFORMANCE_MIRROR", "ftp://mirror"), "toy", "--again"),
            2, "CONFORMANCE_MIRROR is \"ftp://mirror\"");
    }

    [Test]
    public async Task Offline_fetches_nothing_and_takes_a_file()
    {
        WriteRuntime("toy", _server.Url + "offline", Good());
        AssertFailed(await RunAsync(("CONFORMANCE_OFFLINE", "1"), "toy"),
            3, "CONFORMANCE_OFFLINE is set, so nothing is fetched; --from takes a file");
        var archive = _folder.Sub("file.tar.gz");
        File.WriteAllBytes(archive, Good());
        Assert.That((await RunAsync(("CONFORMANCE_OFFLINE", "1"), "toy", "--from", archive)).ExitCode, Is.Zero);
        Assert.That(_server.Requests.Select(request => request.Path), Has.No.Member("offline"));
    }

    [Test]
    public async Task A_runtime_without_a_release_says_how_it_comes()
    {
        _folder.Write("plain/plain/runtime.toml", "name = \"Plain\"\nremedy = \"buy it\"\n[worker]\ncommand = [\"plain\"]\n");
        var result = await Command.RunAsync("setup", "plain", "--runtimes-dir", _folder.Sub("plain"));
        Assert.That((result.ExitCode, result.Error), Is.EqualTo((2, "conformance: plain has nothing to set up: buy it\n")));
    }

    /// <summary>The layout of Wasmer's own release, made of the library that this machine has.</summary>
    [Test]
    public async Task A_release_of_Wasmers_layout_is_a_Wasmer()
    {
        var places = Wasmer.WasmerLibrary.Places();
        if (places.FirstOrDefault(place => place.Found)?.Path is not { } library)
        {
            Requirement.Missing("wasmer", "its library is not here");
            return;
        }

        byte[] archive;
        using (var bytes = new MemoryStream())
        {
            using (var compressed = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
            using (var tar = new TarWriter(compressed))
            {
                await tar.WriteEntryAsync(library, $"lib/{Wasmer.WasmerLibrary.FileName}");
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "LICENSE") { DataStream = new MemoryStream("free"u8.ToArray()) });
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "bin/wasmer")
                {
                    DataStream = new MemoryStream("a program"u8.ToArray()),
                });
            }

            archive = bytes.ToArray();
        }

        var url = "https://releases.example.invalid/wasmer.tar.gz";
        _server.Serve("wasmer.tar.gz", archive);
        var toml = File.ReadAllText(Path.Combine(Repository.Runtimes, "wasmer", "runtime.toml"));
        toml = toml[..toml.IndexOf("[install.release.archives", StringComparison.Ordinal)]
            + $"[install.release.archives.{Platform.Name}]\nurl = \"{url}\"\nsha256 = \"{Sha256.Hex(archive)}\"\n";
        _folder.Write("real/wasmer/runtime.toml", toml);
        var environment = new Dictionary<string, string?>
        {
            ["CONFORMANCE_HOME"] = _home,
            ["CONFORMANCE_MIRROR"] = _server.Url,
            ["CONFORMANCE_OFFLINE"] = null,
            ["WASMER_DIR"] = null,
            ["WASMER_LIBRARY"] = null
        };
        var result = await Command.RunAsync(environment, "run",
            "--runtimes-dir", _folder.Sub("real"), "-m", "counter-c", "--server", "embedded", "--out", _folder.Sub("report"));
        Assert.That(result.ExitCode, Is.Zero, result.Output + result.Error);
        Assert.That(result.Output, Does.Contain("1 pass").And.Contain("wasmer 7.2.0: fetching"));
        result = await Command.RunAsync(environment, "doctor", "--runtimes-dir", _folder.Sub("real"));
        Assert.That(result.Output, Does.Contain($"release 7.2.0: in {Path.Combine(_home, "wasmer-7.2.0")}"));
    }

    private static void AssertFailedWords(CommandResult result, int exit, string words) =>
        Assert.That((result.ExitCode, result.Error.Contains(words, StringComparison.Ordinal)), Is.EqualTo((exit, true)), result.Error);

    private void AssertFailed(CommandResult result, int exit, string words)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.ExitCode, Is.EqualTo(exit), result.Error);
            Assert.That(result.Error, Does.StartWith("conformance: ").And.Contain(words));
            Assert.That(result.Error.TrimEnd().Split('\n'), Has.Length.EqualTo(1), result.Error);
            Assert.That(Directory.GetFileSystemEntries(_home), Is.Empty, "nothing is left behind");
        }
    }

    private Task<CommandResult> SetupAsync(string path, byte[] archive, byte[]? pinned = null)
    {
        _server.Serve(path, archive);
        WriteRuntime("toy", _server.Url + path, pinned ?? archive);
        return RunAsync("toy");
    }

    private void WriteRuntime(string id, string url, byte[] pinned) => _folder.Write($"runtimes/{id}/runtime.toml", $"""
        name = "{id}"
        remedy = "./conformance setup {id}"
        [worker]
        command = ["no-such-program-{id}"]
        [install.release]
        version = "1.2.3"
        keep = ["lib/", "LICENSE"]
        [install.release.archives.{Platform.Name}]
        url = "{url}"
        sha256 = "{Sha256.Hex(pinned)}"
        """);

    private Task<CommandResult> RunAsync(params string[] arguments) => RunAsync(("CONFORMANCE_OFFLINE", null), arguments);

    private Task<CommandResult> RunAsync((string Name, string? Value) variable, params string[] arguments) => Command.RunAsync(
        new Dictionary<string, string?> { ["CONFORMANCE_HOME"] = _home, ["CONFORMANCE_OFFLINE"] = null, [variable.Name] = variable.Value },
            ["setup", .. arguments, "--runtimes-dir", _folder.Sub("runtimes")]);

    private IEnumerable<string> Installed() =>
        Directory.GetFiles(_home, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_home, file));

    private static byte[] Good() => Archive(("bin/toy", "a program"),
        ("lib/libtoy.so", "the engine"), ("lib/deep/notes.txt", "notes"), ("./LICENSE", "free"), ("include/toy.h", "int toy;"));

    private static byte[] Archive(params (string Name,
        string Text)[] entries) => Tar([.. entries.Select(entry => new PaxTarEntry(TarEntryType.RegularFile,
        entry.Name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(entry.Text)), ModificationTime = DateTimeOffset.UnixEpoch })]);

    private static byte[] Tar(params TarEntry[] entries)
    {
        var bytes = new MemoryStream();
        using (var compressed = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(compressed))
        {
            foreach (var entry in entries) tar.WriteEntry(entry);
        }

        return bytes.ToArray();
    }

    private static byte[] Zip(params (string Name, string Text)[] entries)
    {
        var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in entries)
            {
                using var writer = new StreamWriter(zip.CreateEntry(name).Open());
                writer.Write(text);
            }
        }

        return bytes.ToArray();
    }
}
