using System.Globalization;
using System.Text;

namespace Conformance.Wasm;

/// <summary>Names as WebAssembly's text format writes them: what a terminal or a reader could be deceived by is escaped.</summary>
/// <seealso href="https://webassembly.github.io/spec/core/text/values.html#strings"/>
public static class TextName
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
                    : string.Create(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}"),
            });
        }

        return text.Append('"').ToString();
    }

    /// <summary>
    /// Text of several lines with everything else escaped that would not be seen, or would do something to a terminal.
    /// </summary>
    public static string Seen(string text) => text.EnumerateRunes().All(IsSeen) ? text
        : string.Concat(text.EnumerateRunes().Select(rune =>
            IsSeen(rune) ? rune.ToString() : string.Create(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}")));

    private static bool IsSeen(Rune rune) =>
        rune.Value is '\n' or '\r' or '\t' || Rune.GetUnicodeCategory(rune) == UnicodeCategory.SpaceSeparator || IsPlain(rune);

    /// <summary>Seen as itself, wherever it stands: no control, no mark of direction, no space that looks like none.</summary>
    private static bool IsPlain(Rune rune) => rune.Value is ' ' || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
