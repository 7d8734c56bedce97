using System.Collections.Immutable;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Manifests;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Tests.Harness;
using Conformance.Wasm;

namespace Conformance.Tests.Runtimes;

/// <summary>
/// Every way in which an import can be unfit, each as a module of its own that the harness writes: its code, on each runtime, in the ledger
/// and at link.
/// </summary>
/// <seealso href="https://webassembly.github.io/spec/core/valid/matching.html"/>
[TestFixture("chromium")]
[TestFixture("node")]
[TestFixture("wasmer")]
[TestFixture("wasmer-js")]
[TestFixture("wasmtime")]
[TestFixture("wazero")]
[TestFixture("node-cli")]
public sealed class UnlinkableTests(string runtime)
{
    private const string Provided = """
        [imports.env.f]
        request = "PUT /add"
        type = "() -> ()"

        [imports.env.memory]
        memory = "1..4"

        [imports.env.open-memory]
        memory = "1.."

        [imports.env.table]
        table = "10..20 funcref"

        [imports.env.open-table]
        table = "10.. funcref"

        [imports.env.fixed]
        global = "i32"
        value = 7

        [imports.env.moving]
        global = "mut i32"

        [[scenarios]]
        id = "only"
        [scenarios.expect]
        """;

    private static readonly FunctionType Nothing = new([], []);

    private static readonly (WasmImport Import, string? Code)[] Cases =
    [
        (Env("f", Nothing), null),
        (Env("memory", Memory(1, 4)), null),
        (Env("memory", Memory(0, 10)), null),
        (Env("memory", Memory(1, null)), null),
        (Env("open-memory", Memory(1, null)), null),
        (Env("table", Table(10, 20)), null),
        (Env("table", Table(5, 25)), null),
        (Env("open-table", Table(0, null)), null),
        (Env("fixed", new GlobalType("i32", false)), null),
        (Env("moving", new GlobalType("i32", true)), null),

        (Env("nobody", Nothing), OutcomeCodes.UnknownImport),
        (Env("nobody", Memory(1, null)), OutcomeCodes.UnknownImport),
        (Env("nobody", Table(1, null)), OutcomeCodes.UnknownImport),
        (Env("nobody", new GlobalType("i32", false)), OutcomeCodes.UnknownImport),
        (Env("nobody", new GlobalType("i32", true)), OutcomeCodes.UnknownImport),
        (new WasmImport("nobody", "nothing", Nothing), OutcomeCodes.UnknownImport),

        .. from name in new[] { "f", "memory", "table", "fixed", "moving" }
           from type in new ExternType[] { Nothing, Memory(1, null),
               Table(1, null), new GlobalType("i32", false), new GlobalType("i32", true) }
           where Kind(name) != type.Kind
           select (Env(name, type), (string?)OutcomeCodes.IncompatibleKind),

        (Env("f", new FunctionType(["i32"], [])), OutcomeCodes.IncompatibleType),
        (Env("f", new FunctionType([], ["i32"])), OutcomeCodes.IncompatibleType),
        (new WasmImport("wasi_snapshot_preview1", "fd_write", Nothing), OutcomeCodes.IncompatibleType),

        (Env("memory", Memory(2, null)), OutcomeCodes.IncompatibleLimits),
        (Env("memory", Memory(1, 3)), OutcomeCodes.IncompatibleLimits),
        (Env("open-memory", Memory(1, 3)), OutcomeCodes.IncompatibleLimits),
        (Env("table", Table(11, null)), OutcomeCodes.IncompatibleLimits),
        (Env("table", Table(10, 19)), OutcomeCodes.IncompatibleLimits),
        (Env("open-table", Table(10, 20)), OutcomeCodes.IncompatibleLimits),

        (Env("table", new TableType("externref", new Limits(10, 20, false))), OutcomeCodes.IncompatibleType),
        (Env("fixed", new GlobalType("i64", false)), OutcomeCodes.IncompatibleType),
        (Env("fixed", new GlobalType("i32", true)), OutcomeCodes.IncompatibleType),
        (Env("moving", new GlobalType("i32", false)), OutcomeCodes.IncompatibleType),
        (Env("moving", new GlobalType("i64", true)), OutcomeCodes.IncompatibleType),
    ];

    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task Every_way_of_not_linking_has_its_code()
    {
        var modules = Cases.Select((unfit, i) => Guests.FromBytes(_folder,
            $"unlinkable-{i}", ImportModule.Write([unfit.Import], enterable: true)!, "wasi-command", Provided)).ToList();
        var manifest = Repository.Runtime(runtime);
        var run = await new RecordedRun().RunAsync(new Plan([.. modules],
            [manifest], [.. modules.Select(module => new Cell(module, module.Scenarios[0], manifest))]), new RunOptions { Jobs = 1 });
        Requirement.Present(run.Header!);

        using (Assert.EnterMultipleScope())
        {
            foreach (var (cell, (import, code)) in run.Cells.OrderBy(cell => int.Parse(cell.Module.Split('-')[1],
                System.Globalization.CultureInfo.InvariantCulture)).Zip(Cases))
            {
                Check(cell, import, code);
            }
        }
    }

    private void Check(CellLine cell, WasmImport import, string? unfit)
    {
        // JavaScript's functions have no type: whatever is asked for, they are.
        var blind = import.Type.Kind == ExternKind.Func && runtime is "chromium" or "node" or "wasmer-js";
        if (runtime is "wazero" or "node-cli")
        {
            // A command can be given functions only; and of a module of which it has nothing, wazero says only that.
            if (import.Name is "memory" or "open-memory" or "table" or "open-table" or "fixed" or "moving")
                (unfit, blind) = (OutcomeCodes.Unprovidable, false);
            else if (runtime == "wazero" && unfit == OutcomeCodes.UnknownImport) unfit = OutcomeCodes.UnknownModule;
            else if (runtime == "node-cli") blind = import.Module.StartsWith("wasi", StringComparison.Ordinal);
        }

        var code = blind && unfit is null or OutcomeCodes.IncompatibleType ? OutcomeCodes.Unchecked : unfit;
        Assert.That(cell.Observation.Ledger, Has.Length.EqualTo(1),
            $"{import.Module}::{import.Name} {import.Type}: {cell.Outcome.Phase} {cell.Outcome.Code}: {cell.Run.Text}");
        if (cell.Observation.Ledger.Length != 1) return;
        var row = cell.Observation.Ledger[0];
        var told = $"{import.Module}::{import.Name} {import.Type.Kind} {import.Type}: {row.Provider} {row.Found}, {row.Code}: {row.Text}; {cell.Outcome.Phase} {cell.Outcome.Code}: {cell.Run.Text}";
        Assert.That(row.Code, Is.EqualTo(code), told);
        Assert.That((cell.Outcome.Phase, cell.Outcome.Code),
            Is.EqualTo(code is null or OutcomeCodes.Unchecked ? (Phase.Observe, null) : (Phase.Link, code)), told);
        Assert.That(row.Text is null, Is.EqualTo(code is null or OutcomeCodes.Unchecked), told);
        // What WASI's functions are, JavaScript does not tell either.
        var provider = blind && import.Module.StartsWith("wasi", StringComparison.Ordinal) ? Provider.Wasi : unfit switch
        {
            null => Provider.Host,
            OutcomeCodes.UnknownImport or OutcomeCodes.UnknownModule => Provider.Missing,
            OutcomeCodes.Unprovidable => row.Found is null ? Provider.Host : Provider.Mismatch,
            _ => Provider.Mismatch,
        };
        Assert.That(row.Provider, Is.EqualTo(provider), told);
    }

    private static WasmImport Env(string name, ExternType type) => new("env", name, type);

    private static MemoryType Memory(ulong minimum, ulong? maximum) => new(new Limits(minimum, maximum, false), false);

    private static TableType Table(ulong minimum, ulong? maximum) => new("funcref", new Limits(minimum, maximum, false));

    private static ExternKind Kind(string name) =>
        name switch { "f" => ExternKind.Func, "memory" => ExternKind.Memory, "table" => ExternKind.Table, _ => ExternKind.Global };
}
