using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Jsonl;
using Conformance.Reporting.Terminal;
using Conformance.Reporting.Wording;
using CsCheck;

namespace Conformance.UnitTests.Reports;

/// <summary>
/// A report in a terminal of any width: nothing is wider than it, no word is broken, what differs comes first, and who is not there takes
/// one line.
/// </summary>
[TestFixture]
public sealed class TerminalTests
{
    private static readonly string[] Names = ["chromium", "wasmtime", "node", "node-cli", "wasmer", "wasmer-js", "wazero",
        "lucet", "wamr", "wasmtime-cli", "iwasm", "wasmedge", "firefox", "webkit", "deno", "bun", "jco", "wasmi", "hermes-engine", "jsc"];

    [TestCase(2, 120)]
    [TestCase(2, 80)]
    [TestCase(2, 40)]
    [TestCase(9, 200)]
    [TestCase(9, 120)]
    [TestCase(9, 80)]
    [TestCase(9, 50)]
    [TestCase(20, 120)]
    [TestCase(20, 80)]
    [TestCase(20, 40)]
    public void Nothing_is_wider_than_the_terminal_and_no_word_is_broken(int runtimes, int width)
    {
        var report = Rich(Names[..runtimes]);
        var text = Show(report, width);
        Assert.That(text.Split('\n').Select(line => line.Length).Max(), Is.LessThanOrEqualTo(width), text);
        foreach (var word in report.Cells.Select(cell => cell.Module).Distinct())
            Assert.That(text, Does.Match($@"(^|\s|·){word}(\s|:|$)"), word);
        foreach (var runtime in report.Header.Runtimes.Where(runtime => runtime.Unavailable is null).Take(2))
            Assert.That(text, Does.Match($@"(^|[\s,=]){runtime.Id}([\s,:;]|$)"), runtime.Id);
    }

    [Test]
    public void What_differs_comes_first_and_what_agrees_takes_a_line_each()
    {
        var lines = Show(Rich(Names[..9]), 120).Split('\n');
        var red = Array.FindIndex(lines, line => line.Contains("counter-red"));
        var split = Array.FindIndex(lines, line => line.Contains("counter-parts"));
        var agreeing = lines.Select((line, i) => (line, i))
            .Where(pair => pair.line.Contains("counter-agrees-")).Select(pair => pair.i).ToList();
        Assert.That(red, Is.LessThan(split).And.GreaterThan(0));
        Assert.That(agreeing.Take(10), Is.EqualTo(Enumerable.Range(split + 1, 10)));
    }

    [Test]
    public void Who_is_not_there_has_no_column_and_one_line()
    {
        var report = Rich(Names[..4]);
        report = report with
        {
            Header = report.Header with
            {
                Runtimes = [.. report.Header.Runtimes, Missing("lucet", "retired in 2022, its successor is Wasmtime"), Missing("iwasm",
                    "'iwasm' is not on PATH (/x/runtime.toml:3)"), Missing("wasmedge", "'wasmedge' is not on PATH; and so on and on")],
            },
        };
        var text = Show(report, 120);
        Assert.That(text.Split('\n').Where(line => line.Contains("lucet")),
            Is.EqualTo(new[] { "unavailable: lucet (retired in 2022), iwasm ('iwasm' is not on PATH), wasmedge ('wasmedge' is not on PATH); --all says" }));
        Assert.That(Show(report, 120, all: true),
            Does.Contain("unavailable: lucet: retired in 2022, its successor is Wasmtime; to have it: do this\n"));
    }

    [Test]
    public void A_small_report_shows_what_was_seen_and_a_large_one_marks() => Assert.Multiple(() =>
    {
        Assert.That(Show(Rich(Names[..2]), 120), Does.Contain("10/10/10").And.Contain("link: unknown-import"));
        Assert.That(Show(Rich(Names[..9]), 120), Does.Not.Contain("10/10/10").And.Contain("✓ as expected"));
        Assert.That(Show(Rich(Names), 80), Does.Contain("1=chromium"));
        Assert.That(Show(Rich(Names), 40), Does.Contain("counter-parts: split at link"));
    });

    [Test]
    public void What_is_not_applicable_is_said_once() =>
        Assert.That(Show(Rich(Names[..9]), 120).Split('\n').Where(line => line.Contains("not applicable: ")),
            Is.EqualTo(new[] { "– not applicable: wasmer-js: runs commands only" }));

    [Test]
    public void Folding_keeps_every_word_and_the_width() =>
        Gen.Select(Gen.String[Gen.Char['a', 'z'], 1, 12].Array[1, 30], Gen.Int[12, 60], Gen.Int[0, 6]).Sample((words, width, indent) =>
    {
        var text = new string(' ', indent) + string.Join(' ', words);
        var lines = FoldedText.Fold(text, width).ToList();
        Assert.That(lines.Select(line => line.Length).Max(), Is.LessThanOrEqualTo(Math.Max(width, indent + words[0].Length)));
        Assert.That(lines.SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)), Is.EqualTo(words));
    });

    [TestCase("'iwasm' is not on PATH (/x/y.toml:6)", "'iwasm' is not on PATH")]
    [TestCase("retired in 2022, its successor is Wasmtime", "retired in 2022")]
    [TestCase("one two three four five six", "one two three four five…")]
    public void A_reason_has_five_words(string reason, string few) => Assert.That(CellWording.InFewWords(reason), Is.EqualTo(few));

    /// <summary>A red row, one that parts as declared, and ten that agree.</summary>
    private static Report Rich(string[] runtimes)
    {
        var report = SampleReport.Create(
            [.. Enumerable.Range(0, 10).Select(i => $"counter-agrees-{i}"), "counter-parts", "counter-red"],
            runtimes,
            (module, runtime) => module switch
            {
                "counter-parts" when runtime is "chromium" or "node" => SampleReport.Refused(),
                "counter-red" when runtime == "wasmtime" => SampleReport.Fail(),
                "counter-agrees-3" or "counter-agrees-4" when runtime == "wasmer-js" => SampleReport.Inapplicable(),
                _ => SampleReport.Pass(),
            });
        return report with
        {
            Footer = report.Footer! with
            {
                Agreements = [.. report.Footer.Agreements.Select(
                    agreement => agreement.Module == "counter-parts" ? agreement with { Verdict = Verdict.Xfail } : agreement)],
            },
        };
    }

    private static RuntimeInfo Missing(string id, string reason) =>
        new(id, null, null, null, new string('b', 64), [], [], new Model.Runtimes.Unavailability(reason, "do this"));

    private static string Show(Report report, int width, bool all = false) => TestTerminal.Show(width, view =>
    {
        view.WriteMatrix(report.Header, report.Cells, report.Footer!.Agreements);
        view.WriteDisagreements(report.Footer.Agreements);
        view.WriteUnavailable(report.Header, all);
        view.WriteSum(report.Header, report.Footer);
    });
}
