using System.Text;
using Conformance.Wasm;
using Spectre.Console;

namespace Conformance.Reporting.Terminal;

/// <summary>Sentences on a console: folded between words where they are longer than it is wide, and a word never broken.</summary>
public static class FoldedText
{
    private const int Indent = 4;

    /// <summary>Writes a line; what it is folded into is indented.</summary>
    public static void WriteFolded(this IAnsiConsole console, string text, Style? style = null)
    {
        foreach (var line in Fold(TextName.Seen(text), console.Profile.Width))
        {
            // Written as it is: Spectre would fold it once more by its own rules.
            if (console.Profile.Capabilities.Ansi)
            {
                console.Write(new Text(line + Environment.NewLine, style ?? Style.Plain)
                {
                    Overflow = Overflow.Ellipsis,
                });
            }
            else
            {
                console.Profile.Out.Writer.WriteLine(line);
            }
        }
    }

    /// <param name="text">One line.</param>
    /// <param name="width">How wide a line may be.</param>
    /// <summary>The lines of a text, each no wider than it may be where its words allow that.</summary>
    public static IEnumerable<string> Fold(string text, int width)
    {
        var own = text.Length - text.TrimStart(' ').Length;
        var line = new StringBuilder().Append(' ', own);
        var isEmpty = true;
        foreach (var word in text[own..].Split(' '))
        {
            if (!isEmpty && line.Length + 1 + word.Length > width)
            {
                yield return line.ToString();
                line.Clear().Append(' ', Math.Clamp(width - word.Length, 0, own + Indent));
                isEmpty = true;
            }

            if (!isEmpty) line.Append(' ');
            line.Append(word);
            isEmpty = false;
        }

        yield return line.ToString();
    }
}
