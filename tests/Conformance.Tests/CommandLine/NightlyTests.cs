using Conformance.Reporting.Documents;
using Conformance.Reporting.Formats;
using Conformance.Reporting.Jsonl;
using Conformance.Tests.Reports;

namespace Conformance.Tests.CommandLine;

/// <summary>Nights, one after another, with a regression that comes and goes.</summary>
[Category("Portable")]
[TestFixture]
public sealed class NightlyTests
{
    [Test]
    public async Task A_regression_is_found_by_the_night_the_diff_and_the_history_and_told_ready_for_an_issue()
    {
        using var matrix = new FakeMatrix("counter-a", "counter-b");
        matrix.Runtime("steady", "counts");
        matrix.Runtime("other", "counts");
        var nights = matrix.Sub("nights");
        Task<CommandResult> NightAsync() => Command.RunAsync(["nightly", "--out", nights, .. matrix.Folders]);

        var first = await NightAsync();
        Assert.That((first.ExitCode, first.Output), Is.EqualTo((0, first.Output)), first.Error);
        Assert.That(first.Output, Does.Contain("there is no good night to compare with yet"));
        Assert.That(Top(nights), Is.EquivalentTo(ReportFormats.All.Select(format => format.FileName).Append("history.db")));

        matrix.Runtime("other", "lies-about-counts");
        var second = await NightAsync();
        Assert.That(second.ExitCode, Is.EqualTo(1), second.Error);
        Assert.That(second.Output, Does.Match(
            "since the last good night, .*: 4 cells compared: 2 regressions, 2 new splits, 2 agreements not as declared any more"));
        var issue = await File.ReadAllTextAsync(Path.Combine(nights, "issue.md"));
        Assert.That(issue.Split('\n')[0], Does.StartWith("Conformance regressed in the night of ").And.Contain("2 regressions"));
        Assert.That(issue, Does.Contain("### Regressions").And.Contain("**other** · counter-a · ten-increments").And.Contain(
            "./conformance repro counter-a/ten-increments/other"));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(nights, "index.html")),
            Does.Contain("\"changes\":2"), "the trend is in the page");

        // The night after is as bad, and is still held against the last good one.
        var third = await NightAsync();
        Assert.That((third.ExitCode, third.Output), Is.EqualTo((1, third.Output)));
        Assert.That(third.Output, Does.Contain("2 regressions"));

        matrix.Runtime("other", "counts");
        var fourth = await NightAsync();
        Assert.That(fourth.ExitCode, Is.Zero, fourth.Error);
        Assert.That(fourth.Output, Does.Contain("4 cells compared: no change"));
        Assert.That(Top(nights), Has.None.EqualTo("issue.md"));

        var cell = await Command.RunAsync("history", "cell", "counter-a/ten-increments/other", "--db", Path.Combine(nights, "history.db"));
        Assert.That(cell.Output.Split('\n').Select(line => line[18..]), Is.EqualTo(
            new[] { "pass 10/10/10 (other 1.0), 1 night", "fail 11/10/10 (other 1.0), 2 nights", "pass 10/10/10 (other 1.0), 1 night" }));
        var reports = Nights(nights);
        var diff = await Command.RunAsync("diff", reports[0], reports[1]);
        Assert.That((diff.ExitCode, diff.Output), Is.EqualTo((1, diff.Output)));
        Assert.That(diff.Output, Does.Contain("regression other · counter-a · ten-increments: pass 10/10/10 → fail 11/10/10"));
        Assert.That((await Command.RunAsync("diff", reports[1], reports[3])).ExitCode, Is.Zero, "fixes only");
        await Consumers.AcceptAsync("sarif", Path.Combine(reports[1], "conformance.sarif"));
    }

    [Test]
    public async Task A_night_that_was_killed_looks_like_nothing_and_the_next_one_passes_over_it()
    {
        using var matrix = new FakeMatrix("counter-a");
        matrix.Runtime("steady", "counts");
        var nights = matrix.Sub("nights");
        Assert.That((await Command.RunAsync(["nightly", "--out", nights, .. matrix.Folders])).ExitCode, Is.Zero);
        var page = await File.ReadAllTextAsync(Path.Combine(nights, "index.html"));

        matrix.Runtime("stuck", "hangs");
        using (var killed = await Command.StartAsync("pass ", ["nightly", "--out", nights, .. matrix.Folders]))
        {
            var workers = Processes.Descendants(killed.Id);
            killed.Kill();
            await killed.EndAsync();
            // The guest that spins was its worker's; who kills the harness alone leaves it to the test.
            Processes.End([.. workers.SelectMany(worker => Processes.Descendants(worker.Id).Append(worker))
                .Select(process => process.Id).Distinct()]);
        }

        Assert.That(await File.ReadAllTextAsync(Path.Combine(nights, "index.html")),
            Is.EqualTo(page), "what is on top is of the night before");
        var cut = Nights(nights)[1];
        Assert.That(Directory.GetFiles(cut).Select(Path.GetFileName), Is.EqualTo(new[] { ReportWriter.FileName }));
        Assert.That(ReportReader.Read(Path.Combine(cut, ReportWriter.FileName)).IsComplete, Is.False);
        foreach (string[] arguments in new[] { new[] { "diff", Nights(nights)[0], cut },
            ["history", "add", cut, "--db", Path.Combine(nights, "history.db")],
            ["merge", cut, "--out", matrix.Sub("merged")], ["nightly", "--report", cut, "--out", nights] })
        {
            var refused = await Command.RunAsync(arguments);
            Assert.That((refused.ExitCode, refused.Error), Is.EqualTo((2, refused.Error)), arguments[0]);
            Assert.That(refused.Error, Does.Contain("partial"), arguments[0]);
        }

        matrix.Runtime("stuck", "counts");
        var next = await Command.RunAsync(["nightly", "--out", nights, .. matrix.Folders]);
        Assert.That(next.ExitCode, Is.Zero, next.Error);
        var trend = await Command.RunAsync("history", "trend", "--db", Path.Combine(nights, "history.db"));
        Assert.That(trend.Output.Split('\n').Count(line => line.Contains(" pass", StringComparison.Ordinal)),
            Is.EqualTo(2), "two nights, and not the one that was cut short");
    }

    [Test]
    public async Task A_run_that_is_killed_leaves_no_form_of_an_earlier_one_beside_its_report()
    {
        using var matrix = new FakeMatrix("counter-a");
        matrix.Runtime("steady", "counts");
        var output = matrix.Sub("out");
        string[] run = ["run", "--out", output, .. ReportFormats.Names.SelectMany(name => new[] { "--format", name }), .. matrix.Folders];
        Assert.That((await Command.RunAsync(run)).ExitCode, Is.Zero);
        Assert.That(Directory.GetFiles(output), Has.Length.EqualTo(ReportFormats.All.Length + 1));

        matrix.Runtime("stuck", "hangs");
        using var killed = await Command.StartAsync("pass ", run);
        killed.Interrupt();
        Assert.That((await killed.EndAsync()).ExitCode, Is.EqualTo(130));
        Assert.That(Directory.GetFiles(output).Select(Path.GetFileName), Is.EqualTo(new[] { ReportWriter.FileName }));
        var shown = await Command.RunAsync("report", output, "--format", "badge");
        Assert.That((shown.ExitCode, shown.Output), Is.EqualTo((0, shown.Output)));
        Assert.That(shown.Output, Does.Contain("\"message\": \"partial\""));
        Assert.That(shown.Error, Does.Contain("partial report: the run was cut short after 1 cells"));
        Assert.That((await Command.RunAsync("show", output, "--check")).ExitCode, Is.EqualTo(1));
    }

    [Test]
    public async Task Old_nights_go_and_the_last_good_one_stays()
    {
        using var matrix = new FakeMatrix("counter-a");
        matrix.Runtime("steady", "counts");
        var nights = matrix.Sub("nights");
        string[] night = ["nightly", "--out", nights, "--keep", "1", .. matrix.Folders];
        await Command.RunAsync(night);
        var good = Nights(nights).Single();
        matrix.Runtime("steady", "lies-about-counts");
        for (var i = 0; i < 3; i++) Assert.That((await Command.RunAsync(night)).ExitCode, Is.EqualTo(1));
        Assert.That(Nights(nights), Has.Length.EqualTo(2).And.Member(good));
    }

    private static string[] Nights(string folder) =>
        [.. Directory.GetDirectories(Path.Combine(folder, "nights")).Order(StringComparer.Ordinal)];

    private static IEnumerable<string?> Top(string folder) => Directory.GetFiles(folder).Select(Path.GetFileName);
}
