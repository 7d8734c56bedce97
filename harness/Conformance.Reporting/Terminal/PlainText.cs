using Spectre.Console;

namespace Conformance.Reporting.Terminal;

/// <summary>What the terminal shows, as text for messages and files.</summary>
public static class PlainText
{
    private const int Wide = 160;

    /// <summary>What a view writes, without colours.</summary>
    /// <param name="write">Writes it.</param>
    /// <param name="width">In columns.</param>
    public static string Render(Action<ReportView> write, int width = Wide)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(text),
        });
        console.ShowSeen();
        console.Profile.Width = width;
        console.Profile.Capabilities.Unicode = true;
        write(new ReportView(console));
        return text.ToString();
    }
}
