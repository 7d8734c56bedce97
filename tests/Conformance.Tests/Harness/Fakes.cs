using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Engine.Servers;
using Conformance.Manifests;
using Conformance.Model.Counters;
using Conformance.Model.Modules;
using Conformance.Model.Reports;
using Conformance.Model.Runtimes;

namespace Conformance.Tests.Harness;

/// <summary>Runtimes that are wrong in one way each, described by manifests like any other.</summary>
internal static class Fakes
{
    public static string Toml(string behaviour, double startLimit = 20) => $"""
        name = "Fake: {behaviour}"
        remedy = "see tests/Conformance.FakeRuntime"

        [worker]
        command = ["dotnet", '{Repository.Built("Conformance.FakeRuntime")}', "{behaviour}"]
        start-limit = {startLimit}
        """;

    /// <param name="folder">Gets <c>runtimes/{behaviour}/runtime.toml</c>.</param>
    /// <param name="behaviour">One of Conformance.FakeRuntime's.</param>
    /// <param name="startLimit">Seconds.</param>
    public static RuntimeManifest Runtime(TemporaryFolder folder, string behaviour, double startLimit = 20) =>
        RuntimeManifestReader.Read(folder.Write($"runtimes/{behaviour}/runtime.toml", Toml(behaviour, startLimit)));

    /// <summary>A committed counter guest; a fake does not run it, it knows what it would do.</summary>
    public static ModuleManifest CounterC =>
        Repository.Module("counter-c");

    public static Plan Plan(ModuleManifest module, params RuntimeManifest[] runtimes) =>
        new([module], [.. runtimes],
            [.. from scenario in module.Scenarios from runtime in runtimes select new Cell(module, scenario, runtime)]);
}

/// <summary>Keeps what a run tells.</summary>
internal sealed class RecordedRun : IReportListener
{
    public HeaderLine? Header { get; private set; }

    public List<CellLine> Cells { get; } = [];

    public FooterLine? Footer { get; private set; }

    /// <summary>Called after each cell.</summary>
    public Action<CellLine> AfterCell { get; init; } = _ => { };

    public void OnHeader(HeaderLine header, int cells) => Header = header;

    public void OnCell(CellLine cell)
    {
        Cells.Add(cell);
        AfterCell(cell);
    }

    public void OnFooter(FooterLine footer) => Footer = footer;

    /// <summary>Runs a plan against an embedded server.</summary>
    public async Task<RecordedRun> RunAsync(Plan plan, RunOptions? options = null, CancellationToken cancellation = default)
    {
        await using var server = await EmbeddedCounterServer.StartAsync(ServerVariant.Correct, 0, null, cancellation);
        await new MatrixRun(plan, server, options ?? new RunOptions(), this).RunAsync(cancellation);
        return this;
    }
}
