using Conformance.Reporting.Terminal;
using Spectre.Console;

namespace Conformance.UnitTests.Reports;

/// <summary>A terminal without colours that keeps what is shown.</summary>
internal static class TestTerminal
{
    /// <param name="width">In columns.</param>
    /// <param name="write">Shows it.</param>
    public static string Show(int width, Action<ReportView> write)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = width;
        console.Profile.Capabilities.Unicode = true;
        write(new ReportView(console));
        return text.ToString();
    }
}
