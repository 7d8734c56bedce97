using Conformance.Engine.Running;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Tests.Harness;

namespace Conformance.Tests.Runtimes;

/// <summary>
/// Host functions of types that not every runtime's API can pass: they count where they can be given, are <c>unprovidable</c> where they
/// can't, and no worker ends of it.
/// </summary>
[Category("Long")]
[TestFixture("wasmtime")]
[TestFixture("wasmer")]
[TestFixture("wasmer-js")]
[TestFixture("node")]
[TestFixture("chromium")]
[TestFixture("wamr")]
[TestFixture("lucet")]
[TestFixture("wazero")]
[TestFixture("node-cli")]
public sealed class HostFunctionTypeTests(string runtime)
{
    private readonly TemporaryFolder _folder = new();
    private readonly WarmRuns _runs = new();

    [OneTimeTearDown]
    public async Task EndAsync()
    {
        await _runs.DisposeAsync();
        _folder.Dispose();
    }

    [TestCase("v128", "", "(param v128)", "(call $f (v128.const i32x4 1 2 3 4))", "wasmtime")]
    [TestCase("externref", "", "(param externref)", "(call $f (ref.null extern))", "wasmtime node chromium wasmer-js")]
    [TestCase("funcref", "", "(param funcref)", "(call $f (ref.func $g))", "wasmtime node chromium wasmer-js")]
    [TestCase("struct", "(type $s (struct (field i32)))", "(param (ref null $s))", "(call $f (ref.null $s))", "chromium node?")]
    [TestCase("any", "", "(param anyref)", "(call $f (ref.null any))", "chromium node?")]
    [TestCase("several", "", "(result i32 i64)", "(call $f) (drop) (drop)", "")]
    [TestCase("v128-result", "", "(result v128)", "(drop (call $f))", "")]
    public async Task It_counts_where_it_can_be_given_and_is_unprovidable_elsewhere(string id,
        string types, string type, string call, string counts)
    {
        var module = Guests.FromText(_folder, id, $$"""
            (module {{types}}
              (import "env" "f" (func $f {{type}}))
              (memory (export "memory") 1)
              (func $g (export "g"))
              (func (export "_start") {{call}}))
            """, rest: """
            [imports.env.f]
            request = "PUT /add"

            [[scenarios]]
            id = "only"
            [scenarios.expect]
            counts = { host = 1, server = 1 }
            """);
        var run = await _runs.RunAsync(Fakes.Plan(module, Repository.Runtime(runtime)), new RunOptions { Jobs = 1 });
        var cell = run.Cells.Single();
        var said = cell.Run.Text + cell.Observation.WorkerStderr;
        var refused = cell.Outcome.Phase == Phase.Compile
            && (cell.Outcome.Code == OutcomeCodes.Malformed || OutcomeCodes.IsUnsupported(cell.Outcome.Code));
        // With a question mark: where this version of it has the proposal.
        if (counts.Split(' ').Contains(runtime) || (counts.Split(' ').Contains($"{runtime}?") && !refused))
        {
            Assert.That(cell.Verdict, Is.EqualTo(Verdict.Pass), said);
            return;
        }

        // What V8 compiles and the SDK's own reader does not know, ends the SDK (seen with 0.16.0 and Node 24).
        if (refused || (runtime == "wasmer-js" && cell.Outcome is { Phase: Phase.Compile, Code: OutcomeCodes.Crashed })) return;

        // JavaScript tells when the function is called, all others before.
        var javaScript = runtime is "node" or "chromium" or "wasmer-js";
        Assert.That((cell.Outcome.Phase, cell.Outcome.Code, cell.Verdict),
            Is.EqualTo((javaScript ? Phase.Run : Phase.Link, OutcomeCodes.Unprovidable, Verdict.Skipped)), said);
        Assert.That(cell.Run.Text, Is.Not.Empty);
        if (javaScript) return;
        Assert.That(cell.Observation.Ledger.Select(row => (row.Provider, row.Code)),
            Is.All.EqualTo((Provider.Host, OutcomeCodes.Unprovidable)).Or.All.EqualTo((Provider.Host, OutcomeCodes.Unchecked)), said);
    }

    [Test]
    public async Task An_export_of_a_type_that_an_API_has_no_word_for_is_in_nobodys_way()
    {
        var module = Guests.FromText(_folder, "exports", """
            (module (type $s (struct (field i32)))
              (memory (export "memory") 1)
              (global (export "nothing") (ref null $s) (ref.null $s))
              (func (export "take") (param (ref null $s)))
              (func (export "run") (result i32) (i32.const 7)))
            """, "freestanding", """
            [[scenarios]]
            id = "only"
            [scenarios.expect]
            result = "7"
            """);
        var run = await _runs.RunAsync(Fakes.Plan(module, Repository.Runtime(runtime)), new RunOptions { Jobs = 1 });
        var cell = run.Cells.Single();
        var refused = cell.Outcome.Code is OutcomeCodes.Malformed or OutcomeCodes.UnsupportedKind
            || OutcomeCodes.IsUnsupported(cell.Outcome.Code)
            || (runtime == "wasmer-js" && cell.Outcome.Code == OutcomeCodes.Crashed);
        Assert.That(refused || cell.Verdict == Verdict.Pass, cell.Run.Text + cell.Observation.WorkerStderr);
        if (runtime is "chromium" or "wasmtime") Assert.That(refused, Is.False, cell.Run.Text);
    }
}
