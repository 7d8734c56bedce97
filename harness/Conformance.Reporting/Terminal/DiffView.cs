using Conformance.Reporting.Diffing;
using Spectre.Console;

namespace Conformance.Reporting.Terminal;

/// <summary>What changed between two reports, as people read it in a terminal: the worst first.</summary>
public sealed class DiffView(IAnsiConsole console)
{
    /// <summary>Writes what changed, worst first.</summary>
    public void Write(ReportDiff diff)
    {
        foreach (var change in diff.Cells)
        {
            Line(change.Kind, $"{change.Kind.Word(),-10} {change.Runtime} · {change.Module} · {change.Scenario}: {change.Words}");
            if (change is { Kind: ChangeKind.Regression, After: { } cell }) Line(change.Kind, $"           repro: {cell.Repro}");
        }

        foreach (var change in diff.Agreements)
        {
            Line(change.Kind,
            $"{change.Kind.Word(),-10} agreement · {change.Module} · {change.Scenario}{(change.NewSplit ? " (new split)" : "")}: {change.Words}");
        }

        foreach (var module in diff.NotCompared) Line(ChangeKind.Changed, $"not compared: {module}");
        foreach (var note in diff.Notes) Line(null, $"note: {note}");
        Line(null, diff.Sum);
    }

    private void Line(ChangeKind? kind, string text)
    {
        var style = kind switch
        {
            ChangeKind.Regression => new Style(Color.Red),
            ChangeKind.Fix => new Style(Color.Green),
            null => Style.Plain,
            _ => new Style(Color.Yellow),
        };
        if (console.Profile.Capabilities.Ansi) console.Write(new Paragraph(text + Environment.NewLine, style) { Overflow = Overflow.Fold });
        else console.Profile.Out.Writer.WriteLine(text);
    }
}
