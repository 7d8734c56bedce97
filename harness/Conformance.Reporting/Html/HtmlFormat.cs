using System.Net;
using System.Text;
using System.Text.Json;
using Conformance.Reporting.Documents;

namespace Conformance.Reporting.Html;

/// <summary>
/// One HTML file that holds the page's program, its style and the whole report: it opens offline and asks nothing of a network. What the
/// page needs at once stands first, so that the matrix is there before the rest of the file is read.
/// </summary>
public sealed class HtmlFormat : IReportFormat
{
    private static readonly string[] Parts = Resource("page.html").Split("{{", StringSplitOptions.None);

    /// <inheritdoc/>
    public string Name => "html";

    /// <inheritdoc/>
    public string FileName => "index.html";

    /// <inheritdoc/>
    public void Write(ReportDocument document, Stream output)
    {
        using var writer = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            bufferSize: 1 << 16, leaveOpen: true);
        var data = new HtmlData(document);
        writer.Write(Parts[0]);
        foreach (var part in Parts.Skip(1))
        {
            var end = part.IndexOf("}}", StringComparison.Ordinal);
            switch (part[..end])
            {
                case "title": writer.Write(WebUtility.HtmlEncode(data.Title)); break;
                case "style": writer.Write(Resource("style.css")); break;
                case "script": writer.Write(Resource("main.js")); break;
                case "index": WriteIndex(writer, data); break;
                case "details": WriteDetails(writer, data); break;
                case var unknown: throw new InvalidOperationException($"page.html asks for {unknown}");
            }

            writer.Write(part.AsSpan(end + 2));
        }
    }

    private static void WriteIndex(StreamWriter writer, HtmlData data)
    {
        writer.Flush();
        using var json = new Utf8JsonWriter(writer.BaseStream);
        data.WriteIndex(json);
    }

    private static void WriteDetails(StreamWriter writer, HtmlData data)
    {
        foreach (var (id, json) in data.Details())
        {
            writer.Write($"<script type=\"application/json\" id=\"{id}\">");
            writer.Write(json.ToJsonString());
            writer.WriteLine("</script>");
        }
    }

    private static string Resource(string name)
    {
        using var stream = typeof(HtmlFormat).Assembly.GetManifestResourceStream($"html/{name}")
            ?? throw new InvalidOperationException($"{name} was not built into {typeof(HtmlFormat).Assembly.GetName().Name}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
