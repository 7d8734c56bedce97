using System.Text;
using System.Xml;
using Conformance.Wasm;

namespace Conformance.Reporting.Documents;

/// <summary>
/// Writes XML whose text, of elements and of attributes, is legal whatever it was made of: XML has no place for most control characters,
/// and guests print what they like. All XML of reports is written by it.
/// </summary>
internal sealed class SafeXml : XmlWriter
{
    private const char Replacement = '\uFFFD';

    private readonly XmlWriter _xml;

    private SafeXml(XmlWriter xml) => _xml = xml;

    public override WriteState WriteState => _xml.WriteState;

    /// <param name="output">Where to; it stays open.</param>
    public static XmlWriter Begin(Stream output) => new SafeXml(Create(output, new XmlWriterSettings
    {
        Indent = true,
        Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        NewLineHandling = NewLineHandling.Entitize,
    }));

    public override void WriteString(string? text)
    {
        if (text is not null) _xml.WriteString(TextName.Seen(WithoutRefused(text)));
    }

    public override void WriteChars(char[] buffer, int index, int count) => WriteString(new string(buffer, index, count));

    public override void WriteCData(string? text) => WriteString(text);

    public override void WriteStartDocument() => _xml.WriteStartDocument();

    public override void WriteStartDocument(bool standalone) => _xml.WriteStartDocument(standalone);

    public override void WriteEndDocument() => _xml.WriteEndDocument();

    public override void WriteStartElement(string? prefix, string localName, string? ns) => _xml.WriteStartElement(prefix, localName, ns);

    public override void WriteEndElement() => _xml.WriteEndElement();

    public override void WriteFullEndElement() => _xml.WriteFullEndElement();

    public override void WriteStartAttribute(string? prefix, string localName, string? ns) =>
        _xml.WriteStartAttribute(prefix, localName, ns);

    public override void WriteEndAttribute() => _xml.WriteEndAttribute();

    public override void WriteWhitespace(string? ws) => _xml.WriteWhitespace(ws);

    public override void Flush() => _xml.Flush();

    public override string? LookupPrefix(string ns) => _xml.LookupPrefix(ns);

    // What no form of a report has.
    public override void WriteDocType(string name, string? pubid, string? sysid, string? subset) => throw new NotSupportedException();

    public override void WriteComment(string? text) => throw new NotSupportedException();

    public override void WriteProcessingInstruction(string name, string? text) => throw new NotSupportedException();

    public override void WriteEntityRef(string name) => throw new NotSupportedException();

    public override void WriteCharEntity(char ch) => throw new NotSupportedException();

    public override void WriteSurrogateCharEntity(char lowChar, char highChar) => throw new NotSupportedException();

    public override void WriteRaw(char[] buffer, int index, int count) => throw new NotSupportedException();

    public override void WriteRaw(string data) => throw new NotSupportedException();

    public override void WriteBase64(byte[] buffer, int index, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _xml.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The text with a replacement character for each that XML 1.0 refuses (section 2.2).</summary>
    private static string WithoutRefused(string text)
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
