using System.Text.Json.Nodes;
using Conformance.Model.Reports;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Formats;
using Conformance.Reporting.Jsonl;
using Conformance.Reporting.Terminal;
using CsCheck;

namespace Conformance.UnitTests.Faults;

/// <summary>Reports that somebody changed: they are refused with their line, or read and shown like any other.</summary>
[Category("faults")]
[TestFixture]
public sealed class DamagedReportTests
{
    private static readonly string[] Values = ["null", "[]", "{}", "[null]", "-1", "1e999", "\"\"", "\"\\u001b]52;c;x\\u0007\"", "true"];

    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void A_value_that_is_another_is_refused_with_its_line_or_shown_in_every_form()
    {
        var lines = File.ReadAllLines(SampleReport.Everything.Write(_folder, "whole"));
        Gen.Select(Gen.Int[0, lines.Length - 1], Gen.Int[0, 10_000], Gen.Int[0, Values.Length]).Sample((line, place, value) =>
        {
            var changed = (string[])lines.Clone();
            changed[line] = Change(lines[line], place, value);
            var path = _folder.Write($"changed-{Environment.CurrentManagedThreadId}.jsonl", string.Join('\n', changed) + "\n");
            Report report;
            try
            {
                report = ReportReader.Read(path);
            }
            catch (ReportFormatException e)
            {
                return e.Message.StartsWith(path + ":", StringComparison.Ordinal) && !e.Message.Contains('\n', StringComparison.Ordinal);
            }

            foreach (var format in ReportFormats.All) format.Write(new ReportDocument(report), Stream.Null);
            var text = PlainText.Render(view =>
            {
                view.WriteUnexpected(report.Cells);
                view.WriteMatrix(report.Header, report.Cells, report.Agreements);
                view.WriteUnavailable(report.Header, whole: true);
                view.WriteAtlas(report.Atlas);
                view.WriteSizes(report.Sizes, 3);
                foreach (var cell in report.Cells) view.WriteCell(cell);
                if (report.Footer is { } footer) view.WriteSum(report.Header, footer);
            });
            return !text.Contains('\u001b', StringComparison.Ordinal);
        }, iter: 500);
    }

    [TestCase("a cell of another runtime", "does not name the runtime")]
    [TestCase("a cell of another module", "does not name the module")]
    [TestCase("two footers", "a line after the footer")]
    [TestCase("a cell after the footer", "a line after the footer")]
    [TestCase("a false sum", "the footer counts 99 pass, and there are ")]
    [TestCase("a null in a list", "hostCalls[0]")]
    public void What_no_run_writes_is_refused(string what, string reason)
    {
        var lines = File.ReadAllLines(SampleReport.Passing.Write(_folder, "passing")).ToList();
        switch (what)
        {
            case "a cell of another runtime":
                lines[1] = System.Text.RegularExpressions.Regex.Replace(lines[1],
                "\"runtime\":\"[^\"]*\"", "\"runtime\":\"mine\""); break;
            case "a cell of another module":
                lines[1] = lines[1].Replace("\"module\":\"counter-c\",\"scenario\"",
                "\"module\":\"mine\",\"scenario\""); break;
            case "two footers": lines.Add(lines[^1]); break;
            case "a cell after the footer": lines.Add(lines[1].Replace("ten-increments", "another")); break;
            case "a false sum": lines[^1] = System.Text.RegularExpressions.Regex.Replace(lines[^1], "\"pass\":\\d+", "\"pass\":99"); break;
            default: lines[1] = System.Text.RegularExpressions.Regex.Replace(lines[1], "\"hostCalls\":\\[[^]]*\\]", "\"hostCalls\":[null]"); break;
        }

        var path = _folder.Write("forged.jsonl", string.Join('\n', lines) + "\n");
        Assert.That(() => ReportReader.Read(path),
            Throws.TypeOf<ReportFormatException>().With.Message.StartsWith(path + ":").And.Message.Contains(reason));
    }

    /// <summary>A line with another value in one of its places, or without it.</summary>
    private static string Change(string line, int place, int value)
    {
        var root = JsonNode.Parse(line)!;
        var places = new List<(JsonNode Parent, object Key)>();
        Collect(root);
        var (parent, key) = places[place % places.Count];
        var with = value < Values.Length ? JsonNode.Parse(Values[value]) : null;
        if (parent is JsonArray array)
        {
            if (value == Values.Length) array.RemoveAt((int)key);
            else array[(int)key] = with;
        }
        else if (value == Values.Length)
        {
            parent.AsObject().Remove((string)key);
        }
        else
        {
            parent.AsObject()[(string)key] = with;
        }

        return root.ToJsonString();

        void Collect(JsonNode? node)
        {
            if (node is JsonObject map)
            {
                foreach (var (name, inner) in map)
                {
                    places.Add((node, name));
                    Collect(inner);
                }
            }
            else if (node is JsonArray list)
            {
                for (var i = 0; i < list.Count; i++)
                {
                    places.Add((node, i));
                    Collect(list[i]);
                }
            }
        }
    }
}
