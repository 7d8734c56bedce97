namespace Conformance.Reporting.Documents;

/// <summary>One way to write a report for people or for programs. A format computes nothing that the report does not say.</summary>
public interface IReportFormat
{
    /// <summary>As <c>--format</c> has it.</summary>
    string Name { get; }

    /// <summary>What <c>run</c> and <c>nightly</c> call the file.</summary>
    string FileName { get; }

    /// <summary>Writes a whole document. Who calls it sees to it that half of one is never found in its place.</summary>
    void Write(ReportDocument document, Stream output);
}
