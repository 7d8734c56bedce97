using Conformance.Model.Observations;
using Conformance.Tests.CommandLine;
using Conformance.Tests.Harness;

namespace Conformance.Tests.Faults;

/// <summary>
/// A worker whose answers are JSON-RPC and nothing that the protocol has: its cells are protocol errors, and the run goes on.
/// </summary>
[Category("faults")]
[Category("Portable")]
[TestFixture]
public sealed class WorkerAnswerTests
{
    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase("identity-is-empty", "version")]
    [TestCase("identity-is-null", "'initialize' is null")]
    [TestCase("identity-is-a-list", "")]
    [TestCase("identity-has-a-null-library", "libraries[0]")]
    [TestCase("identity-has-no-version", "version")]
    [TestCase("ledger-is-empty", "imports")]
    [TestCase("ledger-has-a-null", "imports[0]")]
    [TestCase("ledger-has-no-names", "imports[0].module")]
    [TestCase("run-is-empty", "")]
    [TestCase("run-is-a-number", "")]
    [TestCase("run-has-a-null-call", "hostCalls[0]")]
    [TestCase("run-has-a-call-without-a-name", "hostCalls[0].module")]
    [TestCase("run-has-no-stdout", "stdout")]
    [TestCase("run-has-stdout-without-text", "stdout.text")]
    [TestCase("run-has-a-phase-of-its-own", "")]
    [TestCase("run-has-a-null-attachment", "attachments[0]")]
    public async Task An_answer_that_is_none_of_the_protocol_costs_its_cell_only(string behaviour, string names)
    {
        var run = await new RecordedRun().RunAsync(
            Fakes.Plan(Fakes.CounterC, Fakes.Runtime(_folder, behaviour), Fakes.Runtime(_folder, "counts")));
        var cell = run.Cells.Single(cell => cell.Runtime == behaviour);
        Assert.That((cell.Verdict, cell.Outcome.Code), Is.EqualTo((Verdict.Crashed, OutcomeCodes.ProtocolError)), cell.Run.Text);
        Assert.That(cell.Run.Text, Does.Contain(names));
        Assert.That(run.Cells.Single(cell => cell.Runtime == "counts").Verdict, Is.EqualTo(Verdict.Pass));
    }

    [TestCase("identity-is-empty")]
    [TestCase("run-has-a-null-call")]
    public async Task The_command_tells_it_in_lines_and_without_a_stack_trace(string behaviour)
    {
        using var matrix = new FakeMatrix("counter-a");
        matrix.Runtime(behaviour, behaviour);
        var result = await Command.RunAsync(["run", "--out", matrix.Sub("out"), .. matrix.Folders]);
        Assert.That(result.ExitCode, Is.EqualTo(1), result.Error);
        Assert.That(result.Output + result.Error, Does.Contain("protocol-error").And.Not.Contain("   at "));
    }
}
