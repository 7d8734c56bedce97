using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Model.Observations;

namespace Conformance.Matrix;

/// <summary>The matrix as tests, one a cell; the cells are run together, once, when the first test asks.</summary>
[TestFixture]
public sealed class MatrixTests
{
    private static readonly SharedRun Run = new();

    [OneTimeTearDown]
    public static async Task EndAsync() => await Run.DisposeAsync();

    [TestCaseSource(nameof(Cells))]
    public async Task Cell(Cell cell)
    {
        var line = await Run.CellAsync(cell);
        foreach (var file in line.Attachments ?? []) TestContext.AddTestAttachment(Path.Combine(Run.ReportFolder, file.Path), file.Name);
        switch (line.Verdict)
        {
            case Verdict.Pass or Verdict.Xfail:
                break;
            case Verdict.Skipped:
                Assert.Ignore(line.Reason ?? "skipped by declaration");
                break;
            case Verdict.Unavailable when Requirements.FromEnvironment.Contains(cell.Runtime.Id):
                Assert.Fail($"{cell.Runtime.Id} is required and unavailable: {line.Reason}; {line.Remedy}");
                break;
            case Verdict.Unavailable:
                Assert.Inconclusive($"unavailable: {line.Reason}; to have it: {line.Remedy}");
                break;
            default:
                Assert.Fail(SharedRun.Describe(line));
                break;
        }
    }

    [TestCaseSource(nameof(Scenarios))]
    public async Task Agreement(string module, string scenario)
    {
        var agreement = await Run.AgreementAsync(module, scenario);
        Assert.That(agreement.Verdict, Is.AnyOf(Verdict.Pass, Verdict.Xfail, null), $"{string.Join("; ", (agreement.Departures ?? []).Select(d => $"{d.What} expected {d.Expected}, observed {d.Observed}"))}; {agreement.Sentence}");
    }

    private static IEnumerable<TestCaseData> Scenarios() =>
        Run.Plan.Cells.DistinctBy(cell => (cell.Module.Id, cell.Scenario.Id)).Select(cell => new TestCaseData(cell.Module.Id, cell.Scenario.Id).SetName($"agreement · {cell.Module.Id} · {cell.Scenario.Title}"));

    private static IEnumerable<TestCaseData> Cells() => Run.Plan.Cells.Select(cell => new TestCaseData(cell).SetName(cell.Title));
}
