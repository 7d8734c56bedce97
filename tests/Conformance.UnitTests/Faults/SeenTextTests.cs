using Conformance.Engine.Planning;
using Conformance.Model;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Formats;
using Conformance.Reporting.Terminal;
using Conformance.Wasm;
using CsCheck;

namespace Conformance.UnitTests.Faults;

/// <summary>What guests print can do nothing to a terminal, to a log that a system reads, or to who reads a report.</summary>
[Category("faults")]
[TestFixture]
public sealed class SeenTextTests
{
    [TestCase("\u001b]52;c;aGk=\u0007", "\\u{1b}]52;c;aGk=\\u{7}")]
    [TestCase("\u001b[2Jgone", "\\u{1b}[2Jgone")]
    [TestCase("fail\rpass", "fail\\u{d}pass")]
    [TestCase("two\r\nlines", "two\nlines")]
    [TestCase("\u009b31m", "\\u{9b}31m")]
    [TestCase("right\u202eleft", "right\\u{202e}left")]
    [TestCase("::error file=x::forged", "\\u{3a}:error file=x::forged")]
    [TestCase("a word ::set-output name=x::y", "a word \\u{3a}:set-output name=x::y")]
    [TestCase("line\n  ::warning::z", "line\n  \\u{3a}:warning::z")]
    [TestCase("##vso[task.setvariable variable=x]y", "\\u{23}#vso[task.setvariable variable=x]y")]
    [TestCase("in it ##[error]z", "in it \\u{23}#[error]z")]
    [TestCase("env::main.getCount", "env::main.getCount")]
    [TestCase("## a heading", "## a heading")]
    public void It_is_seen_and_does_nothing(string text, string seen) => Assert.That(TextName.Seen(text), Is.EqualTo(seen));

    [Test]
    public void Nothing_that_is_seen_commands_anybody() => Gen.String[Gen.Char["\u001b\u0007\r\n\t :#[]vsoerror‮a"], 0, 40].Sample(text =>
    {
        var seen = TextName.Seen(text);
        return seen.All(c => c is '\n' or '\t' || !char.IsControl(c)) && !seen.Contains("##[", StringComparison.Ordinal)
            && !seen.Contains("##vso[", StringComparison.Ordinal)
            && seen.Split('\n').All(line => !System.Text.RegularExpressions.Regex.IsMatch(line.TrimStart(), "^::[A-Za-z]"))
            && TextName.Seen(seen) == seen;
    });

    /// <summary>A cell whose every text is hostile, in every form.</summary>
    [Test]
    public void No_form_of_a_report_has_what_a_guest_wrote_as_it_was()
    {
        const string Hostile = "\u001b]0;title\u0007\u202e\r::error::forged ##vso[x]";
        var report = SampleReport.Passing.With(cell => SampleReport.Fail() with
        {
            Id = cell.Id,
            Reason = Hostile,
            Remedy = Hostile,
            Observation = cell.Observation with
            {
                WorkerStderr = Hostile,
                Run = cell.Run with
                {
                    Text = Hostile,
                    Stdout = cell.Run.Stdout with { Text = Hostile },
                    Stderr = cell.Run.Stderr with { Text = Hostile },
                },
            },
        });
        foreach (var format in ReportFormats.All.Where(format => format.Name is "markdown" or "junit" or "trx" or "svg"))
        {
            using var written = new MemoryStream();
            format.Write(new ReportDocument(report), written);
            var text = System.Text.Encoding.UTF8.GetString(written.ToArray());
            Assert.That(text, Does.Not.Contain("\u001b").And.Not.Contain("\u202e").And.Not.Contain("##vso["), format.Name);
        }

        var terminal = PlainText.Render(view =>
        {
            view.WriteUnexpected(report.Cells);
            foreach (var cell in report.Cells) view.WriteCell(cell);
        });
        Assert.That(terminal, Does.Not.Contain("\u001b").And.Not.Contain("\u202e").And.Not.Contain("##vso[").And.Not.Contain("\n::"));
    }

    [TestCase("m/s/r", "./conformance repro m/s/r")]
    [TestCase("m $(id)/s/r", "./conformance repro 'm $(id)/s/r'")]
    [TestCase("it's/s/r", "./conformance repro 'it'\\''s/s/r'")]
    [TestCase("-o/s/r", "./conformance repro -- -o/s/r")]
    public void The_line_that_runs_a_cell_again_is_one_argument_for_a_shell(string id, string line)
    {
        var parts = id.Split('/');
        Assert.That(Installation.Find().Repro(new CellId(parts[0], parts[1], parts[2]), "correct"), Is.EqualTo(line));
    }
}
