using System.Globalization;
using System.Xml;
using Conformance.Reporting.Documents;
using Conformance.Reporting.TestResults;

namespace Conformance.Reporting.Junit;

/// <summary>
/// JUnit's XML as CI systems read it: a suite for each runtime and one for agreements, a test case for each cell. Declared departures pass,
/// with their reason in the output; a crash or a time limit is an error.
/// </summary>
public sealed class JunitFormat : IReportFormat
{
    /// <inheritdoc/>
    public string Name => "junit";

    /// <inheritdoc/>
    public string FileName => "junit.xml";

    /// <inheritdoc/>
    public void Write(ReportDocument document, Stream output)
    {
        var items = TestItem.From(document);
        using var xml = SafeXml.Begin(output);
        xml.WriteStartElement("testsuites");
        xml.WriteAttributeString("name", "conformance");
        WriteCounts(xml, items);
        foreach (var suite in items.GroupBy(item => item.Suite))
        {
            xml.WriteStartElement("testsuite");
            xml.WriteAttributeString("name", suite.Key);
            WriteCounts(xml, [.. suite]);
            xml.WriteAttributeString("timestamp", document.Report.Header.Started.UtcDateTime.ToString("s", CultureInfo.InvariantCulture));
            foreach (var item in suite) WriteCase(xml, item);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void WriteCounts(XmlWriter xml, IReadOnlyCollection<TestItem> items)
    {
        void Count(string name, int count) => xml.WriteAttributeString(name, count.ToString(CultureInfo.InvariantCulture));
        Count("tests", items.Count);
        Count("failures", items.Count(item => item.Outcome == TestOutcome.Failed));
        Count("errors", items.Count(item => item.Outcome == TestOutcome.Errored));
        Count("skipped", items.Count(item => item.Outcome == TestOutcome.Skipped));
        xml.WriteAttributeString("time", Seconds(items.Sum(item => item.Milliseconds ?? 0)));
    }

    private static void WriteCase(XmlWriter xml, TestItem item)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", $"{item.Suite}.{item.Group}");
        xml.WriteAttributeString("name", item.Name);
        xml.WriteAttributeString("time", Seconds(item.Milliseconds ?? 0));
        if (item.Outcome != TestOutcome.Passed)
        {
            xml.WriteStartElement(item.Outcome switch { TestOutcome.Failed => "failure", TestOutcome.Errored => "error", _ => "skipped" });
            xml.WriteAttributeString("message", item.Message ?? item.Verdict);
            if (item.Outcome != TestOutcome.Skipped)
            {
                xml.WriteAttributeString("type", item.Verdict);
                xml.WriteString(item.Details ?? "");
            }

            xml.WriteEndElement();
        }

        var notes = item.Outcome == TestOutcome.Passed && item.Message is { } message ? $"{item.Verdict}: {message}\n" : "";
        if (notes.Length + item.Output.Length > 0) xml.WriteElementString("system-out", notes + item.Output);
        xml.WriteEndElement();
    }

    private static string Seconds(double milliseconds) => (milliseconds / 1000).ToString("0.######", CultureInfo.InvariantCulture);
}
