using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Conformance.Wasm;

/// <summary>Names as WebAssembly's text format writes them: what a terminal or a reader could be deceived by is escaped.</summary>
/// <seealso href="https://webassembly.github.io/spec/core/text/values.html#strings"/>
public static partial class TextName
{
    /// <summary>A name as it is where nobody could mistake it; else in quotes, escaped.</summary>
    public static string Plain(string name) =>
        name.Length > 0 && name.EnumerateRunes().All(IsPlain) && !name.Contains("::", StringComparison.Ordinal)
            && !name.Contains('"', StringComparison.Ordinal) ? name : Quoted(name);

    /// <summary>A name in quotes.</summary>
    public static string Quoted(string name)
    {
        var text = new StringBuilder("\"");
        foreach (var rune in name.EnumerateRunes())
        {
            text.Append(rune.Value switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ => IsPlain(rune) || rune.Value == ' ' ? rune.ToString()
                    : Escape(rune),
            });
        }

        return text.Append('"').ToString();
    }

    /// <summary>
    /// Text of several lines with everything else escaped that would not be seen, would do something to a terminal, or would be taken for
    /// a command by a system that reads logs. Every text of guests, modules and runtimes that people or such systems read goes through
    /// here.
    /// </summary>
    /// <seealso href="https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands"/>
    /// <seealso href="https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands"/>
    public static string Seen(string text)
    {
        if (!text.EnumerateRunes().All(IsSeen))
        {
            text = string.Concat(text.Replace("\r\n", "\n", StringComparison.Ordinal).EnumerateRunes()
                .Select(rune => IsSeen(rune) ? rune.ToString() : Escape(rune)));
        }

        return LogCommand().Replace(text, command => Escape(new Rune(command.Value[0])) + command.Value[1..]);
    }

    private static string Escape(Rune rune) => string.Create(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");

    /// <summary>
    /// GitHub's at the beginning of a line, or of a word, which may be folded to there; Azure's and GitHub's older ones anywhere.
    /// </summary>
    [GeneratedRegex(@"(?<![^\s])::(?=[A-Za-z])|##(?=\[|vso\[)")]
    private static partial Regex LogCommand();

    private static bool IsSeen(Rune rune) =>
        rune.Value is '\n' or '\t' || Rune.GetUnicodeCategory(rune) == UnicodeCategory.SpaceSeparator || IsPlain(rune);

    /// <summary>Seen as itself, wherever it stands: no control, no mark of direction, no space that looks like none.</summary>
    private static bool IsPlain(Rune rune) => rune.Value is ' ' || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
