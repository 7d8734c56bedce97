using Conformance.NUnit;

namespace Conformance.Matrix;

/// <summary>The matrix as tests: one a cell, and one for each scenario's agreement.</summary>
[TestFixture]
public sealed class MatrixTests
{
    /// <summary>Below the artifacts, from this program's folder.</summary>
    internal const string ReportFolder = "../../../matrix";

    [ConformanceCells("modules", ReportFolder = ReportFolder)]
    public void Matrix(ConformanceCase test) => Assert.That(test.Line?.Departures ?? [], Is.Empty, test.Title);
}
