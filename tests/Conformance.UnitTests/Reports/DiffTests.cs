using Conformance.Model;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Model.Runtimes;
using Conformance.Reporting.Diffing;
using Conformance.Reporting.Jsonl;

namespace Conformance.UnitTests.Reports;

[TestFixture]
public sealed class DiffTests
{
    private static Report Before => SampleReport.Passing;

    [Test]
    public void Nothing_changed_between_a_report_and_itself()
    {
        var diff = ReportDiff.Between(SampleReport.Everything, SampleReport.Everything);
        Assert.That((diff.Cells.Length, diff.Agreements.Length, diff.HasRegressions, diff.Sum),
            Is.EqualTo((0, 0, false, "9 cells compared: no change")));
    }

    [Test]
    public void What_is_red_now_and_was_not_is_a_regression_with_its_new_split()
    {
        var diff = ReportDiff.Between(Before, One(SampleReport.Fail()));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(diff.Cells.Single(),
                Has.Property("Kind").EqualTo(ChangeKind.Regression).And.Property("Words").EqualTo("pass 10/10/10 → fail 11/10/10"));
            Assert.That(diff.Agreements.Single(), Has.Property("NewSplit").True.And.Property("Kind").EqualTo(ChangeKind.Regression));
            Assert.That(diff.HasRegressions, Is.True);
            Assert.That(diff.Sum, Is.EqualTo("6 cells compared: 1 regression, 1 new split, 1 agreement not as declared any more"));
        }
    }

    [Test]
    public void And_the_other_way_round_it_is_a_fix()
    {
        var diff = ReportDiff.Between(One(SampleReport.Fail()), Before);
        Assert.That((diff.Cells.Single().Kind, diff.Agreements.Single().Kind, diff.HasRegressions),
            Is.EqualTo((ChangeKind.Fix, ChangeKind.Fix, false)));
    }

    [TestCase(Verdict.Xfail, ChangeKind.Changed)]
    [TestCase(Verdict.Skipped, ChangeKind.Changed)]
    [TestCase(Verdict.Unavailable, ChangeKind.Regression)]
    [TestCase(Verdict.Xpass, ChangeKind.Regression)]
    [TestCase(Verdict.Flaky, ChangeKind.Regression)]
    [TestCase(Verdict.TimedOut, ChangeKind.Regression)]
    public void A_passing_cell_becomes(Verdict verdict, ChangeKind kind) =>
        Assert.That(ReportDiff.Between(Before, One(SampleReport.Pass().Seen(
            run => run with
            {
                Outcome = run.Outcome with
                {
                    Code = verdict == Verdict.Skipped
            ? OutcomeCodes.Skipped : null
                }
            }) with
        {
            Verdict = verdict,
            Other = verdict == Verdict.Flaky
            ? new OtherObservation(2, Verdict.Fail, SampleReport.Fail().Observation) : null
        })).Cells.Single().Kind, Is.EqualTo(kind));

    [Test]
    public void What_passed_and_is_not_applicable_any_more_is_not_known_any_more() =>
        Assert.That(ReportDiff.Between(Before, One(SampleReport.Inapplicable())).Cells.Single(),
            Has.Property("Kind").EqualTo(ChangeKind.Regression));

    [Test]
    public void What_was_refused_and_is_called_not_applicable_now_is_a_change() =>
        Assert.That(ReportDiff.Between(One(SampleReport.Inapplicable() with { Verdict = Verdict.Xfail }),
            One(SampleReport.Inapplicable())).Cells.Single(), Has.Property("Kind").EqualTo(ChangeKind.Changed));

    [Test]
    public void The_same_verdict_with_another_output_is_a_change_that_says_where()
    {
        var diff = ReportDiff.Between(Before,
            One(SampleReport.Pass().Seen(run => run with { Stdout = new CapturedText("ten\n", 4, false) })));
        Assert.That((diff.Cells.Single().Kind, diff.Cells.Single().Words),
            Is.EqualTo((ChangeKind.Changed, "pass 10/10/10, but stdout differ")));
    }

    [Test]
    public void The_same_counts_with_another_verdict_say_why()
    {
        var diff = ReportDiff.Between(Before,
            One(SampleReport.Pass() with { Verdict = Verdict.Fail, Departures = [new Departure("counts", "11", "10")] }));
        Assert.That(diff.Cells.Single().Words, Is.EqualTo("pass 10/10/10 → fail 10/10/10: counts: expected 11, observed 10"));
    }

    [Test]
    public void Times_and_words_are_no_change()
    {
        var slower = SampleReport.Pass().Seen(run => run with { TimingsMs = new Timings(99, 99, 99) });
        Assert.That(ReportDiff.Between(Before, One(slower with { Observation = slower.Observation with { WorkerStderr = "hello" } })).Cells,
            Is.Empty);
    }

    [Test]
    public void Cells_come_and_go()
    {
        var after = SampleReport.Create(["counter-c", "counter-new"], ["chromium", "wasmer", "wasmtime"], (_, _) => SampleReport.Pass());
        var diff = ReportDiff.Between(Before, after);
        Assert.That(diff.Cells.Select(change => (change.Kind, change.Module)).Distinct(),
            Is.EqualTo(new[] { (ChangeKind.Added, "counter-new"), (ChangeKind.Removed, "counter-go") }));
        Assert.That(diff.HasRegressions, Is.False);
    }

    [Test]
    public void Modules_of_other_bytes_are_not_compared_and_it_is_said()
    {
        var after = One(SampleReport.Fail());
        var diff = ReportDiff.Between(Before, after with
        {
            Header = after.Header with
            {
                Modules = [after.Header.Modules[0] with { Sha256 = new string('f', 64) }, after.Header.Modules[1]],
            },
        });
        Assert.That((diff.Cells.Length, diff.Compared, diff.HasRegressions), Is.EqualTo((0, 3, false)));
        Assert.That(diff.NotCompared.Single(), Is.EqualTo("counter-c is another binary (cccccccccccc, now ffffffffffff)"));
    }

    [Test]
    public void What_may_explain_a_change_is_said()
    {
        var header = Before.Header;
        var after = Before with
        {
            Header = header with
            {
                Harness = "1.1.0",
                Runtimes = [header.Runtimes[0] with { Version = "9.9" }, header.Runtimes[1] with { Sha256 = new string('9', 64) },
                    header.Runtimes[2] with { Unavailable = new Unavailability("gone", "get it"), Version = null, Sha256 = null }],
                Modules = [.. header.Modules.Select(module => module with { ManifestSha256 = new string('8', 64) })],
            },
        };
        Assert.That(ReportDiff.Between(Before, after).Notes, Is.EqualTo(new[]
        {
            "chromium: 1.2.3, now 9.9", "wasmer 1.2.3: the same version from other files (aaaaaaaaaaaa, now 999999999999)",
                "wasmtime: 1.2.3, now unavailable", "other expectations: counter-c, counter-go",
                "harness: 1.0.0+0123456789abcdef, now 1.1.0",
        }));
    }

    [TestCaseSource(nameof(Incomparable))]
    public void What_can_not_be_compared_is_refused(Func<Report, Report> change, string reason)
    {
        Assert.That(() => ReportDiff.Between(Before, change(Before)),
            Throws.TypeOf<IncomparableReportsException>().With.Message.Contains(reason));
        Assert.That(() => ReportDiff.Between(change(Before), Before), Throws.TypeOf<IncomparableReportsException>());
    }

    private static IEnumerable<TestCaseData> Incomparable()
    {
        TestCaseData Case(string name, Func<Report, Report> change, string reason) =>
            new TestCaseData(change, reason).SetName($"not comparable: {name}");
        yield return Case("no footer", report => report with { Footer = null },
            "the second is partial: its run was cut short after 6 cells");
        yield return Case("stopped", report => report with { Footer = report.Footer! with { Complete = false } }, "partial");
        yield return Case("a shard", report => report with { Header = report.Header with { Shard = new ShardInfo(1, 2, 12, "x") } },
            "part 1 of 2: merge the parts first");
        yield return Case("schema", report => report with { Header = report.Header with { Schema = 2 } }, "one has schema 1, the other 2");
        yield return Case("server",
            report => report with { Header = report.Header with { Server = report.Header.Server with { Variant = "article-2022" } } },
            "article-2022");
        yield return Case("architecture",
            report => report with { Header = report.Header with { Machine = report.Header.Machine with { Architecture = "arm64" } } },
            "Linux on arm64");
        yield return Case("system", report =>
            report with { Header = report.Header with { Machine = report.Header.Machine with { Os = "Microsoft Windows 10.0.26100" } } },
            "Windows on x64");
        yield return Case("all modules", report => report with
        {
            Header = report.Header with
            {
                Modules = [.. report.Header.Modules.Select(
            module => module with { Sha256 = new string('f', 64) })]
            }
        }, "counter-c is another binary");
        yield return Case("no common cell", report => report.With(
            cell => cell with { Id = new CellId(cell.Module + "-2", cell.Scenario, cell.Runtime) }), "no cell in common");
    }

    private static Report One(CellLine with) =>
        Before.With(cell => cell is { Module: "counter-c", Runtime: "wasmer" } ? with with { Id = cell.Id, Repro = cell.Repro } : cell);
}
