using System.Text.Json.Nodes;
using Conformance.Engine.Origins;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Jsonl;
using Conformance.Reporting.Terminal;
using Conformance.Tests.Bindings;
using Conformance.Wasm;
using Conformance.Wasmer;
using Spectre.Console;

namespace Conformance.Tests.CommandLine;

/// <summary>The atlas: which runtime provides which function of WASI.</summary>
[TestFixture]
public sealed class AtlasTests
{
    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase("wasi_unstable", 45)]
    [TestCase("wasi_snapshot_preview1", 46)]
    [TestCase("wasix_32v1", 140)]
    public void Each_namespace_has_all_its_functions_once(string name, int count)
    {
        var surface = WasiSurfaces.Read(name);
        Assert.That(surface, Has.Length.EqualTo(count));
        Assert.That(surface.Select(import => import.Name), Is.Unique);
        Assert.That(surface.Select(import => import.Type), Is.All.InstanceOf<Conformance.Wasm.FunctionType>());
    }

    /// <summary>
    /// Wasmer's library tells what it defines: the atlas leaves nothing of it out but thread-spawn, which it puts into each namespace and
    /// modules import from <c>wasi</c>.
    /// </summary>
    [Test]
    public void Nothing_that_Wasmer_defines_is_left_out()
    {
        using var engine = NativeWasmer.Start();
        using var store = new Store(engine);
        var wasi = new Wasi(engine, store, new WasiConfiguration(""));
        foreach (var name in WasiSurfaces.Namespaces)
        {
            var defined = wasi.GetNamespace(name).Where(definition => definition.Module == name)
                .Select(definition => definition.Name).Except(["thread-spawn"]);
            Assert.That(WasiSurfaces.Read(name).Select(import => import.Name), Is.EquivalentTo(defined), name);
        }
    }

    [TestCase("chromium", "none", "all, unchecked", "none")]
    [TestCase("node", "all, unchecked", "all, unchecked", "none")]
    [TestCase("wasmer", "all", "all", "all")]
    [TestCase("wasmer-js", "all, unchecked", "all, unchecked", "all, unchecked")]
    [TestCase("wasmtime", "none", "all", "none")]
    [TestCase("wamr", "all", "45", "none")]
    [TestCase("lucet", "41, unchecked", "41, unchecked", "none")]
    [TestCase("wazero", "all", "all", "none")]
    [TestCase("node-cli", "all, unchecked", "all, unchecked", "none", Category = "Long")]
    public async Task A_runtime_tells_what_it_provides(string runtime, string unstable, string preview1, string wasix)
    {
        var json = JsonNode.Parse((await Command.RunAsync("atlas", "-r", runtime, "--format", "json")).Output)!.AsArray().Single()!;
        if (json["unavailable"] is { } missing) Requirement.Missing(runtime, (string)missing["reason"]!);
        Assert.That(json["imports"]!.AsArray(), Has.Count.EqualTo(45 + 46 + 140));

        var all = (await Command.RunAsync("atlas", "-r", runtime, "--all")).Output.Split('\n');
        var lines = all.Where(line => line.StartsWith($"  {runtime}: ", StringComparison.Ordinal)).Select(line => line[(runtime.Length + 4)..].Split(';')[0]);
        Assert.That(lines, Is.EqualTo(new[] { unstable, preview1, wasix }));
        var table = all.Select(line => line.Trim(' ', '│').Split('│', StringSplitOptions.TrimEntries)).ToList();
        Assert.That(table.Count(cells => cells[0].Contains("::")), Is.EqualTo(45 + 46 + 140), "each function has its row");
    }

    [Test]
    public async Task A_run_that_is_asked_for_it_has_it_in_its_report_and_show_shows_it()
    {
        var run = await Command.RunAsync("run", "-m", "counter-wat",
            "-r", "wasmtime", "--server", "embedded", "--atlas", "--out", _folder.Sub("report"));
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        var atlas = ReportReader.Read(_folder.Sub("report", "report.jsonl")).Atlas.Single();
        Assert.That((atlas.Runtime, atlas.Functions.Count(row => row.Code is null),
            atlas.Functions.Count(row => row.Code == OutcomeCodes.UnknownImport)), Is.EqualTo(("wasmtime", 46, 45 + 140)));
        Assert.That(run.Output, Does.Contain("wasi_snapshot_preview1 (46 functions)\n  wasmtime: all"));
        Assert.That((await Command.RunAsync("show", _folder.Sub("report"))).Output,
            Does.Contain("wasi_snapshot_preview1 (46 functions)\n  wasmtime: all"));
    }

    [Test]
    public void What_a_runtime_lacks_or_has_with_another_type_is_told()
    {
        var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 200;
        new ReportView(console).WriteAtlas([
            new AtlasLine
            {
                Runtime = "a",
                Functions = [Row("f", Provider.Wasi, null), Row("g", Provider.Mismatch, OutcomeCodes.IncompatibleType, "func (i64) -> ()"),
                    Row("h", Provider.Missing, OutcomeCodes.UnknownImport)],
            },
            new AtlasLine
            {
                Runtime = "b",
                Functions = [Row("f", Provider.Missing, OutcomeCodes.UnknownImport),
                    Row("g", Provider.Missing, OutcomeCodes.UnknownImport), Row("h", Provider.Missing, OutcomeCodes.UnknownImport)],
            },
        ]);
        var lines = text.ToString().Split('\n');
        Assert.That(lines[..3], Is.EqualTo(
            new[] { "w (3 functions)", "  a: 1; lacks h; has g as func (i64) -> (), not () -> ()", "  b: none" }), "all of it is one word");
    }

    private static LedgerRow Row(string name, Provider provider, string? code, string? found = null) =>
        new() { Module = "w", Name = name, Kind = ExternKind.Func, Type = "() -> ()", Provider = provider, Code = code, Found = found };
}
