using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Tests.Harness;

namespace Conformance.Tests.Suites;

/// <summary>
/// The programs of WASI's test suite do through an adapter what they do on the bare engine: whether they pass is the engine's affair, that
/// nothing is lost or added is ours.
/// </summary>
[Category("Long")]
[TestFixture("wasmtime")]
[TestFixture("wasmtime-cli")]
[TestFixture("wasmer")]
[TestFixture("wasmer-js")]
[TestFixture("node")]
[TestFixture("node-cli")]
[TestFixture("chromium")]
[TestFixture("wamr")]
[TestFixture("lucet")]
[TestFixture("wazero")]
public sealed class WasiSuiteTests(string runtime)
{
    [Test]
    public async Task A_program_does_through_the_adapter_what_it_does_on_the_bare_engine()
    {
        var programs = WasiSuite.Read();
        Assert.That(programs, Has.Length.GreaterThanOrEqualTo(26));
        var manifest = Repository.Runtime(runtime);
        var run = await new RecordedRun().RunAsync(
            new Plan(programs, [manifest], [.. programs.Select(program => new Cell(program, program.Scenarios[0], manifest))]),
            new RunOptions());
        Requirement.Present(run.Header!);

        await using var engine = new BareEngine(runtime);
        var differences = new List<string>();
        var passed = 0;
        foreach (var program in programs)
        {
            var cell = run.Cells.Single(cell => cell.Module == program.Id);
            if (cell.Verdict == Verdict.Pass) passed++;
            // What the runtime can't be given is told, and not run.
            if (cell.Outcome.Code == OutcomeCodes.Unprovidable)
            {
                if (program.Scenarios[0].Preopens.IsEmpty) differences.Add($"{program.Id}: {cell.Run.Text}");
                continue;
            }

            var bare = await engine.RunAsync(program);
            var seen = Seen(cell, bare);
            if (seen != bare) differences.Add($"{program.Id}\n    through the adapter  {seen} {cell.Outcome.Code}\n    by hand              {bare}");
            if (cell.Outcome.Code == OutcomeCodes.Unmapped) differences.Add($"{program.Id}: {cell.Run.Text}");
        }

        TestContext.Out.WriteLine($"{runtime} passes {passed} of {programs.Length}");
        Assert.That(differences, Is.Empty, string.Join('\n', differences));
    }

    /// <summary>
    /// A cell in the words of the bare engine. A command that stops has an exit code, which is its own affair; what it prints to stderr
    /// then is not the guest's alone.
    /// </summary>
    private static BareEnd Seen(CellLine cell, BareEnd bare)
    {
        var isStopped = cell.Outcome.Code is { } code && code != OutcomeCodes.Exit(cell.Run.Exit ?? 0);
        var end = isStopped ? "stopped" : cell.Run.Exit is { } exit ? $"exit {exit}" : "exit";
        var isCommand = cell.Runtime is "wazero" or "wasmtime-cli" or "node-cli";
        if (isStopped && isCommand && bare.End != "exit 0") end = bare.End;
        return new BareEnd(end, bare.Words, cell.Run.Stdout.Text, isStopped && isCommand ? bare.Stderr : cell.Run.Stderr.Text);
    }
}
