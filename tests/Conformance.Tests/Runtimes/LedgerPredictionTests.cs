using System.Collections.Immutable;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Manifests;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Tests.Harness;
using Conformance.Wasm;
using CsCheck;

namespace Conformance.Tests.Runtimes;

/// <summary>
/// The ledger is what the runtime does: it refuses a module at link exactly where it refuses one of its imports alone. On generated
/// modules, of imports that are provided, missing, of another kind and of another type.
/// </summary>
[Category("Long")]
[TestFixture("chromium")]
[TestFixture("node")]
[TestFixture("wasmer")]
[TestFixture("wasmer-js")]
[TestFixture("wasmtime")]
[TestFixture("wazero")]
[TestFixture("node-cli")]
public sealed class LedgerPredictionTests(string runtime)
{
    private const int Modules = 60;

    private static readonly FunctionType[] Functions = [new([], []), new([], ["i32"]),
        new(["i32"], []), new(["i32", "i32", "i32", "i32"], ["i32"]), new(["i64"], ["f64"]), new(["v128"], []), new([], ["i32", "i32"])];

    private static readonly ExternType[] Others =
    [
        new GlobalType("i32", false), new GlobalType("i64", true), new GlobalType("i32", true),
        new MemoryType(new Limits(1, 2, false), false), new MemoryType(new Limits(0, null, false), false),
            new TableType("funcref", new Limits(1, null, false)),
            new TableType("funcref", new Limits(1, 5, false)), new TableType("externref", new Limits(0, null, false)),
    ];

    private static readonly WasmImport[] Provided =
    [
        new("env", "main.incrementCount", Functions[0]), new("env", "main.getCount", Functions[1]),
            new("wasi_snapshot_preview1", "fd_write", Functions[3]), new("wasi_snapshot_preview1", "sched_yield", Functions[1]),
        new("env", "memory", new MemoryType(new Limits(1, 8, false), false)),
            new("env", "table", new TableType("funcref", new Limits(2, 5, false))), new("env", "global", new GlobalType("i32", true)),
    ];

    private const string Definitions = """

        [imports.env.memory]
        memory = "2..4"

        [imports.env.table]
        table = "3..4 funcref"

        [imports.env.global]
        global = "mut i32"

        """;

    private static readonly (string Module, string Name)[] Names =
        [("env", "main.incrementCount"), ("env", "main.getCount"),
            ("env", "memory"), ("env", "table"), ("env", "global"), ("env", "nobody"), ("nobody", "nothing"),
            ("wasi_snapshot_preview1", "fd_write"), ("wasi_snapshot_preview1", "sched_yield"), ("wasi_snapshot_preview1", "nobody")];

    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task What_is_refused_alone_is_what_the_module_is_refused_for()
    {
        var types = Gen.Frequency((4, Gen.Int[0, Functions.Length - 1].Select(i => (ExternType)Functions[i])),
            (1, Gen.Int[0, Others.Length - 1].Select(i => Others[i])));
        var any = Gen.Select(Gen.Int[0, Names.Length - 1], types, (i, type) => new WasmImport(Names[i].Module, Names[i].Name, type));
        // A quarter of functions that every runtime is given, a quarter of what the manifest provides, or hardly any would link.
        Gen<WasmImport> Of(WasmImport[] provided) => Gen.Int[0, provided.Length - 1].Select(i => provided[i]);
        Gen<ImmutableArray<WasmImport>[]> Sections(Gen<WasmImport> import, int count) => import.Array[1, 4]
            .Select(imports => imports.DistinctBy(import => import.Type.Kind == ExternKind.Memory ? "one memory" : import.ToString())
                .ToImmutableArray()).Array[count];
        var sections = Gen.Select(Sections(Of([.. Provided.Where(import => import.Type is FunctionType)]), Modules / 4),
            Sections(Of(Provided), Modules / 4), Sections(any, Modules / 2), (functions, all, any) => functions.Concat(all).Concat(any));
        var modules = Check.Single(sections).Select((imports, i) => Guests.FromBytes(
            _folder, $"generated-{i}", ImportModule.Write(imports, enterable: true)!,
                "wasi-command", GuestManifest.CounterImports + Definitions + "\n[[scenarios]]\nid = \"only\"\n[scenarios.expect]\n"))
                    .ToList();

        var manifest = Repository.Runtime(runtime);
        var plan = new Plan([.. modules], [manifest], [.. modules.Select(module => new Cell(module, module.Scenarios[0], manifest))]);
        var run = await new RecordedRun().RunAsync(plan, new RunOptions { Jobs = 1 });
        Requirement.Present(run.Header!);
        using (Assert.EnterMultipleScope())
        {
            foreach (var cell in run.Cells)
            {
                Assert.That(cell.Outcome.Phase == Phase.Link,
                Is.EqualTo(cell.Observation.Ledger.Any(IsRefused)),
                $"{cell.Module}: {cell.Outcome.Phase} {cell.Outcome.Code} {cell.Run.Text}: {string.Join("; ", cell.Observation.Ledger.Select(r => $"{r.Module}::{r.Name} {r.Type} {r.Code}"))}");
            }
            // The command wazero has WASI for modules that import functions of it: an import of another kind is refused otherwise where
            // there is one besides.
            static bool IsWasiOfAnotherKind(LedgerRow row) =>
                row.Kind != ExternKind.Func && row.Module.StartsWith("wasi", StringComparison.Ordinal);
            foreach (var cell in run.Cells.Where(
                c => c.Outcome.Phase == Phase.Link && !(runtime == "wazero" && c.Observation.Ledger.Any(IsWasiOfAnotherKind))))
            {
                Assert.That(
                cell.Observation.Ledger.Where(IsRefused).Select(r => r.Code), Has.Member(cell.Outcome.Code), cell.Run.Text);
            }
            // What the harness says of a type that the manifest fixes is what every engine does.
            foreach (var row in run.Cells.SelectMany(c => c.Observation.Ledger).Where(r => r.Kind != ExternKind.Func
                && r.Provider != Provider.Missing && (r.Code != OutcomeCodes.Unprovidable || r.Provider == Provider.Host)))
            {
                Assert.That(
                row.Provider == Provider.Host, Is.EqualTo(row.Code is null or OutcomeCodes.Unprovidable),
                $"{row.Module}::{row.Name} {row.Kind} {row.Type}: {row.Found} {row.Code} {row.Text}");
            }

            Assert.That(run.Cells.SelectMany(c => c.Observation.Ledger).Where(r => r.Code == OutcomeCodes.Unmapped).Select(r => r.Text),
                Is.Empty);
            var linking = modules.Take(Modules / 4).Select(module => module.Id).ToHashSet();
            Assert.That(run.Cells.Where(c => linking.Contains(c.Module) && c.Outcome.Code is not null).Select(c => c.Run.Text), Is.Empty);
            Assert.That(run.Cells.Count(c => c.Outcome.Code is null), Is.AtMost(Modules - 10), "of both kinds");
        }
    }

    private static bool IsRefused(LedgerRow row) => row.Code is not (null or OutcomeCodes.Unchecked);
}
