using Conformance.Reporting.Terminal;

namespace Conformance.UnitTests.Reports;

/// <summary>A terminal without colours that keeps what is shown.</summary>
internal static class TestTerminal
{
    /// <param name="width">In columns.</param>
    /// <param name="write">Shows it.</param>
    public static string Show(int width, Action<ReportView> write) => PlainText.Render(write, width);
}
