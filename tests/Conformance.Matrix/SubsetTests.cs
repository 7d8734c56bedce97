using Conformance.Engine.Planning;
using Conformance.Reporting.Jsonl;

namespace Conformance.Matrix;

/// <summary>The matrix that was just run, as other machines would have it: with fewer runtimes.</summary>
[TestFixture]
[DependsOnFixture(typeof(MatrixTests), AllowFailure = true)]
public sealed class SubsetTests
{
    private const int Samples = 200;

    /// <summary>The manifests hold on every machine, and not only on one that has all that this one has.</summary>
    [Test]
    public void Any_runtimes_of_a_run_that_is_as_expected_are_as_expected_alone()
    {
        var path = Path.Combine(AppContext.BaseDirectory, MatrixTests.ReportFolder, ReportWriter.FileName);
        if (!File.Exists(path)) Assert.Inconclusive("the matrix was not run before this test");
        var report = ReportReader.Read(path);
        if (!report.IsComplete || Subsets.Unexpected(report).Any())
            Assert.Inconclusive("the whole run is partial, or not as expected: its own tests say so");

        var installation = Installation.Find();
        var plan = Plan.Load(installation.Modules, installation.Runtimes, CellFilter.Everything);
        var random = new Random(2026);
        for (var i = 0; i < Samples; i++)
        {
            var there = plan.Runtimes.Select(runtime => runtime.Id).Where(_ => random.Next(2) == 0).ToHashSet(StringComparer.Ordinal);
            Assert.That(Subsets.Unexpected(Subsets.Take(plan, report, there)), Is.Empty, string.Join(", ", there));
        }
    }
}
