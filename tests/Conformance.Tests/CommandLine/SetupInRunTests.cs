using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Conformance.Machine;
using Conformance.Model.Runtimes;
using Conformance.Reporting.Jsonl;
using Conformance.Tests.Harness;

namespace Conformance.Tests.CommandLine;

/// <summary><c>conformance run</c> on a machine that lacks five runtimes, with a mirror that has them.</summary>
[Category("Portable")]
[TestFixture]
public sealed class SetupInRunTests
{
    private static readonly string[] Fetched = ["one", "two", "three", "four", "five"];

    private readonly TemporaryFolder _folder = new();
    private readonly ArchiveServer _server = new();
    private string _home = "";
    private int _tests;

    [SetUp]
    public void NewMachine()
    {
        _home = Directory.CreateDirectory(_folder.Sub($"home-{_tests}")).FullName;
        foreach (var id in Fetched)
        {
            var archive = Archive(id);
            _server.Serve($"mirror/{id}.tar.gz", archive);
            Describe(id, $"https://releases.example.invalid/{id}.tar.gz", archive);
        }

        _folder.Write("runtimes/here/runtime.toml", Fakes.Toml("counts"));
        _server.Opening = Task.CompletedTask;
        _tests++;
    }

    [OneTimeTearDown]
    public void Stop()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [Test]
    public async Task They_are_fetched_while_the_cells_of_those_that_are_here_run_and_never_again()
    {
        RequireNode();
        var asked = _server.Requests.Count;
        var open = new TaskCompletionSource();
        _server.Opening = open.Task;
        using (var command = await Command.StartAsync("pass        here", Environment(), Arguments()))
        {
            // A run that is killed now has the cell that it saw, and says what was on its way.
            var early = ReportReader.Read(_folder.Sub("report", ReportWriter.FileName));
            Assert.That(early.Header.Runtimes.Where(runtime => runtime.Unavailable is not null).Select(runtime =>
                runtime.Unavailable!.Reason), Is.EqualTo(Enumerable.Repeat("it is being set up", Fetched.Length)));
            open.SetResult();
            var result = await command.EndAsync();
            Assert.That(result.ExitCode, Is.Zero, result.Output + result.Error);
        }

        var report = ReportReader.Read(_folder.Sub("report", ReportWriter.FileName));
        Assert.That(report.IsComplete, Is.True);
        Assert.That(report.Header.Runtimes.Select(runtime => (runtime.Id, runtime.Unavailable)),
            Is.EquivalentTo(Fetched.Append("here").Select(id => (id, (Unavailability?)null))));
        Assert.That(report.Cells.Select(cell => $"{cell.Verdict} {cell.Runtime}"),
            Is.EquivalentTo(Fetched.Append("here").Select(id => $"Pass {id}")));
        Assert.That(_server.Requests.Skip(asked).Select(request => request.Path),
            Is.EquivalentTo(Fetched.Select(id => $"mirror/{id}.tar.gz")));

        var second = await Command.RunAsync(Environment(), Arguments());
        Assert.That((second.ExitCode, _server.Requests.Count - asked), Is.EqualTo((0, Fetched.Length)), second.Error);
    }

    [TestCase("--no-install", null)]
    [TestCase(null, "1")]
    public async Task Nothing_is_fetched_where_that_is_said(string? option, string? offline)
    {
        var asked = _server.Requests.Count;
        var result = await Command.RunAsync(Environment(("CONFORMANCE_OFFLINE", offline)),
            [.. Arguments(), .. option is null ? Array.Empty<string>() : [option]]);
        Assert.That((result.ExitCode, _server.Requests.Count - asked), Is.EqualTo((0, 0)), result.Error);
        Assert.That(result.Output, Does.Contain("1 pass").And.Contain("5 unavailable"));
    }

    [Test]
    public async Task What_can_not_be_reached_is_one_line_and_its_runtimes_are_unavailable()
    {
        var result = await Command.RunAsync(Environment(("CONFORMANCE_MIRROR", "http://127.0.0.1:1/")), Arguments());
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(result.Error,
            Is.EqualTo("conformance: not set up: five, four, one, three, two: 127.0.0.1:1 can't be reached: Connection refused\n"));
        var report = ReportReader.Read(_folder.Sub("report", ReportWriter.FileName));
        Assert.That(report.Header.Runtimes.Single(runtime => runtime.Id == "one").Unavailable!.Reason,
            Does.StartWith("'program-one' is not on PATH").And.EndsWith("127.0.0.1:1 can't be reached: Connection refused"));
        Assert.That(report.Header.Runtimes.Single(runtime => runtime.Id == "one").Unavailable!.Remedy,
            Is.EqualTo("./conformance setup one"));
    }

    [Test]
    public async Task One_that_is_required_and_does_not_come_ends_the_run()
    {
        var result = await Command.RunAsync(Environment(("CONFORMANCE_MIRROR", "http://127.0.0.1:1/"), ("CONFORMANCE_REQUIRE", "three")),
            Arguments());
        Assert.That(result.ExitCode, Is.EqualTo(3), result.Output);
        Assert.That(result.Error, Does.Contain("conformance: three is required and unavailable: 'program-three' is not on PATH"));
    }

    [Test]
    public async Task One_that_is_required_and_comes_is_as_good_as_one_that_was_there()
    {
        RequireNode();
        var result = await Command.RunAsync(Environment(("CONFORMANCE_REQUIRE", "three")), Arguments());
        Assert.That(result.ExitCode, Is.Zero, result.Error);
    }

    private static void RequireNode()
    {
        if (Processes.Run("node", "--version") != 0) Requirement.Missing("node-cli", "the releases of this test are scripts for it");
    }

    private string[] Arguments() => ["run", "--runtimes-dir", _folder.Sub("runtimes"),
        "--modules-dir", Repository.Modules, "-m", "counter-c", "--server", "embedded", "--out", _folder.Sub("report")];

    private Dictionary<string, string?> Environment(params (string Name, string? Value)[] variables)
    {
        var environment = new Dictionary<string, string?>
        {
            ["CONFORMANCE_HOME"] = _home,
            ["CONFORMANCE_MIRROR"] = _server.Url + "mirror",
            ["CONFORMANCE_OFFLINE"] = null
        };
        foreach (var (name, value) in variables) environment[name] = value;
        return environment;
    }

    private void Describe(string id, string url, byte[] archive) => _folder.Write($"runtimes/{id}/runtime.toml", $$"""
        name = "{{id}}"
        remedy = "./conformance setup {{id}}"

        [command]
        program = "program-{{id}}"
        version = ["--version"]
        engine = "V8"
        run = ["{module}", "{args}"]

        [install.release]
        version = "1.0.0"
        keep = ["bin/"]
        [install.release.archives.{{Platform.Name}}]
        url = "{{url}}"
        sha256 = "{{Sha256.Hex(archive)}}"
        """);

    /// <summary>A release whose program is Node under another name.</summary>
    private static byte[] Archive(string id)
    {
        var script = $"#!/bin/sh\n[ \"$1\" = --version ] && exec echo 'program {id} 1.0.0'\nexec node --no-warnings '{Path.Combine(Repository.Runtimes, "node-cli", "run.mjs")}' \"$@\"\n";
        using var bytes = new MemoryStream();
        using (var compressed = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(compressed))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, $"{id}-1.0.0/bin/program-{id}")
            {
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes(script)),
                Mode = UnixFileMode.UserRead | UnixFileMode.UserExecute,
            });
        }

        return bytes.ToArray();
    }
}
