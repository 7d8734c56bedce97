using System.Text;
using System.Xml;

namespace Conformance.Reporting.Documents;

/// <summary>Text for XML, which has no place for most control characters, and guests print what they like.</summary>
internal static class SafeXml
{
    private const char Replacement = '\uFFFD';

    public static XmlWriterSettings Settings { get; } = new()
    {
        Indent = true,
        Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        NewLineHandling = NewLineHandling.Entitize
    };

    /// <summary>The text with a replacement character for each that XML 1.0 refuses (section 2.2).</summary>
    public static string Clean(string text)
    {
        if (IsClean(text)) return text;
        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (XmlConvert.IsXmlChar(text[i])) clean.Append(text[i]);
            else if (i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i])) clean.Append(text[i]).Append(text[++i]);
            else clean.Append(Replacement);
        }

        return clean.ToString();
    }

    private static bool IsClean(string text)
    {
        foreach (var character in text)
        {
            if (!XmlConvert.IsXmlChar(character)) return false;
        }

        return true;
    }
}
