using System.Collections.Immutable;
using Conformance.Model;
using Conformance.Model.Comparing;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using CsCheck;

namespace Conformance.UnitTests.Judging;

[TestFixture]
public sealed class ComparisonTests
{
    [Test]
    public void The_same_observation_is_unanimous()
    {
        var agreement = Agree(Counted("a", 10), Counted("b", 10));
        Assert.That((agreement.Result, agreement.Sentence, agreement.Phase),
            Is.EqualTo((AgreementResult.Unanimous, "a, b: counted 10 three ways", (Phase?)null)));
    }

    [Test]
    public void Words_and_times_of_a_runtime_are_its_own()
    {
        var agreement = Agree(Failed("a", Phase.Link, "unknown-import", "in these words"),
            Failed("b", Phase.Link, "unknown-import", "in others").Seen(run => run with { TimingsMs = new Timings(1, 2, 3) }));
        Assert.That(agreement.Result, Is.EqualTo(AgreementResult.Unanimous));
    }

    [Test]
    public void Groups_split_at_the_earliest_phase_where_two_part()
    {
        var agreement = Agree(Counted("a", 10), Counted("b", 10),
            Failed("c", Phase.Run, "trap:unreachable", ""), Failed("d", Phase.Link, "unknown-import", ""));
        Assert.That((agreement.Result, agreement.Phase), Is.EqualTo((AgreementResult.Split, (Phase?)Phase.Link)));
        Assert.That(agreement.Groups.Select(g => string.Join(',', g)), Is.EqualTo(new[] { "a,b", "c", "d" }));
    }

    [Test]
    public void Who_gets_further_parts_from_who_does_not_where_that_one_stops()
    {
        CellLine early = Failed("a", Phase.Compile, "malformed", ""), late = Failed("b", Phase.Run, "malformed", "");
        Assert.That((Agree(early, late).Phase, Agree(late with { Id = new CellId("m", "s", "a") }, early with
        {
            Id = new CellId("m", "s", "b"),
        }).Phase), Is.EqualTo(((Phase?)Phase.Compile, (Phase?)Phase.Compile)));
    }

    [TestCase(60, 60, false)]
    [TestCase(61, 60, true)]
    public void Of_a_long_output_the_beginning_is_told(int length, int shown, bool cut)
    {
        CellLine Printed(string runtime, char letter) => Counted(runtime, 10).Seen(run => run with
        {
            Stdout = new CapturedText(new string(letter, length), length, false),
        });
        Assert.That(Agree(Printed("a", 'x'), Printed("b", 'y')).Sentence,
            Does.Contain($"stdout \"{new string('x', shown)}{(cut ? "…" : "")}\""));
    }

    /// <summary>Each is shown from where it parts from another: two that part later than a third are told apart as well.</summary>
    [Test]
    public void Of_outputs_of_many_lines_those_are_told_in_which_they_part()
    {
        var same = string.Concat(Enumerable.Range(1, 20).Select(n => $"check {n}: held\n"));
        CellLine Printed(string runtime, string end) => Counted(runtime, 10).Counted(null, null, 0).Seen(run => run with
        {
            Stdout = new CapturedText(same + end, same.Length + end.Length, false),
        });
        Assert.That(Agree(Printed("a", "dir: held\nlink: held\n"), Printed("b", "dir: held\nlink: let in\n"),
            Printed("c", "dir: let in\n")).Sentence, Is.EqualTo(
            "a: stdout line 21 \"dir: held\", line 22 \"link: held\"; b: stdout line 21 \"dir: held\", line 22 \"link: let in\"; c: stdout line 21 \"dir: let in\""));
    }

    [Test]
    public void Of_a_long_line_what_differs_is_told_with_a_little_before_it()
    {
        CellLine Printed(string runtime, char end) => Counted(runtime, 10).Seen(run => run with
        {
            Stdout = new CapturedText(new string('x', 500) + end, 501, false),
        });
        Assert.That(Agree(Printed("a", '1'), Printed("b", '2')).Sentence, Is.EqualTo(
            "a: counted 10 three ways, stdout \"…xxxxxxxxxxxxxxxxxxxx1\"; b: counted 10 three ways, stdout \"…xxxxxxxxxxxxxxxxxxxx2\""));
    }

    [Test]
    public void Counted_preflights_are_found_and_told_in_words()
    {
        var browser = Counted("browser", 20).Counted(20, 10, 20);
        browser = browser with
        {
            Observation = browser.Observation with { Journal = new JournalSummary(ImmutableSortedDictionary<string, int>.Empty, 10, 10) },
        };
        var agreement = Agree(browser, Counted("native", 10));
        Assert.That(agreement.Phase, Is.EqualTo(Phase.Observe));
        Assert.That(agreement.Sentence, Is.EqualTo(
            "browser: the guest read 20, the host sent 10, the server counted 20; native: counted 10 three ways (the server counted 10 CORS preflights (OPTIONS) of browser as increments)"));
    }

    [Test]
    public void Different_calls_part_at_run()
    {
        var agreement = Agree(Counted("a", 10), Counted("b", 9));
        Assert.That((agreement.Result, agreement.Phase), Is.EqualTo((AgreementResult.Split, (Phase?)Phase.Run)));
    }

    [TestCase(OutcomeCodes.TimedOut, "b ran out of time: the limit is the run's, and slower is not different")]
    [TestCase(OutcomeCodes.HostCallFailed, "b could not reach the counter server: the server is the run's")]
    [TestCase(OutcomeCodes.ResourceExhausted, "b ran out of memory: how much there is of it is each runtime's to set")]
    [TestCase("trap:call stack exhausted", "b ran out of stack: how much there is of it is each runtime's to set")]
    public void What_our_own_limits_cut_is_not_comparable(string code, string words)
    {
        var agreement = Agree(Counted("a", 10), Failed("b", Phase.Run, code, ""));
        Assert.That((agreement.Result, agreement.Sentence), Is.EqualTo((AgreementResult.Poisoned, "not comparable: " + words)));
    }

    [Test]
    public void Where_all_run_out_of_stack_they_agree() =>
        Assert.That(Agree(Failed("a", Phase.Run, "trap:call stack exhausted", ""),
            Failed("b", Phase.Run, "trap:call stack exhausted", "")).Result, Is.EqualTo(AgreementResult.Unanimous));

    [Test]
    public void What_is_the_same_in_a_few_words_is_told_by_what_differs()
    {
        var agreement = Agree(
            Counted("a", 10).Seen(run => run with { Stdout = new CapturedText("10\n", 3, false), Exit = 0 }),
                Counted("b", 10).Seen(run => run with { Stdout = new CapturedText("ten\n", 4, false), Exit = 0 }));
        Assert.That((agreement.Phase, agreement.Sentence),
            Is.EqualTo(((Phase?)Phase.Run, "a: counted 10 three ways, stdout \"10\\n\"; b: counted 10 three ways, stdout \"ten\\n\"")));
    }

    /// <summary>Whoever adds to what is observed must say whether runtimes are to agree on it.</summary>
    [Test]
    public void The_policy_has_a_rule_with_a_reason_for_every_part_of_an_observation()
    {
        var properties = new[] { typeof(Outcome), typeof(RunResult), typeof(Observation) }.SelectMany(type => type.GetProperties())
            .Where(property => property.CanWrite && property.GetMethod is { IsStatic: false });
        var parts = properties.Select(property => property.Name).Except([nameof(RunResult.Outcome),
            nameof(RunResult.Unknown), nameof(Observation.Run)]).Select(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName);
        Assert.That(ComparisonPolicy.Parts.Select(rule => rule.Name), Is.EquivalentTo(parts));
        Assert.That(ComparisonPolicy.Parts.Select(rule => rule.Reason).Concat(ComparisonPolicy.Poisons.Select(rule => rule.Reason)),
            Has.All.Not.Empty);
    }

    [Test]
    public void A_crash_parts_from_the_rest() =>
        Assert.That(Agree(Counted("a", 10), Failed("b", Phase.Run, OutcomeCodes.Crashed, "")).Result, Is.EqualTo(AgreementResult.Split));

    [Test]
    public void Cells_that_were_not_run_do_not_count()
    {
        Assert.That(Agree(Counted("a", 10), Failed("b", Phase.Load,
            OutcomeCodes.Unavailable, "") with
        { Verdict = Verdict.Unavailable }).Result, Is.EqualTo(AgreementResult.Unanimous));
        Assert.That(Agree(Failed("b", Phase.Load, OutcomeCodes.Unavailable, "") with { Verdict = Verdict.Unavailable }).Result,
            Is.EqualTo(AgreementResult.Unsupported));
    }

    [Test]
    public void The_order_in_which_cells_end_changes_nothing()
    {
        CellLine[] cells = [Counted("a", 10), Counted("b", 9),
            Failed("c", Phase.Link, "unknown-import", ""), Counted("d", 9), Failed("e", Phase.Run, "trap:unreachable", "")];
        var expected = Agree(cells);
        Gen.Shuffle(cells).Sample(shuffled =>
        {
            var agreement = Agree(shuffled);
            return agreement.Sentence == expected.Sentence && agreement.Phase == expected.Phase
                && agreement.Groups.Select(g => string.Join(',', g)).SequenceEqual(expected.Groups.Select(g => string.Join(',', g)));
        });
    }

    private static Agreement Agree(params CellLine[] cells) => Comparison.Agreements(cells).Single();

    private static CellLine Counted(string runtime, long count) => Line(runtime, new Observation(new RunResult
    {
        Outcome = Outcome.Success,
        HostCalls = [new HostCall("env", "main.incrementCount", (int)(count == 20 ? 10 : count), null, null)],
    })
    {
        Counts = new Counts(count, count, count),
    });

    private static CellLine Failed(string runtime, Phase phase, string code, string text) =>
        Line(runtime, new Observation(RunResult.Failed(phase, code, text)));

    private static CellLine Line(string runtime, Observation observation) => new()
    {
        Id = new CellId("m", "s", runtime),
        Verdict = Verdict.Pass,
        Observation = observation,
        Repro = "",
    };
}
