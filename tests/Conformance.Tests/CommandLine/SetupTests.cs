using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Conformance.Model.Runtimes;

namespace Conformance.Tests.CommandLine;

/// <summary><c>conformance setup</c> with small archives, from a server on the loopback address and from files.</summary>
[TestFixture]
public sealed class SetupTests
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpListener _listener = new();
    private readonly string _url = $"http://127.0.0.1:{FreePort()}/";
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, byte[]> _served = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _home = "";
    private int _tests;

    [OneTimeSetUp]
    public void Serve()
    {
        _listener.Prefixes.Add(_url);
        _listener.Start();
        _ = AnswerAsync();
    }

    [SetUp]
    public void NewHome() => _home = Directory.CreateDirectory(_folder.Sub($"home-{_tests++}")).FullName;

    [OneTimeTearDown]
    public void Stop()
    {
        _listener.Close();
        _folder.Dispose();
    }

    [Test]
    public async Task A_good_archive_is_unpacked_its_library_and_licence_only()
    {
        var result = await SetupAsync("good", Good());
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(Installed(), Is.EquivalentTo(new[] { "toy-1.2.3/lib/libtoy.so", "toy-1.2.3/lib/deep/notes.txt", "toy-1.2.3/LICENSE" }));
        Assert.That(File.ReadAllText(Path.Combine(_home, "toy-1.2.3/lib/libtoy.so")), Is.EqualTo("the engine"));
        Assert.That(result.Output, Does.Contain($"fetching {_url}good").And.Contain("  100 %").And.Contain("the digest is the pinned one"));
    }

    [Test]
    public async Task A_file_is_taken_as_well_and_once_only_unless_asked_again()
    {
        var archive = _folder.Sub("offline.tar.gz");
        File.WriteAllBytes(archive, Good());
        WriteRuntime("http://127.0.0.1:1/never-asked", Good());
        Assert.That((await RunAsync("--from", archive)).ExitCode, Is.Zero);
        File.WriteAllText(Path.Combine(_home, "toy-1.2.3/mine"), "kept");
        var second = await RunAsync("--from", archive);
        Assert.That((second.ExitCode, second.Output), Is.EqualTo((0, $"toy 1.2.3 is in {Path.Combine(_home, "toy-1.2.3")}; --again installs it anew")));
        Assert.That((await RunAsync("--from", archive, "--again")).ExitCode, Is.Zero);
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
        WriteRuntime(_url + "unused", Good());
        AssertFailed(await RunAsync("--from", archive), 2, $"{archive} is not toy 1.2.3");
    }

    [Test]
    public async Task A_download_that_is_cut_short_is_told_and_nothing_stays() => AssertFailed(await SetupAsync("truncated", Good()), 3, "ended prematurely");

    [Test]
    public async Task A_path_that_climbs_out_of_the_folder_is_refused_and_nothing_stays()
    {
        AssertFailed(await SetupAsync("climbs", Archive(("lib/libtoy.so", "x"), ("lib/../../../climbed", "out"))), 3, "climbs out of the folder: lib/../../../climbed");
        Assert.That(File.Exists(_folder.Sub("climbed")), Is.False);
    }

    [Test]
    public async Task An_archive_without_what_is_kept_is_refused() => AssertFailed(await SetupAsync("empty", Archive(("bin/toy", "x"))), 3, "holds none of lib/, LICENSE");

    [Test]
    public async Task Something_that_is_no_archive_is_refused() => AssertFailed(await SetupAsync("nonsense", "hello"u8.ToArray()), 3, "can't be unpacked");

    [Test]
    public async Task A_server_that_is_not_there_is_told_with_what_to_do()
    {
        WriteRuntime("http://127.0.0.1:1/toy.tar.gz", Good());
        AssertFailed(await RunAsync(), 3, "--from takes a mirror's URL or a file");
    }

    [Test]
    public async Task An_answer_that_is_not_the_archive_is_told() => AssertFailed(await SetupAsync("missing", Good()), 3, "404");

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

    [Test]
    public async Task Ctrl_C_ends_it_at_once_and_nothing_stays()
    {
        _served["stalls"] = Good();
        WriteRuntime(_url + "stalls", Good());
        using var command = await Command.StartAsync("fetching", new Dictionary<string, string?> { ["CONFORMANCE_HOME"] = _home }, "setup", "toy", "--runtimes-dir", _folder.Sub("runtimes"));
        await _stalled.Task;
        command.Interrupt();
        AssertFailed(await command.EndAsync(), 130, "stopped");
    }

    [Test]
    public async Task What_a_killed_setup_left_is_in_nobodys_way()
    {
        Directory.CreateDirectory(Path.Combine(_home, "toy-1.2.3.setup", "unpacked", "lib"));
        File.WriteAllText(Path.Combine(_home, "toy-1.2.3.setup", "archive.tar.gz"), "half");
        Assert.That((await SetupAsync("good", Good())).ExitCode, Is.Zero);
        Assert.That(Directory.GetDirectories(_home).Select(Path.GetFileName), Is.EqualTo(new[] { "toy-1.2.3" }));
    }

    [Test]
    public async Task A_runtime_without_a_release_says_how_it_comes()
    {
        _folder.Write("runtimes/plain/runtime.toml", "name = \"Plain\"\nremedy = \"buy it\"\n[worker]\ncommand = [\"plain\"]\n");
        var result = await Command.RunAsync("setup", "plain", "--runtimes-dir", _folder.Sub("runtimes"));
        Assert.That((result.ExitCode, result.Error), Is.EqualTo((2, "conformance: plain has no release to set up: buy it\n")));
    }

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
        _served[path] = archive;
        WriteRuntime(_url + path, pinned ?? archive);
        return RunAsync();
    }

    private void WriteRuntime(string url, byte[] pinned) => _folder.Write("runtimes/toy/runtime.toml", $"""
        name = "Toy"
        remedy = "./conformance setup toy"
        [worker]
        command = ["toy"]
        [release]
        version = "1.2.3"
        keep = ["lib/", "LICENSE"]
        [release.archives.{RuntimeRelease.Platform}]
        url = "{url}"
        sha256 = "{Convert.ToHexStringLower(SHA256.HashData(pinned))}"
        """);

    private Task<CommandResult> RunAsync(params string[] more) => Command.RunAsync(
        new Dictionary<string, string?> { ["CONFORMANCE_HOME"] = _home }, ["setup", "toy", "--runtimes-dir", _folder.Sub("runtimes"), .. more]);

    private IEnumerable<string> Installed() => Directory.GetFiles(_home, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_home, file));

    private static byte[] Good() => Archive(("bin/toy", "a program"), ("lib/libtoy.so", "the engine"), ("lib/deep/notes.txt", "notes"), ("./LICENSE", "free"), ("include/toy.h", "int toy;"));

    private static byte[] Archive(params (string Name, string Text)[] entries)
    {
        var bytes = new MemoryStream();
        using (var compressed = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(compressed))
        {
            foreach (var (name, text) in entries)
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)), ModificationTime = DateTimeOffset.UnixEpoch });
        }

        return bytes.ToArray();
    }

    private async Task AnswerAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            var path = context.Request.Url!.AbsolutePath[1..];
            if (path == "missing" || !_served.TryGetValue(path, out var bytes))
            {
                context.Response.StatusCode = 404;
                context.Response.Close();
                continue;
            }

            context.Response.ContentLength64 = bytes.Length;
            if (path is "truncated" or "stalls")
            {
                await context.Response.OutputStream.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
                if (path == "truncated") context.Response.Abort();
                else _stalled.SetResult();
                continue;
            }

            context.Response.Close(bytes, willBlock: false);
        }
    }

    private static int FreePort()
    {
        using var socket = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}
