using Conformance.Engine;
using Conformance.Engine.Planning;
using Conformance.Machine;
using Conformance.Manifests;
using Conformance.Model.Counters;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;
using Conformance.Wasm;
using CsCheck;

namespace Conformance.UnitTests.Manifests;

[TestFixture]
public sealed class ManifestTests
{
    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void Every_committed_manifest_is_read()
    {
        Assert.That(ModuleManifestReader.ReadAll(Repository.Modules).Select(m => m.Id), Is.SupersetOf(new[]
        {
            "counter-2022", "counter-c", "counter-c-freestanding", "counter-go", "counter-rust", "counter-wat", "net-http-2022",
        }));
        var runtimes = RuntimeManifestReader.ReadAll(Repository.Runtimes);
        Assert.That(runtimes.Select(r => r.Id), Is.SupersetOf(new[] { "chromium", "wasmtime" }));
        var tools = Installation.Find().ReadTools();
        Assert.That(tools.Select(tool => tool.Id), Is.SupersetOf(runtimes.Select(r => r.Install).Concat(tools.Select(tool => tool.Install))
            .SelectMany(install => install.Tools).Distinct()), "what a manifest needs is there");
    }

    [TestCase("[install]", 3, "'install' has no way: release, debian or npm")]
    [TestCase("[install.debian]\npackages = []", 4, "'packages' names no package")]
    [TestCase("[install.debian]\npackages = [\"--force\"]", 3, "\"--force\" is no name of a package or a suite of Debian")]
    [TestCase("[install.debian]\npackages = [\"a\"]\nsuite = \"sid main; rm\"", 3, "\"sid main; rm\" is no name of a package or a suite of Debian")]
    [TestCase("[install.debian]\npackages = [\"a\"]\nsuite = \"sid\"", 1,
        "'present' must say what is there where the tool is: only packages of Debian and npm can be asked for")]
    [TestCase("oldest = 0\n[install.debian]\npackages = [\"a\"]", 3, "'oldest' is 0: it must be between 1 and 2147483647")]
    [TestCase("[install.npm]\nfolder = \"nowhere\"\ninto = \"it\"", 4, " has no package.json")]
    [TestCase("[install.debian]\npackages = [\"a\"]\npackage = 1", 5, "unknown key 'install.debian.package'; known here: fonts, libraries, packages, program, suite")]
    public void What_a_tools_manifest_says_wrong_is_told_with_its_line(string rest, int line, string message)
    {
        var path = _folder.Write("tools/wrong/tool.toml", $"name = \"Wrong\"\nfor = \"tests\"\n{rest}\n");
        var problems = Assert.Throws<ManifestException>(() => ToolManifestReader.Read(path))!.Problems;
        Assert.That(problems.Select(problem => $"{problem.Line}: {problem.Message}"),
            Has.Some.StartsWith($"{line}: ").And.Some.EndsWith(message));
    }

    [Test]
    public void A_tools_manifest_is_read_whole()
    {
        _folder.Write("tools/whole/packages/package.json", "{}");
        var tool = ToolManifestReader.Read(_folder.Write("tools/whole/tool.toml", """
            name = "Whole"
            for = "long-tests"
            present = ["whole | /opt/whole"]
            oldest = 2
            where = "sh"
            path = "bin"
            [install]
            tools = ["other"]
            [install.release]
            version = "2.1"
            keep = ["bin/"]
            [install.release.archives.any]
            url = "https://example.invalid/whole.tar.gz"
            sha256 = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
            [install.debian]
            packages = ["whole"]
            suite = "sid"
            program = "usr/bin/whole"
            libraries = ["usr/lib"]
            fonts = "usr/share/fonts"
            [install.npm]
            folder = "packages"
            into = "whole-packages"
            """));
        using (Assert.EnterMultipleScope())
        {
            Assert.That((tool.Id, tool.Name, tool.Use, tool.Oldest, tool.Where, tool.Path),
                Is.EqualTo(("whole", "Whole", ToolUse.LongTests, 2, "sh", "bin")));
            Assert.That(tool.Present, Is.EqualTo(new[] { "whole | /opt/whole" }));
            Assert.That(tool.Install.Tools, Is.EqualTo(new[] { "other" }));
            Assert.That(tool.Install.Release!.ArchiveFor("plan9-mips")!.Url, Is.EqualTo("https://example.invalid/whole.tar.gz"));
            Assert.That(tool.Install.Debian, Is.EqualTo(new DebianPackages(tool.Install.Debian!.Packages)
            {
                Suite = "sid",
                Program = "usr/bin/whole",
                Libraries = tool.Install.Debian.Libraries,
                Fonts = "usr/share/fonts",
            }));
            Assert.That(tool.Install.Npm, Is.EqualTo(new NpmPackages(_folder.Sub("tools", "whole", "packages"), "whole-packages")));
        }
    }

    [Test]
    public void A_compressed_module_is_unpacked_into_the_cache_by_its_hash()
    {
        var module = System.Security.Cryptography.RandomNumberGenerator.GetBytes(1000);
        var read = ModuleManifestReader.Read(WriteCompressed("packed", module, module));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(File.ReadAllBytes(read.WasmPath), Is.EqualTo(module));
            Assert.That(Path.GetFileName(read.WasmPath), Is.EqualTo("m.wasm"), "the guest's first argument");
        }

        File.WriteAllText(read.WasmPath, "damaged");
        Assert.That(File.ReadAllBytes(ModuleManifestReader.Read(read.ManifestPath).WasmPath), Is.EqualTo(module), "unpacked again");
        Directory.Delete(Path.GetDirectoryName(read.WasmPath)!, recursive: true);
    }

    [Test]
    public void A_compressed_module_that_is_another_or_not_compressed_is_an_error_of_its_manifest()
    {
        var other = WriteCompressed("other", "one"u8.ToArray(), "another"u8.ToArray());
        Assert.That(Assert.Throws<ManifestException>(() => ModuleManifestReader.Read(other))!.Problems.Single().Message,
            Does.StartWith("'m.wasm.br' has SHA-256 "));
        var plain = WriteCompressed("plain", "one"u8.ToArray(), "one"u8.ToArray());
        File.WriteAllText(_folder.Sub("plain", "m.wasm.br"), "this is not compressed");
        Assert.That(Assert.Throws<ManifestException>(() => ModuleManifestReader.Read(plain))!.Problems.Single().Message,
            Is.EqualTo("'m.wasm.br' is not compressed by Brotli"));
    }

    private string WriteCompressed(string id, byte[] declared, byte[] packed)
    {
        var manifest = _folder.Write($"{id}/module.toml",
            new GuestManifest("m.wasm.br", Sha256.Hex(declared)) { Kind = "freestanding" }.ToString());
        using var brotli = new System.IO.Compression.BrotliStream(File.Create(_folder.Sub(id, "m.wasm.br")),
            System.IO.Compression.CompressionLevel.Fastest);
        brotli.Write(packed);
        return manifest;
    }

    [Test]
    public void A_module_is_read_whole()
    {
        _folder.Write("whole/whole.wasm", "");
        _folder.Write("whole/data/file", "x");
        var module = ModuleManifestReader.Read(_folder.Write("whole/module.toml", """
            title = "all keys"
            wasm = "whole.wasm"
            sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            kind = "wasi-reactor"
            toolchain = "none"
            build = { command = "make it", date = "2026-11-24", compare = "behaviour" }

            [imports]
            env."main.incrementCount" = { request = "PUT /add" }
            env."main.getCount" = { request = "GET /count", returns = "body", type = "(i32, f64) -> (i64)" }
            env.memory = { memory = "1..4" }
            env.table = { table = "10.. funcref" }
            env.base = { global = "mut i64", value = -9223372036854775808 }

            [[scenarios]]
            id = "one"
            title = "The One"
            entry = "go"
            args = ["a", "b c"]
            env = { A = "1" }
            stdin = "in"
            argv0 = "prog"
            preopens = { "/z" = "data", "/data" = { folder = "data", read-only = true } }
            time-limit = 2.5
            guest-count = "host-call"
            expect = { counts = { guest = 1, host = 2, server = 3 }, stdout = "out", stderr = "err", exit = 3, result = "4" }

            [[scenarios.differences]]
            runtime = "chrom*"
            runtime-version = ">=100 <200"
            os = "linux"
            server-variant = "article-2022"
            until = "2027-06-30"
            counts = 5
            reason = "because"
            link = "https://example.com"

            [[scenarios.splits]]
            groups = [["wasm*", "node <22"], ["*"]]
            phase = "compile"
            os = "macos"
            server-variant = "correct"
            until = "2027-06-30"
            reason = "they part"
            link = "https://example.com/split"

            [[scenarios]]
            id = "two"
            expect.fails = { phase = "link", code = "unknown-import", import = "env::f" }
            expect.reason = "it must"
            expect.link = "https://example.com"
            """));
        var one = module.Scenarios[0];
        Assert.That(RuntimeVersionRange.TryParse(">=100 <200", out var versions), Is.True);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((module.Id, module.Kind), Is.EqualTo(("whole", ModuleKind.WasiReactor)));
            Assert.That(module.Build, Is.EqualTo(new ModuleBuild("make it", new DateOnly(2026, 11, 24), BuildComparison.Behaviour)));
            Assert.That(module.Imports, Is.EqualTo(new[] { new HostImport("env", "main.incrementCount", "PUT", "/add", HostReturn.Nothing),
                new HostImport("env", "main.getCount", "GET", "/count", HostReturn.Body, new FunctionType(["i32", "f64"], ["i64"])) }));
            Assert.That(module.Definitions, Is.EqualTo(new[]
            {
                new HostDefinition("env", "memory", new Definition(new MemoryType(new Limits(1, 4, false), false))),
                new HostDefinition("env", "table", new Definition(new TableType("funcref", new Limits(10, null, false)))),
                new HostDefinition("env", "base", new Definition(new GlobalType("i64", true), long.MinValue)),
            }));
            Assert.That((one.Title, one.Entry, one.Argv0, one.TimeLimit, one.GuestCount),
                Is.EqualTo(("The One", "go", "prog", TimeSpan.FromSeconds(2.5), GuestCountSource.HostCall)));
            Assert.That(one.Args, Is.EqualTo(new[] { "a", "b c" }));
            Assert.That(one.Stdin, Is.EqualTo("in"u8.ToArray()));
            Assert.That(one.Preopens, Is.EqualTo(new[]
            {
                new Preopen("/z", _folder.Sub("whole", "data")), new Preopen("/data", _folder.Sub("whole", "data"), ReadOnly: true),
            }));
            Assert.That(one.Expect, Is.EqualTo(new Expectation { Counts = new Counts(1, 2, 3), Stdout = "out", Stderr = "err", Exit = 3, Result = "4" }));
            var split = one.Splits.Single();
            Assert.That(split.Groups.Select(group => string.Join(", ",
                group.Select(member => $"{member.Runtime} {member.RuntimeVersion?.Text}"))),
                Is.EqualTo(new[] { "wasm* , node <22", "* " }));
            Assert.That((split.Phase, split.Os, split.ServerVariant, split.Until, split.Reason, split.Link),
                Is.EqualTo((Phase.Compile, "macos", "correct", new DateOnly(2027, 6, 30), "they part", "https://example.com/split")));
            Assert.That(File.ReadAllLines(module.ManifestPath)[split.Line - 1], Is.EqualTo("[[scenarios.splits]]"));
            Assert.That(File.ReadAllLines(module.ManifestPath)[one.Differences.Single().Line - 1], Is.EqualTo("[[scenarios.differences]]"));
            Assert.That(one.Differences.Single() with { Line = 0 }, Is.EqualTo(new Difference(new Conditions("chrom*",
                versions, "linux", "article-2022"), false, new Expectation
                {
                    Counts = new Counts(5, 5, 5),
                    Reason = "because",
                    Link = "https://example.com",
                    Until = new DateOnly(2027, 6, 30)
                })));
            Assert.That(module.Scenarios[1].Expect.Fails, Is.EqualTo(new ExpectedFailure(Phase.Link, "unknown-import", "env::f")));
            Assert.That((module.Scenarios[1].Entry, module.Scenarios[1].Title), Is.EqualTo(("run", "two")));
        }
    }

    [Test]
    public void All_errors_of_a_file_come_at_once_with_their_places()
    {
        var path = _folder.Write("wrong/module.toml", """
            titel = "a typo"
            wasm = "missing.wasm"
            sha256 = 12
            kind = "wasi-comand"
            toolchain = ""

            [imports.env.f]
            request = "PUT"

            [[scenarios]]
            id = "Not An Id"
            time-limit = -1
            [scenarios.expect]
            exit = "zero"
            fails = { phase = "links" }
            [[scenarios.differences]]
            runtime = "wasmtime"
            runtime-version = "old"
            os = "beos"
            server-variant = "mine"
            until = "soon"
            reason = "none"
            [[scenarios.splits]]
            groups = [["node old"], 3]
            reason = "none"
            link = "none"
            """);
        var problems = Assert.Throws<ManifestException>(() => ModuleManifestReader.Read(path))!.Problems;
        Assert.That(problems.Select(p => $"{p.Line}:{p.Column} {p.Message}"), Is.EqualTo(new[]
        {
            "1:1 'title' is missing",
            "1:1 unknown key 'titel'; known here: build, imports, kind, page, proposals, scenarios, sha256, title, toolchain, wasm",
            "3:1 'sha256' must be a string",
            "4:1 'kind' is \"wasi-comand\": it must be one of wasi-command, wasi-reactor, freestanding, go-js",
            "5:1 'toolchain' is empty",
            "8:1 request \"PUT\" must be a method, a space and a path, such as \"PUT /add\"",
            "11:1 scenario id \"Not An Id\" must be lower-case words joined by '-'",
            "12:1 'scenarios.time-limit' must be a number of seconds, above 0 and at most 86400",
            "13:12 'reason' is missing in 'scenarios.expect'",
            "13:12 'link' is missing in 'scenarios.expect'",
            "14:1 'scenarios.expect.exit' must be an integer",
            "15:11 'scenarios.expect.fails.phase' is \"links\": it must be one of load, compile, link, start, run, observe",
            "16:13 'link' is missing in 'scenarios.differences'",
            "18:1 runtime-version \"old\" must be a range of versions such as \"<22\" or \">=1.2 <2\"",
            "19:1 os \"beos\" is none of linux, macos, windows",
            $"20:1 server-variant \"mine\" is none of {string.Join(", ", ServerVariants.ByName.Keys)}",
            "21:1 until \"soon\" must be a day such as \"2026-11-24\"",
            "24:1 \"node old\" must be a runtime, or a runtime and a range of its versions such as \"node <22\"",
            "24:1 a split has two groups or more, and none of them is empty",
            "24:25 'scenarios.splits.groups' must hold arrays of strings only",
        }).AsCollection);
        Assert.That(problems.Select(p => p.File).Distinct(), Is.EqualTo(new[] { path }));
    }

    [TestCase("request = \"PUT /add\"\ntype = \"i32\"", "type \"i32\" must be a type such as \"(i32) -> (i32)\"")]
    [TestCase("request = \"PUT /add\"\ntype = \"() -> (i32, i32)\"", "a host function has at most one result, and that is a number")]
    [TestCase("request = \"PUT /add\"\ntype = \"() -> (externref)\"", "a host function has at most one result, and that is a number")]
    [TestCase("memory = \"4..1\"", "memory \"4..1\" must be a type such as \"1..4\"")]
    [TestCase("memory = \"1..65537\"", "memory \"1..65537\" must be a type such as \"1..4\"")]
    [TestCase("memory = \"99999999999999999999..\"", "memory \"99999999999999999999..\" must be a type such as \"1..4\"")]
    [TestCase("table = \"1..4 i32\"", "table \"1..4 i32\" must be a type such as \"10..20 funcref\"")]
    [TestCase("global = \"var i32\"", "global \"var i32\" must be a type such as \"mut i32\"")]
    [TestCase("global = \"i32\"\nvalue = 4294967296", "'imports.env.f.value' is 4294967296: it must be between -2147483648 and 4294967295")]
    [TestCase("global = \"externref\"\nvalue = 1", "unknown key 'imports.env.f.value'; known here: global")]
    [TestCase("memory = \"1..\"\ntable = \"1.. funcref\"", "unknown key 'imports.env.f.table'; known here: memory")]
    public void What_a_host_cannot_provide_is_told(string import, string expected)
    {
        var good = File.ReadAllText(Path.Combine(Repository.Modules, "counter-wat", "module.toml"));
        var path = _folder.Write("cannot/module.toml", $"{good}\n[imports.env.f]\n{import}\n");
        File.Copy(Path.Combine(Repository.Modules, "counter-wat", "counter-wat.wasm"),
            _folder.Sub("cannot", "counter-wat.wasm"), overwrite: true);
        Assert.That(Assert.Throws<ManifestException>(() => ModuleManifestReader.Read(path))!.Problems.Select(p => p.Message),
            Is.EqualTo(new[] { expected }));
    }

    [Test]
    public void Syntax_errors_have_their_place()
    {
        var path = _folder.Write("syntax/module.toml", "title = \"x\"\nwasm = = 3\n");
        Assert.That(() => ModuleManifestReader.Read(path), Throws.TypeOf<ManifestException>().With.Message.StartsWith($"{path}:2:"));
    }

    [Test]
    public void A_module_that_is_not_the_one_that_the_manifest_describes_is_refused()
    {
        _folder.Write("changed/m.wasm", "other bytes");
        var path = _folder.Write("changed/module.toml", $"title = \"t\"\nwasm = \"m.wasm\"\nsha256 = \"{new string('0', 64)}\"\nkind = \"freestanding\"\ntoolchain = \"t\"\n[[scenarios]]\nid = \"s\"\nexpect = {{}}\n");
        Assert.That(Assert.Throws<ManifestException>(() => ModuleManifestReader.Read(path))!.Problems.Single().Message,
            Does.StartWith("'m.wasm' has SHA-256 "));
    }

    [Test]
    public void A_stdin_is_text_or_the_bytes_of_a_file()
    {
        var module = File.ReadAllBytes(Repository.Module("counter-wat").WasmPath);
        string Manifest(string scenario) => new GuestManifest("m.wasm", Sha256.Hex(module))
        {
            Kind = "freestanding",
            Tables = $"[[scenarios]]\nid = \"only\"\n{scenario}\n[scenarios.expect]\n",
        }.ToString();
        var path = _folder.Write("stdin/module.toml", Manifest("stdin-file = \"bytes\""));
        File.WriteAllBytes(_folder.Sub("stdin/m.wasm"), module);
        File.WriteAllBytes(_folder.Sub("stdin/bytes"), [0, 0xFF, 0x0A]);
        Assert.That(ModuleManifestReader.Read(path).Scenarios[0].Stdin, Is.EqualTo(new byte[] { 0, 0xFF, 0x0A }));

        string Problem(string scenario) =>
            Assert.Throws<ManifestException>(() => ModuleManifestReader.Read(path, Manifest(scenario)))!.Problems.Single().Message;
        Assert.That(Problem("stdin-file = \"none\""), Does.StartWith("'none' can't be read"));
        Assert.That(Problem("stdin = \"a\"\nstdin-file = \"bytes\""), Is.EqualTo("a stdin is 'stdin' or 'stdin-file', not both"));
    }

    [Test]
    [Platform("Linux,MacOsX")]
    public void A_folder_that_can_not_be_copied_is_told_with_the_line_that_names_it()
    {
        var module = File.ReadAllBytes(Repository.Module("counter-wat").WasmPath);
        var path = _folder.Write("fixture/module.toml", new GuestManifest("m.wasm", Sha256.Hex(module))
        {
            Kind = "freestanding",
            Tables = "[[scenarios]]\nid = \"only\"\npreopens = { \"/data\" = \"files\" }\n[scenarios.expect]\n",
        }.ToString());
        File.WriteAllBytes(_folder.Sub("fixture/m.wasm"), module);
        var place = Path.Combine(Directory.CreateDirectory(_folder.Sub("fixture/files")).FullName, "socket");
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(place));
        var problem = Assert.Throws<ManifestException>(() => ModuleManifestReader.Read(path))!.Problems.Single();
        Assert.That(problem.Message, Is.EqualTo(
            $"folder '{_folder.Sub("fixture/files")}' for '/data' can't be copied for each cell: '{place}' is neither a file, a folder nor a link"));
        Assert.That(File.ReadAllLines(path)[problem.Line - 1], Does.StartWith("preopens"));
    }

    [Test]
    public void A_runtime_has_an_assembly_or_a_command()
    {
        var path = _folder.Write("r/runtime.toml", "name = \"r\"\nremedy = \"none\"\n[worker]\nassembly = \"A\"\ncommand = [\"b\"]\n");
        Assert.That(Assert.Throws<ManifestException>(() => RuntimeManifestReader.Read(path))!.Problems.Single().Message,
            Does.Contain("either 'assembly'"));
    }

    [TestCase("", false)]
    [TestCase("network = \"loopback\"\n", false)]
    [TestCase("network = \"machine\"\n", true)]
    public void A_runtime_has_the_machines_network_where_its_manifest_says_so(string line, bool machine)
    {
        var path = _folder.Write("n/runtime.toml", $"name = \"n\"\nremedy = \"none\"\n{line}[worker]\nassembly = \"A\"\n");
        Assert.That(RuntimeManifestReader.Read(path).UsesMachineNetwork, Is.EqualTo(machine));
    }

    [Test]
    public void Another_network_is_told_by_line()
    {
        var path = _folder.Write("n/runtime.toml", "name = \"n\"\nremedy = \"none\"\nnetwork = \"none\"\n[worker]\nassembly = \"A\"\n");
        var problem = Assert.Throws<ManifestException>(() => RuntimeManifestReader.Read(path))!.Problems.Single();
        Assert.That((problem.Line, problem.Message), Is.EqualTo((3, "'network' is 'loopback', which it is where it is not said, or 'machine'")));
    }

    [Test]
    public void Any_text_gives_a_manifest_or_the_one_error()
    {
        var good = File.ReadAllText(Path.Combine(Repository.Modules, "counter-c", "module.toml"));
        var path = _folder.Sub("any", "module.toml");
        Directory.CreateDirectory(_folder.Sub("any"));
        var pieces = Gen.OneOf("=", "[", "]", "[[", "{", "}",
            "\"", "'", "\n", ".", "1", "true", "x", "scenarios", "1979-05-27", "#", "\\", "[[scenarios]]\n", "id = ");
        Gen.Select(Gen.Int[0, good.Length - 1], pieces.Array[1, 4],
            Gen.Int[0, 30], (at, insert, cut) => good[..at] + string.Concat(insert) + good[Math.Min(good.Length, at + cut)..])
            .Sample(
                text =>
                {
                    File.WriteAllText(path, text);
                    try
                    {
                        _ = ModuleManifestReader.Read(path);
                    }
                    catch (ManifestException e)
                    {
                        Assert.That(e.Problems, Is.Not.Empty);
                    }
                },
                iter: 3000,
                threads: 1);
    }

    [TestCase("counter-*", "wasmtime")]
    [TestCase("*-c*", "wasm*")]
    [TestCase("net-http-2022", "*")]
    public void Filters_are_globs(string modules, string runtimes)
    {
        var plan = Plan.Load(Repository.Modules, Repository.Runtimes, new CellFilter([modules], [runtimes], []));
        var expected = from module in Directory.GetDirectories(Repository.Modules, modules)
                       where File.Exists(Path.Combine(module, ModuleManifestReader.FileName))
                       from runtime in Directory.GetDirectories(Repository.Runtimes, runtimes)
                       where File.Exists(Path.Combine(runtime, RuntimeManifestReader.FileName))
                       select (Path.GetFileName(module), Path.GetFileName(runtime));
        Assert.That(plan.Cells.Select(cell => (cell.Module.Id, cell.Runtime.Id)).Distinct(), Is.EquivalentTo(expected));
    }

    [TestCase("wasm*", "nobody")]
    [TestCase("nobody", "*")]
    public void The_runtimes_of_a_plan_are_told_before_the_guests_are_read_whatever_comes_of_those(string runtimes, string modules)
    {
        string[]? told = null;
        var filter = new CellFilter([modules], [runtimes], []);
        Assert.Throws<InputException>(() => Plan.Load(Repository.Modules, Repository.Runtimes, filter, Begin));
        Assert.That(told, Is.EqualTo(Directory.GetDirectories(Repository.Runtimes, runtimes).Select(Path.GetFileName).Order()
            .Where(id => File.Exists(Path.Combine(Repository.Runtimes, id!, RuntimeManifestReader.FileName)))));
        told = null;
        Assert.Throws<ManifestException>(() => Plan.Load(_folder.Sub("no-such-folder"), Repository.Runtimes, filter, Begin));
        Assert.That(told, Is.Not.Null);

        void Begin(System.Collections.Immutable.ImmutableArray<RuntimeManifest> those) => told = [.. those.Select(runtime => runtime.Id)];
    }

    [TestCase("nobody", "", "matches none of chromium")]
    [TestCase("chromium", "", "never counts: those before it fit all of its cells")]
    [TestCase("chrom*", "server-variant = \"correct\"", "never counts: those before it fit all of its cells")]
    [TestCase("*", "", null)]
    public void An_entry_that_no_cell_can_meet_is_an_error_before_anything_starts(string runtime, string condition, string? problem)
    {
        var toml = File.ReadAllText(Path.Combine(Repository.Modules, "counter-wat", "module.toml"));
        var wasm = _folder.Sub("entries", "counter-wat", "counter-wat.wasm");
        Directory.CreateDirectory(Path.GetDirectoryName(wasm)!);
        File.Copy(Path.Combine(Repository.Modules, "counter-wat", "counter-wat.wasm"), wasm, overwrite: true);
        _folder.Write("entries/counter-wat/module.toml", $"""
            {toml}
            [[scenarios.differences]]
            runtime = "chromium"
            reason = "first"
            link = "https://example.com"
            [[scenarios.differences]]
            runtime = "{runtime}"
            {condition}
            reason = "second"
            link = "https://example.com"
            """);
        void Load() => Plan.Load(_folder.Sub("entries"), Repository.Runtimes, CellFilter.Everything);
        if (problem is null) Assert.DoesNotThrow(Load);
        else Assert.That(Assert.Throws<InputException>(Load)!.Message, Does.Contain($"the difference for runtime \"{runtime}\" {problem}"));
    }

    [TestCase("[[\"wasm*\", \"node\"], [\"chromium\"]]", "", null)]
    [TestCase("[[\"wasm*\", \"node <22\"], [\"chromium\", \"node >=22\"]]", "", null)]
    [TestCase("[[\"wasm*\"], [\"chromium\"]]", "", "has node in no group")]
    [TestCase("[[\"wasm*\", \"node\"], [\"lucet\"], [\"chromium\"]]", "", null)]
    [TestCase("[[\"wasm*\"], [\"nobody\"], [\"*\"]]", "",
        "has a group [nobody] that none of chromium, node, wasmer, wasmer-js, wasmtime can be in")]
    [TestCase("[[\"*\"], [\"chromium\"]]", "", "has a group [chromium] that none of chromium, node, wasmer, wasmer-js, wasmtime can be in")]
    [TestCase("[[\"chromium\"], [\"*\"]]", "server-variant = \"correct\"",
        "never counts: one before it fits wherever it does, and the first that fits counts")]
    public void A_split_that_leaves_a_runtime_out_or_that_none_can_meet_is_an_error_before_anything_starts(string groups,
        string condition, string? problem)
    {
        var toml = File.ReadAllText(Path.Combine(Repository.Modules, "counter-wat", "module.toml"));
        _folder.Write("splits/counter-wat/x", "");
        File.Copy(Path.Combine(Repository.Modules, "counter-wat", "counter-wat.wasm"),
            _folder.Sub("splits", "counter-wat", "counter-wat.wasm"), overwrite: true);
        var first = condition.Length == 0
            ? "" : "[[scenarios.splits]]\ngroups = [[\"wasm*\"], [\"*\"]]\nreason = \"first\"\nlink = \"https://example.com\"\n";
        var path = _folder.Write("splits/counter-wat/module.toml",
            $"{toml}\n{first}[[scenarios.splits]]\ngroups = {groups}\n{condition}\nreason = \"second\"\nlink = \"https://example.com\"\n");
        foreach (var id in new[] { "chromium", "node", "wasmer", "wasmer-js", "wasmtime" })
            _folder.Write($"five-runtimes/{id}/runtime.toml", "name = \"A runtime\"\nremedy = \"none\"\n[worker]\ncommand = [\"true\"]\n");
        void Load() => Plan.Load(_folder.Sub("splits"), _folder.Sub("five-runtimes"), CellFilter.Everything);
        if (problem is null)
        {
            Assert.DoesNotThrow(Load);
            return;
        }

        var line = Array.FindLastIndex(File.ReadAllLines(path), text => text == "[[scenarios.splits]]") + 1;
        Assert.That(Assert.Throws<InputException>(Load)!.Message,
            Is.EqualTo($"{path}:{line}: scenario ten-increments: the split {problem}"));
    }

    [Test]
    public void A_filter_that_matches_nothing_is_wrong_usage_and_says_what_there_is()
    {
        var error = Assert.Throws<InputException>(
            () => Plan.Load(Repository.Modules, Repository.Runtimes, new CellFilter([], ["wasmtim"], [])))!;
        Assert.That(error.Message, Does.StartWith("no runtime matches \"wasmtim\"; there are chromium"));
    }
}
