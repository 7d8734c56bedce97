using Conformance.Engine.Installing;
using Conformance.Machine;
using Conformance.Manifests;
using Conformance.Model.Runtimes;

namespace Conformance.Tests.CommandLine;

/// <summary>
/// What <c>[install]</c> of a manifest says besides releases: packages of Debian, by an <c>apt-get</c> that the tests stand in for, and of
/// npm, by an <c>npm</c> likewise.
/// </summary>
[TestFixture]
[Platform("Linux")]
[Category("Portable")]
public sealed class InstallingTests
{
    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly TemporaryFolder _folder = new();
    private string _programs = "";
    private string _home = "";
    private int _tests;

    /// <summary>A package that holds a program which says by what it was started.</summary>
    [SetUp]
    public async Task NewMachine()
    {
        var machine = $"machine-{_tests++}";
        _home = _folder.Sub($"{machine}/a user's home");
        _programs = _folder.Sub($"{machine}/programs");
        Script("toy", $"echo \"$LD_LIBRARY_PATH $*\"", $"{machine}/package/usr/bin/toy");
        _folder.Write($"{machine}/package/usr/lib/x-linux-gnu/libtoy.so", "");
        _folder.Write($"{machine}/package/DEBIAN/control", "Package: toy\nVersion: 1\nArchitecture: all\nMaintainer: nobody\nDescription: toy\n");
        await Shell.RunAsync(_folder.Path, "dpkg-deb", "--root-owner-group", "-b", _folder.Sub($"{machine}/package"), _folder.Sub($"{machine}/toy.deb"));
        Script("apt-get", $"""
            echo "$*" >> '{_folder.Sub($"{machine}/asked")}'
            case "$*" in
              *indextargets*) echo 'http://mirror.invalid/debian bookworm' ;;
              *download*) cp '{_folder.Sub($"{machine}/toy.deb")}' . ;;
              *broken*) echo 'E: Unable to locate package broken' >&2; exit 100 ;;
            esac
            """);
        Script("npm", $"echo \"npm $*\" >> '{_folder.Sub($"{machine}/asked")}'; [ ! -e fails ]");
    }

    [OneTimeTearDown]
    public void Clean() => _folder.Dispose();

    private string[] Asked => File.Exists(_folder.Sub($"machine-{_tests - 1}/asked")) ? File.ReadAllLines(_folder.Sub($"machine-{_tests - 1}/asked")) : [];

    [Test]
    public async Task A_package_of_another_suite_is_unpacked_and_its_program_is_found_with_its_libraries()
    {
        if (!File.ReadAllText("/etc/os-release").Contains("VERSION_CODENAME=bookworm", StringComparison.Ordinal))
            Assert.Inconclusive("other suites are taken on Debian 12 only");
        WriteRuntime("""
            [install.debian]
            packages = ["toy"]
            suite = "sid"
            program = "usr/bin/toy"
            libraries = ["usr/lib/*-linux-gnu"]
            """);
        var result = await RunAsync("toy");
        Assert.That(result.ExitCode, Is.Zero, result.Error + result.Output);
        Assert.That(result.Output, Is.EqualTo(
            $"toy: toy of Debian sid, unpacked into {_home}/toy\ntoy is in {_home}/toy"));
        Assert.That(await Shell.RunAsync(_home, "./bin/toy", "a b", "c"), Is.EqualTo($"{_home}/toy/usr/lib/x-linux-gnu a b c\n"));
        var count = Asked.Length;
        result = await RunAsync("toy");
        Assert.That((result.ExitCode, Asked), Is.EqualTo((0, Asked[..count])), "and never again");
    }

    [Test]
    public async Task What_apt_can_not_do_is_told_in_its_words_and_nothing_stays()
    {
        WriteRuntime("""
            [install.debian]
            packages = ["broken"]
            """);
        if (!System.Environment.IsPrivilegedProcess)
        {
            var told = await RunAsync("toy");
            Assert.That((told.ExitCode, told.Error), Is.EqualTo((3,
                "conformance: not set up: toy: missing: broken; as root: apt-get update && apt-get install -y --no-install-recommends broken\n")));
            return;
        }

        var result = await RunAsync("toy");
        Assert.That((result.ExitCode, result.Error), Is.EqualTo((3,
            "conformance: not set up: toy: setup toy: apt-get failed: E: Unable to locate package broken\n")));
    }

    [Test]
    public async Task The_next_way_is_taken_where_one_does_not_hold()
    {
        WriteRuntime($"""
            [install.release]
            version = "1"
            keep = ["toy"]
            [install.release.archives.{Platform.Name}]
            url = "http://127.0.0.1:1/toy.tar.gz"
            sha256 = "{new string('a', 64)}"
            [install.npm]
            folder = "packages"
            into = "toy-packages"
            """);
        _folder.Write("runtimes/toy/packages/package.json", "{}");
        var result = await RunAsync("toy");
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(Asked, Is.EqualTo(new[] { $"npm install --prefix {_home}/toy-packages --no-progress --loglevel=error" }));
        Assert.That(result.Output, Does.Contain($"toy is in {_home}/toy-packages"));
    }

    [Test]
    public async Task A_runtime_and_a_tool_that_it_needs_may_have_one_name()
    {
        _folder.Write("same/node/runtime.toml",
            "name = \"Node\"\nremedy = \"none\"\n[worker]\ncommand = [\"no-such-program\"]\n[install]\ntools = [\"node\"]\n");
        Script("node", "echo v18.19.0");
        var result = await Command.RunAsync(Environment("0", ("CONFORMANCE_MIRROR", "http://127.0.0.1:1")),
            "setup", "--runtimes-dir", _folder.Sub("same"));
        Assert.That((result.ExitCode, result.Error), Is.EqualTo((3,
            "conformance: not set up: node: 127.0.0.1:1 can't be reached: Connection refused\n")));
        var run = await Command.RunAsync(Environment("0", ("CONFORMANCE_MIRROR", "http://127.0.0.1:1")), "run", "--server", "embedded",
            "--runtimes-dir", _folder.Sub("same"), "-m", "counter-wat", "--out", _folder.Sub("report"));
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((3, result.Error)), run.Output);
        Assert.That(run.Output, Does.Contain("1 unavailable"));
    }

    [Test]
    public async Task Offline_installs_nothing()
    {
        WriteRuntime("""
            [install.debian]
            packages = ["toy"]
            """);
        var result = await RunAsync("1", "toy");
        Assert.That((result.ExitCode, result.Error, Asked), Is.EqualTo((3,
            "conformance: CONFORMANCE_OFFLINE is set, so nothing is fetched; --from takes a file\n", Array.Empty<string>())));
    }

    [TestCase("first", null, ExpectedResult = true)]
    [TestCase("second", null, ExpectedResult = true)]
    [TestCase("third", null, ExpectedResult = false)]
    [TestCase("first", "no-such-program", ExpectedResult = true, Description = "it is not wanted")]
    [TestCase("third", "sh", ExpectedResult = false)]
    public bool A_tool_is_here_where_one_of_its_places_is(string there, string? where)
    {
        _folder.Write($"places/{there}", "");
        try
        {
            return ToolPresence.IsHere(Tool($"{_folder.Sub("places/first")} | {_folder.Sub("places/second")}") with { Where = where });
        }
        finally
        {
            File.Delete(_folder.Sub($"places/{there}"));
        }
    }

    [TestCase("v22.23.3", 20, ExpectedResult = true)]
    [TestCase("v20.0.0", 20, ExpectedResult = true)]
    [TestCase("v18.19.0", 20, ExpectedResult = false)]
    [TestCase("no version", 20, ExpectedResult = false)]
    public bool A_tool_that_is_too_old_is_not_here(string says, int oldest)
    {
        Script("old", $"echo '{says}'");
        return ToolPresence.IsHere(Tool(Path.Combine(_programs, "old")) with { Oldest = oldest });
    }

    [Test]
    public void The_launcher_only_builds_and_starts()
    {
        var lines = File.ReadAllLines(Path.Combine(Repository.Root, "conformance"));
        Assert.That(lines, Has.Length.AtMost(60));
        Assert.That(lines, Has.None.Matches("apt-get|npm|dockerd|node-v"), "what is installed is data");
    }

    private static ToolManifest Tool(string present) => new()
    {
        Id = "tool",
        Name = "a tool",
        Use = ToolUse.Tests,
        Present = [present],
        Install = new InstallRecipe { Debian = new DebianPackages(["tool"]) },
    };

    private void Script(string name, string text, string? place = null)
    {
        var path = place is null ? Path.Combine(_programs, name) : _folder.Sub(place);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $"#!/bin/sh\n{text}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, Executable);
    }

    private void WriteRuntime(string install) => _folder.Write("runtimes/toy/runtime.toml",
        $"name = \"Toy\"\nremedy = \"none\"\n[worker]\ncommand = [\"no-such-program\"]\n{install}\n");

    private Task<CommandResult> RunAsync(string id) => RunAsync("0", id);

    private Task<CommandResult> RunAsync(string offline, string id) =>
        Command.RunAsync(Environment(offline), ["setup", id, "--runtimes-dir", _folder.Sub("runtimes")]);

    private Dictionary<string, string?> Environment(string offline, params (string Name, string Value)[] others)
    {
        var environment = new Dictionary<string, string?>
        {
            ["CONFORMANCE_HOME"] = _home,
            ["CONFORMANCE_OFFLINE"] = offline,
            ["PATH"] = $"{_programs}:{System.Environment.GetEnvironmentVariable("PATH")}",
        };
        foreach (var (name, value) in others) environment[name] = value;
        return environment;
    }
}
