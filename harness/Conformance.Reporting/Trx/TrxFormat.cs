using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml;
using Conformance.Reporting.Documents;
using Conformance.Reporting.TestResults;

namespace Conformance.Reporting.Trx;

/// <summary>
/// Visual Studio's test results (<c>.trx</c>), as <c>dotnet test --logger trx</c> writes them: Azure Pipelines and IDEs read them. Ids are
/// made from names, so that a test keeps its id from run to run.
/// </summary>
public sealed class TrxFormat : IReportFormat
{
    private const string Namespace = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    /// <summary>What Visual Studio calls a unit test.</summary>
    private const string UnitTest = "13cdc9d9-ddb5-4fa4-a97d-d965ccfc6d4b";

    /// <summary>Visual Studio's own list of tests that are in no list.</summary>
    private const string NoList = "8c84fa94-04c1-424b-9868-57a2d4851a1d";

    private const string AllLists = "19431567-8539-422a-85d7-44ee4e166bda";

    /// <inheritdoc/>
    public string Name => "trx";

    /// <inheritdoc/>
    public string FileName => "results.trx";

    /// <inheritdoc/>
    public void Write(ReportDocument document, Stream output)
    {
        var items = TestItem.From(document);
        var header = document.Report.Header;
        var started = header.Started.UtcDateTime;
        var finished = started.AddMilliseconds(document.Report.Footer?.ElapsedMs ?? 0);
        using var xml = SafeXml.Begin(output);
        xml.WriteStartElement("TestRun", Namespace);
        xml.WriteAttributeString("id", Id($"run {started:O}"));
        xml.WriteAttributeString("name", $"conformance {started:s}");
        Element(xml, "Times", ("creation", Time(started)),
            ("queuing", Time(started)), ("start", Time(started)), ("finish", Time(finished)));

        xml.WriteStartElement("Results", Namespace);
        foreach (var item in items) WriteResult(xml, item, started, header.Machine.Os);
        xml.WriteEndElement();

        xml.WriteStartElement("TestDefinitions", Namespace);
        foreach (var item in items)
        {
            xml.WriteStartElement("UnitTest", Namespace);
            xml.WriteAttributeString("name", item.FullName);
            xml.WriteAttributeString("storage", "report.jsonl");
            xml.WriteAttributeString("id", TestId(item));
            Element(xml, "Execution", ("id", ExecutionId(item)));
            Element(xml, "TestMethod", ("codeBase", "report.jsonl"),
                ("adapterTypeName", "conformance"), ("className", $"{item.Suite}.{item.Group}"), ("name", item.Name));
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        xml.WriteStartElement("TestEntries", Namespace);
        foreach (var item in items)
            Element(xml, "TestEntry", ("testId", TestId(item)), ("executionId", ExecutionId(item)), ("testListId", NoList));
        xml.WriteEndElement();
        xml.WriteStartElement("TestLists", Namespace);
        Element(xml, "TestList", ("name", "Results Not in a List"), ("id", NoList));
        Element(xml, "TestList", ("name", "All Loaded Results"), ("id", AllLists));
        xml.WriteEndElement();
        WriteSummary(xml, items);
        xml.WriteEndElement();
    }

    private static void WriteResult(XmlWriter xml, TestItem item, DateTime started, string machine)
    {
        xml.WriteStartElement("UnitTestResult", Namespace);
        Attributes(
            xml, ("executionId", ExecutionId(item)), ("testId", TestId(item)),
                ("testName", item.FullName), ("computerName", machine), ("duration", Duration(item)), ("startTime", Time(started)),
            ("endTime", Time(started.AddMilliseconds(item.Milliseconds ?? 0))), ("testType", UnitTest),
                ("outcome", Outcome(item)), ("testListId", NoList), ("relativeResultsDirectory", ExecutionId(item)));
        var output = item.Output.Length > 0 ? item.Output : null;
        if (output is not null || item.Message is not null)
        {
            xml.WriteStartElement("Output", Namespace);
            if (output is not null || item.Outcome == TestOutcome.Passed)
            {
                xml.WriteElementString("StdOut", Namespace,
                string.Join('\n', new[] { item.Outcome == TestOutcome.Passed ? item.Message : null, output }.OfType<string>()));
            }

            if (item.Outcome != TestOutcome.Passed)
            {
                xml.WriteStartElement("ErrorInfo", Namespace);
                xml.WriteElementString("Message", Namespace, item.Message ?? item.Verdict);
                if (item.Details is { } details) xml.WriteElementString("StackTrace", Namespace, details);
                xml.WriteEndElement();
            }

            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void WriteSummary(XmlWriter xml, IReadOnlyCollection<TestItem> items)
    {
        string Count(params TestOutcome[] outcomes) =>
            items.Count(item => outcomes.Contains(item.Outcome)).ToString(CultureInfo.InvariantCulture);
        var whole = items.All(item => item.Suite != TestItem.Report);
        xml.WriteStartElement("ResultSummary", Namespace);
        xml.WriteAttributeString("outcome",
            !whole ? "Aborted" : items.Any(item => item.Outcome is TestOutcome.Failed or TestOutcome.Errored) ? "Failed" : "Completed");
        Element(
            xml, "Counters", ("total", items.Count.ToString(CultureInfo.InvariantCulture)),
                ("executed", Count(TestOutcome.Passed, TestOutcome.Failed, TestOutcome.Errored)), ("passed", Count(TestOutcome.Passed)),
            ("failed", Count(TestOutcome.Failed, TestOutcome.Errored)), ("error", "0"),
                ("timeout", "0"), ("aborted", "0"), ("inconclusive", "0"), ("passedButRunAborted", "0"), ("notRunnable", "0"),
            ("notExecuted", Count(TestOutcome.Skipped)), ("disconnected", "0"),
                ("warning", "0"), ("completed", "0"), ("inProgress", "0"), ("pending", "0"));
        xml.WriteEndElement();
    }

    private static string Outcome(TestItem item) => item.Outcome switch
    {
        TestOutcome.Passed => "Passed",
        TestOutcome.Skipped => "NotExecuted",
        _ => "Failed",
    };

    private static void Element(XmlWriter xml, string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        xml.WriteStartElement(name, Namespace);
        Attributes(xml, attributes);
        xml.WriteEndElement();
    }

    private static void Attributes(XmlWriter xml, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        foreach (var (name, value) in attributes) xml.WriteAttributeString(name, value);
    }

    private static string TestId(TestItem item) => Id(item.FullName);

    private static string ExecutionId(TestItem item) => Id($"execution {item.FullName}");

    private static string Id(string name) => new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 16)).ToString();

    private static string Duration(TestItem item) =>
        TimeSpan.FromMilliseconds(item.Milliseconds ?? 0).ToString("c", CultureInfo.InvariantCulture);

    private static string Time(DateTime time) => time.ToString("O", CultureInfo.InvariantCulture);
}
