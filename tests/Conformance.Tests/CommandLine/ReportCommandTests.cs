using Conformance.Reporting.Documents;
using Conformance.Reporting.Formats;
using Conformance.Tests.Reports;

namespace Conformance.Tests.CommandLine;

/// <summary>The commands that only read reports.</summary>
[Category("Portable")]
[TestFixture]
public sealed class ReportCommandTests
{
    private readonly TemporaryFolder _folder = new();
    private string _report = "";

    [OneTimeSetUp]
    public void WriteAReport() => _report = SampleReport.Everything.Write(_folder, "sample");

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCaseSource(typeof(ReportFormats), nameof(ReportFormats.Names))]
    public async Task Every_format_is_written_to_a_file_and_to_stdout(string format)
    {
        var path = _folder.Sub("out", $"file.{format}");
        var written = await Command.RunAsync("report", _report, "--format", format, "--out", path);
        var printed = await Command.RunAsync("report", Path.GetDirectoryName(_report)!, "--format", format);
        Assert.That((written.ExitCode, printed.ExitCode), Is.EqualTo((0, 0)), written.Error);
        Assert.That(printed.Output.TrimEnd().ReplaceLineEndings("\n"),
            Is.EqualTo(File.ReadAllText(path).TrimEnd().ReplaceLineEndings("\n")));
    }

    [TestCase(new[] { "report", "REPORT" }, "--format")]
    [TestCase(new[] { "report", "REPORT", "--format", "pdf" }, "pdf")]
    [TestCase(new[] { "report", "NOWHERE", "--format", "html" }, "NOWHERE: there is no such report")]
    [TestCase(new[] { "report", "REPORT", "--format", "html", "--history", "NOWHERE" }, "NOWHERE: there is no such history")]
    [TestCase(new[] { "diff", "REPORT", "REPORT", "--out", "x" }, "--out is for --format")]
    [TestCase(new[] { "history", "cell", "a/b", "--db", "NOWHERE" }, "\"a/b\" is no cell")]
    [TestCase(new[] { "history", "trend", "--db", "NOWHERE" }, "there is no such history")]
    [TestCase(new[] { "history", "prune", "--db", "NOWHERE", "--keep", "0" }, "--keep must be between 1 and 100000")]
    public async Task What_is_wrong_is_told_in_one_line(string[] arguments, string words)
    {
        var result = await Command.RunAsync([.. arguments.Select(argument => argument.Replace("REPORT", _report, StringComparison.Ordinal)
            .Replace("NOWHERE", _folder.Sub("nowhere"), StringComparison.Ordinal))]);
        Assert.That(result.ExitCode, Is.EqualTo(2), result.Error);
        Assert.That(result.Error, Does.Contain(words.Replace("NOWHERE", _folder.Sub("nowhere"), StringComparison.Ordinal)));
        Assert.That(result.Output, Is.Empty);
    }

    [Test]
    public async Task A_place_that_can_not_be_written_is_the_environments_fault()
    {
        var result = await Command.RunAsync("report", _report,
            "--format", "html", "--out", Path.Combine(_report, "below-a-file", "x.html"));
        Assert.That((result.ExitCode, result.Error.Split('\n').Length), Is.EqualTo((3, 2)), result.Error);
    }

    [Test]
    public async Task A_run_writes_what_its_configuration_names()
    {
        using var matrix = new FakeMatrix("counter-a");
        matrix.Runtime("steady", "counts");
        var configuration = _folder.Write("conformance.toml", "[report]\nformats = [\"junit\", \"svg\"]\n");
        var result = await Command.RunAsync(["run", "--config", configuration, "--out", matrix.Sub("out"), .. matrix.Folders]);
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(Directory.GetFiles(matrix.Sub("out")).Select(Path.GetFileName),
            Is.EquivalentTo(new[] { "report.jsonl", "junit.xml", "matrix.svg" }));
    }

    [TestCase("[report]\nformats = [\"pdf\"]\n", ":2:1: there is no format \"pdf\"; there are html, junit")]
    [TestCase("[report]\nformat = [\"html\"]\n", ":2:1: unknown key 'report.format'")]
    [TestCase("[report\n", ":1:")]
    public async Task A_configuration_that_is_wrong_is_told_with_its_place(string text, string words)
    {
        var configuration = _folder.Write("wrong.toml", text);
        var result = await Command.RunAsync("run", "--config", configuration);
        Assert.That(result.ExitCode, Is.EqualTo(2), result.Output);
        Assert.That(result.Error, Does.StartWith($"{configuration}{words}"));
    }
}
