using Spectre.Console;

namespace Conformance.Reporting.Terminal;

/// <summary>What the terminal shows, as text for messages and files.</summary>
public static class PlainText
{
    private const int Width = 160;

    /// <summary>What a view writes, without colours.</summary>
    public static string Render(Action<ReportView> write)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = Width;
        write(new ReportView(console));
        return text.ToString();
    }
}
