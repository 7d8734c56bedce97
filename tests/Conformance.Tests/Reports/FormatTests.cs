using System.Text.Json;
using System.Xml.Linq;
using Conformance.Machine;
using Conformance.Model;
using Conformance.Model.Observations;
using Conformance.Reporting.Diffing;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Formats;
using Conformance.Reporting.Jsonl;
using CsCheck;
using Markdig;

namespace Conformance.Tests.Reports;

/// <summary>Formats for programs, each held against a program or a schema that reads it.</summary>
[Category("Portable")]
[TestFixture]
public sealed class FormatTests
{
    private static readonly XNamespace Trx = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task Junit_is_read_by_a_converter_with_every_result()
    {
        var said = await Consumers.AcceptAsync("junit", Write("junit", new ReportDocument(SampleReport.Everything)));
        var summary = said.GetProperty("summary");
        var tests = said.GetProperty("tests").EnumerateArray().ToList();
        using (Assert.EnterMultipleScope())
        {
            // 9 cells (of which 5 are unexpected, 1 passes, 1 departs as declared, 2 were not run) and 2 agreements (a split that nobody
            // declared, one runtime alone); a third is poisoned and has no verdict.
            Assert.That(summary.GetProperty("tests").GetInt32(), Is.EqualTo(11));
            Assert.That(summary.GetProperty("failed").GetInt32(), Is.EqualTo(6));
            Assert.That(summary.GetProperty("skipped").GetInt32(), Is.EqualTo(2));
            Assert.That(tests.Select(test => test.GetProperty("suite")[0].GetString()).Distinct(),
                Is.EquivalentTo(new[] { "chromium", "wasmer", "wasmtime", "agreement" }));
            Assert.That(tests.Where(test => test.GetProperty("status").GetString() == "failed")
                .Select(test => test.GetProperty("message").GetString()), Has.Some.Contains("expected 10, observed guest 11"));
        }
    }

    [Test]
    public void Junit_counts_and_says_why()
    {
        var root = XDocument.Load(Write("junit", new ReportDocument(SampleReport.Everything))).Root!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((root.Attribute("failures")!.Value, root.Attribute("errors")!.Value, root.Attribute("skipped")!.Value),
                Is.EqualTo(("4", "2", "2")));
            Assert.That(root.Descendants("failure").Select(failure => failure.Value),
                Has.Some.Contains("./conformance repro counter-c/ten-increments/chromium"));
            Assert.That(root.Descendants("system-out").Select(text => text.Value),
                Has.Some.Contains("xfail: nobody provides it").And.Some.Contains("]]></system-out>\uFFFD"));
            Assert.That(root.Elements("testsuite").Sum(suite => (int)suite.Attribute("tests")!), Is.EqualTo((int)root.Attribute("tests")!));
        }
    }

    [Test]
    public async Task Sarif_passes_Microsofts_validator()
    {
        var path = Write("sarif", new ReportDocument(SampleReport.Everything));
        await Consumers.AcceptAsync("sarif", path);
        var results = JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("runs")[0]
            .GetProperty("results").EnumerateArray().ToList();
        var missing = results.Single(result => result.GetProperty("ruleId").GetString() == OutcomeCodes.UnknownImport);
        var place = missing.GetProperty("locations")[0].GetProperty("physicalLocation");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(missing.GetProperty("message").GetProperty("text").GetString(), Does.Contain("wasmtime: env::time.resetTimer"));
            Assert.That((place.GetProperty("artifactLocation").GetProperty("uri").GetString(),
                place.GetProperty("region").GetProperty("startLine").GetInt32()), Is.EqualTo(("modules/net-http-2022/module.toml", 2)));
            Assert.That(missing.GetProperty("suppressions")[0].GetProperty("justification").GetString(), Is.EqualTo("nobody provides it"));
            Assert.That(results.Where(result => result.GetProperty("level").GetString() == "error").Select(
                result => result.GetProperty("locations")[0].GetProperty("physicalLocation")
                .GetProperty("region").GetProperty("startLine").GetInt32()), Has.Exactly(6).EqualTo(17));
        }
    }

    [Test]
    public void Sarif_does_not_suppress_what_was_not_declared()
    {
        var report = SampleReport.Everything.With(
            cell => cell.Outcome.Code == OutcomeCodes.UnknownImport ? cell with { Verdict = Verdict.Fail } : cell);
        var results = JsonDocument.Parse(File.ReadAllText(Write("sarif", new ReportDocument(report)))).RootElement.GetProperty("runs")[0]
            .GetProperty("results").EnumerateArray();
        var missing = results.First(result => result.GetProperty("message")
            .GetProperty("text").GetString()!.StartsWith("wasmtime: env::time.resetTimer", StringComparison.Ordinal));
        Assert.That((missing.GetProperty("level").GetString(), missing.TryGetProperty("suppressions", out _)),
            Is.EqualTo(("error", false)));
    }

    [Test]
    public async Task Sarif_that_is_wrong_is_refused_by_the_validator()
    {
        var path = Write("sarif", new ReportDocument(SampleReport.Everything));
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"ruleIndex\": 0", "\"ruleIndex\": 77", StringComparison.Ordinal));
        Assert.That((await Consumers.AskAsync("sarif", path)).GetProperty("problems").GetArrayLength(), Is.GreaterThan(0));
    }

    [Test]
    public async Task Ctrf_fits_its_schema()
    {
        var path = Write("ctrf", new ReportDocument(SampleReport.Everything));
        await Consumers.AcceptAsync("ctrf", path);
        var tests = JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("results")
            .GetProperty("tests").EnumerateArray().ToList();
        var flaky = tests.Single(test => test.TryGetProperty("flaky", out _));
        Assert.That((flaky.GetProperty("name").GetString(), flaky.GetProperty("retries").GetInt32(),
            flaky.GetProperty("status").GetString()), Is.EqualTo(("chromium · counter-go · ten-increments", 1, "failed")));
    }

    [Test]
    public async Task The_badge_is_drawn_by_shields()
    {
        var red = await Consumers.AcceptAsync("badge", Write("badge", new ReportDocument(SampleReport.Everything)));
        var green = await Consumers.AcceptAsync("badge", Write("badge", new ReportDocument(SampleReport.Passing)));
        Assert.That(green.GetProperty("svg").GetString(), Does.Contain("wasm conformance: 6 pass"));
        Assert.That(red.GetProperty("svg").GetString(), Does.Contain("1 crashed"));
    }

    [Test]
    public void Markdown_is_one_table_and_nothing_that_a_guest_wrote_is_markup()
    {
        var text = File.ReadAllText(Write("markdown", new ReportDocument(SampleReport.Everything)));
        var html = Markdown.ToHtml(text, new MarkdownPipelineBuilder().UsePipeTables().Build());
        var document = XDocument.Parse($"<div>{html.Replace("<br>", "<br/>", StringComparison.Ordinal)}</div>");
        var rows = document.Descendants("tr").ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows, Has.Count.EqualTo(4));
            Assert.That(rows.Select(row => row.Elements().Count()), Is.All.EqualTo(6));
            Assert.That(document.Descendants("script"), Is.Empty);
            Assert.That(document.Root!.Value,
                Does.Contain("guest 11, host 10, server 10").And.Contain("./conformance repro counter-c/ten-increments/chromium"));
        }
    }

    [Test]
    public void Markdown_of_ten_thousand_cells_has_room_in_a_step_summary()
    {
        var report = SampleReport.Create([.. Enumerable.Range(0, 2000).Select(i => $"a-module-with-a-rather-long-name-{i:0000}")],
            ["a", "b", "c", "d", "e"], (_, _) => SampleReport.Fail());
        var path = Write("markdown", new ReportDocument(report));
        Assert.That(new FileInfo(path).Length, Is.LessThan(1024 * 1024));
        Assert.That(File.ReadAllText(path), Does.Contain("the report has them all"));
    }

    [Test]
    public void The_picture_has_a_square_for_every_cell()
    {
        XNamespace svg = "http://www.w3.org/2000/svg";
        var root = XDocument.Load(Write("svg", new ReportDocument(SampleReport.Everything))).Root!;
        var squares = root.Elements(svg + "rect").Select(rectangle => rectangle.Attribute("class")!.Value).ToList();
        Assert.That(squares,
            Is.EquivalentTo(new[] { "page", "red", "red", "red", "pass", "none", "red", "red", "red", "same", "none", "none", "xfail" }));
        Assert.That(root.Descendants(svg + "text").Select(text => text.Value),
            Has.Some.EqualTo("net-http-2022 · ten-increments").And.Some.EqualTo("xfail link: unknown-import"));
    }

    [Test]
    public void Trx_counts_and_its_parts_refer_to_each_other()
    {
        var root = XDocument.Load(Write("trx", new ReportDocument(SampleReport.Everything))).Root!;
        var counters = root.Descendants(Trx + "Counters").Single();
        var results = root.Descendants(Trx + "UnitTestResult").ToList();
        string Id(XElement element, string name) => element.Attribute(name)!.Value;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((Id(counters, "total"), Id(counters, "passed"), Id(counters, "failed"), Id(counters, "notExecuted")),
                Is.EqualTo(("11", "3", "6", "2")));
            Assert.That(root.Descendants(Trx + "UnitTest").Select(test => (Id(test, "id"), Id(test.Element(Trx + "Execution")!, "id"))),
                Is.EquivalentTo(results.Select(result => (Id(result, "testId"), Id(result, "executionId")))));
            Assert.That(root.Descendants(Trx + "TestEntry").Select(entry => Id(entry, "testId")),
                Is.EquivalentTo(results.Select(result => Id(result, "testId"))));
            Assert.That(results.Select(result => Id(result, "testId")).Distinct().Count(), Is.EqualTo(results.Count));
            Assert.That(Id(root.Element(Trx + "ResultSummary")!, "outcome"), Is.EqualTo("Failed"));
        }
    }

    [TestCaseSource(typeof(ReportFormats), nameof(ReportFormats.Names))]
    public void A_report_of_a_run_that_was_cut_short_never_looks_whole(string format)
    {
        var whole = SampleReport.Passing;
        var partial = whole with { Footer = null };
        var stopped = whole with { Footer = whole.Footer! with { Complete = false } };
        foreach (var report in new[] { partial, stopped })
        {
            var text = File.ReadAllText(Write(format, new ReportDocument(report)));
            Assert.That(text, Does.Contain("partial"), format);
        }

        Assert.That(File.ReadAllText(Write(format, new ReportDocument(whole))).Replace("state partial", "", StringComparison.Ordinal),
            format == "html" ? Does.Contain("\"incomplete\":null") : Does.Not.Contain("partial report"));
    }

    [TestCaseSource(typeof(ReportFormats), nameof(ReportFormats.Names))]
    public void A_part_of_a_run_never_looks_whole(string format)
    {
        var part = SampleReport.Passing with
        {
            Header = SampleReport.Passing.Header with { Shard = new Model.Reports.ShardInfo(2, 4, 24, new string('e', 64)) },
        };
        Assert.That(File.ReadAllText(Write(format, new ReportDocument(part))),
            format == "badge" ? Does.Contain("partial") : Does.Contain("part 2 of 4"));
    }

    [TestCase("junit")]
    [TestCase("sarif")]
    [TestCase("ctrf")]
    [TestCase("badge")]
    public async Task A_diff_is_read_by_the_same_programs(string format) => await Consumers.AcceptAsync(format, Write(format, Diff()));

    [Test]
    public void A_diff_as_tests_fails_for_regressions_only()
    {
        var root = XDocument.Load(Write("junit", Diff())).Root!;
        Assert.That(root.Descendants("failure").Select(failure => failure.Attribute("message")!.Value),
            Has.Some.Contains("pass 10/10/10 → fail 11/10/10"));
        Assert.That((root.Attribute("tests")!.Value, root.Attribute("failures")!.Value), Is.EqualTo(("3", "2")));
    }

    [Test]
    public void Whatever_a_guest_prints_the_xml_can_be_read() =>
        Gen.String.Sample(
            printed =>
            {
                var report = SampleReport.Passing.With(cell => cell.Seen(run => run with
                {
                    Stdout = new CapturedText(printed,
                    printed.Length, false),
                    Text = printed
                }) with
                {
                    Verdict = Verdict.Fail,
                    Departures = [new Departure("stdout", "10", printed)]
                });
                foreach (var format in new[] { "junit", "trx", "svg" })
                {
                    using var stream = new MemoryStream();
                    ReportFormats.ByName(format).Write(new ReportDocument(report), stream);
                    stream.Position = 0;
                    XDocument.Load(stream);
                }
            },
            iter: 300);

    [Test]
    public void A_file_that_can_not_be_written_leaves_what_was_there()
    {
        var path = _folder.Write("kept/badge.json", "what was there");
        Assert.That(() => WholeFile.Write(path, stream =>
        {
            stream.WriteByte(1);
            throw new IOException("No space left on device");
        }), Throws.InstanceOf<IOException>());
        Assert.That(File.ReadAllText(path), Is.EqualTo("what was there"));
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(path)!), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_new_report_takes_away_what_was_derived_from_the_one_before()
    {
        var folder = _folder.Sub("again");
        foreach (var format in ReportFormats.All)
            ReportFormats.WriteFile(format, new ReportDocument(SampleReport.Passing), Path.Combine(folder, format.FileName));
        using (ReportFormats.Begin(folder))
        {
            Assert.That(Directory.GetFiles(folder),
            Has.Length.EqualTo(ReportFormats.All.Length + 1), "what lies in a folder without a report is somebody's own");
        }

        using (ReportFormats.Begin(folder))
            Assert.That(Directory.GetFiles(folder).Select(Path.GetFileName), Is.EqualTo(new[] { ReportWriter.FileName }));
    }

    private static ReportDocument Diff()
    {
        var after = SampleReport.Passing.With(
            cell => cell is { Module: "counter-c", Runtime: "wasmer" } ? SampleReport.Fail() with { Id = cell.Id, Repro = cell.Repro }
            : cell is { Module: "counter-go", Runtime: "wasmer" } ? cell with { Verdict = Verdict.Xfail, Reason = "declared" } : cell);
        return new ReportDocument(after) { Diff = ReportDiff.Between(SampleReport.Passing, after) };
    }

    private string Write(string format, ReportDocument document)
    {
        var path = _folder.Sub($"{TestContext.CurrentContext.Test.ID}.{format}");
        ReportFormats.WriteFile(ReportFormats.ByName(format), document, path);
        return path;
    }
}
