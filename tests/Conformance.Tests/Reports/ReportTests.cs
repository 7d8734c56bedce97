using Conformance.Model;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Jsonl;
using Conformance.Tests.Harness;

namespace Conformance.Tests.Reports;

[Category("Portable")]
[TestFixture]
public sealed class ReportTests
{
    private readonly TemporaryFolder _folder = new();
    private string _report = "";

    [OneTimeSetUp]
    public async Task WriteAReport()
    {
        var run = await new RecordedRun().RunAsync(Fakes.Plan(Fakes.CounterC,
            Fakes.Runtime(_folder, "counts"), Fakes.Runtime(_folder, "lies-about-counts"), Fakes.Runtime(_folder, "is-unavailable")));
        using var writer = new ReportWriter(_folder.Sub("out"));
        writer.OnHeader(run.Header!, 3);
        foreach (var cell in run.Cells) writer.OnCell(cell);
        writer.OnFooter(run.Footer!);
        _report = writer.Path;
    }

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void What_was_written_is_read()
    {
        var report = ReportReader.Read(_report);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(report.IsComplete, Is.True);
            Assert.That(report.Cells.Select(c => (c.Runtime, c.Verdict)), Is.EquivalentTo(
                new[] { ("counts", Verdict.Pass), ("lies-about-counts", Verdict.Fail), ("is-unavailable", Verdict.Unavailable) }));
            Assert.That(report.Footer!.Verdicts,
                Is.EquivalentTo(new Dictionary<string, int> { ["fail"] = 1, ["pass"] = 1, ["unavailable"] = 1 }));
            Assert.That(report.Header.Modules.Single().Sha256, Is.EqualTo(Fakes.CounterC.Sha256));
            Assert.That(report.Cells.Single(c => c.Runtime == "counts").Run.HostCalls.Select(c => c.Times), Is.EqualTo(new[] { 10, 1 }));
        }
    }

    [Test]
    public void Field_names_are_the_designs()
    {
        using var cell = System.Text.Json.JsonDocument.Parse(File.ReadLines(_report).First(l => l.Contains("\"runtime\":\"counts\"")));
        var fields = cell.RootElement.EnumerateObject().Select(p => p.Name).ToList();
        Assert.That(fields.Take(5), Is.EqualTo(new[] { "type", "module", "scenario", "runtime", "verdict" }));
        Assert.That(fields, Is.SupersetOf(new[] { "phase", "code", "text", "counts", "ledger", "exit", "timingsMs" }));
        Assert.That(cell.RootElement.GetProperty("counts").GetRawText(), Is.EqualTo("""{"guest":10,"host":10,"server":10}"""));
    }

    [Test]
    public void A_report_without_its_footer_is_read_as_partial()
    {
        var path = _folder.Write("partial.jsonl", string.Join('\n', File.ReadLines(_report).SkipLast(1)) + "\n");
        Assert.That((ReportReader.Read(path).IsComplete, ReportReader.Read(path).Cells.Length), Is.EqualTo((false, 3)));
    }

    [Test]
    public void A_last_line_that_was_cut_is_left_out()
    {
        var text = File.ReadAllText(_report);
        var path = _folder.Write("cut.jsonl", text[..^20]);
        Assert.That((ReportReader.Read(path).IsComplete, ReportReader.Read(path).Cells.Length), Is.EqualTo((false, 3)));
    }

    [Test]
    public void Unknown_fields_are_kept_and_unknown_lines_passed_over()
    {
        var lines = File.ReadAllLines(_report);
        lines[1] = lines[1][..^1] + ""","fromTheFuture":{"x":1}}""";
        var path = _folder.Write("future.jsonl",
            string.Join('\n', [.. lines[..2], """{"type":"weather","sun":true}""", .. lines[2..]]) + "\n");
        var report = ReportReader.Read(path);
        Assert.That(report.IsComplete, Is.True);
        Assert.That(System.Text.Json.JsonSerializer.Serialize(report.Cells[0], ModelJson.Readable.CellLine),
            Does.EndWith(""","fromTheFuture":{"x":1}}"""));
    }

    [TestCase("\"verdict\":\"pass\",", "", "verdict")]
    [TestCase("\"verdict\":\"pass\"", "\"verdict\":\"maybe\"", "verdict")]
    public void A_field_that_is_missing_or_wrong_is_an_error_with_its_line(string replace, string with, string field)
    {
        var path = _folder.Write("broken.jsonl", File.ReadAllText(_report).Replace(replace, with, StringComparison.Ordinal));
        var line = File.ReadAllLines(_report).ToList().FindIndex(l => l.Contains(replace)) + 1;
        Assert.That(() => ReportReader.Read(path),
            Throws.TypeOf<ReportFormatException>().With.Message.StartsWith($"{path}:{line}:").And.Message.Contains(field));
    }

    [Test]
    public void A_cell_that_is_there_twice_or_lost_is_an_error_with_its_line()
    {
        var lines = File.ReadAllLines(_report);
        var twice = _folder.Write("twice.jsonl", string.Join('\n', [.. lines[..2], lines[1], .. lines[2..]]) + "\n");
        Assert.That(() => ReportReader.Read(twice),
            Throws.TypeOf<ReportFormatException>().With.Message.StartsWith($"{twice}:3:").And.Message.Contains("is there already"));
        var lost = _folder.Write("lost.jsonl", string.Join('\n', [lines[0], .. lines[2..]]) + "\n");
        Assert.That(() => ReportReader.Read(lost),
            Throws.TypeOf<ReportFormatException>().With.Message.EqualTo($"{lost}:4: the footer counts 3 cells, and there are 2"));
    }

    [TestCase("")]
    [TestCase("hello\n")]
    [TestCase("[1]\n")]
    [TestCase("{\"type\":\"footer\"}\n")]
    public void What_is_no_report_is_refused(string text)
    {
        var path = _folder.Write("none.jsonl", text);
        Assert.That(() => ReportReader.Read(path), Throws.TypeOf<ReportFormatException>().With.Message.StartsWith($"{path}:1:"));
    }

    [Test]
    public void A_full_disk_is_an_error_and_not_a_report()
    {
        if (!File.Exists("/dev/full")) Assert.Inconclusive("/dev/full: there is none on this system");
        File.CreateSymbolicLink(Path.Combine(Directory.CreateDirectory(_folder.Sub("full")).FullName, ReportWriter.FileName), "/dev/full");
        using var writer = new ReportWriter(_folder.Sub("full"));
        Assert.That(() => writer.OnHeader(ReportReader.Read(_report).Header, 1), Throws.InstanceOf<IOException>());
    }
}
