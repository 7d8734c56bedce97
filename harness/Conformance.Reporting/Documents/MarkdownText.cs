using System.Text;
using Conformance.Wasm;

namespace Conformance.Reporting.Documents;

/// <summary>Text of guests, modules and runtimes in GitHub's Markdown: it stays text, whatever it was made of.</summary>
public static class MarkdownText
{
    /// <summary>As code, on one line.</summary>
    public static string Code(string text) => $"<code>{Plain(text)}</code>";

    /// <summary>On one line and in one cell of a table: what Markdown or HTML would read is escaped.</summary>
    public static string Plain(string text)
    {
        var safe = new StringBuilder(text.Length);
        foreach (var character in TextName.Seen(text.ReplaceLineEndings(" ").Trim()))
        {
            switch (character)
            {
                case '<': safe.Append("&lt;"); break;
                case '>': safe.Append("&gt;"); break;
                case '&': safe.Append("&amp;"); break;
                case '|' or '*' or '_' or '`' or '[' or ']' or '\\' or '#' or '~': safe.Append('\\').Append(character); break;
                case '@': safe.Append("@<!-- -->"); break; // a person who has that name need not be told
                default: safe.Append(char.IsControl(character) ? '\uFFFD' : character); break;
            }
        }

        return safe.ToString();
    }

    /// <summary>Lines as a block of code, whose fence is longer than any in it.</summary>
    /// <param name="language">What they are, such as <c>diff</c>.</param>
    /// <param name="text">The lines.</param>
    public static string Block(string language, string text)
    {
        var fence = "```";
        while (text.Contains(fence, StringComparison.Ordinal)) fence += "`";
        return $"{fence}{language}\n{TextName.Seen(text).TrimEnd('\n')}\n{fence}";
    }
}
