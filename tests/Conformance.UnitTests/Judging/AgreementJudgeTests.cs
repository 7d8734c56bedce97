using System.Collections.Immutable;
using Conformance.Engine.Judging;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Manifests;
using Conformance.Model.Counters;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;
using CsCheck;

namespace Conformance.UnitTests.Judging;

/// <summary>Agreement as an expectation: declared by the outcomes, met or not.</summary>
[TestFixture]
public sealed class AgreementJudgeTests
{
    private static readonly DateOnly Today = new(2026, 11, 24);

    private static readonly Dictionary<string, string?> Versions = new() { ["a"] = "1.0.0", ["b"] = "2.0.0", ["c"] = "3.0.0" };

    private static readonly Expectation Ten = new() { Counts = new Counts(10, 10, 10) };

    private static readonly Expectation Refused = new()
    {
        Fails = new ExpectedFailure(Phase.Link, OutcomeCodes.UnknownImport, "env::f"),
        Reason = "nobody has it",
    };

    [Test]
    public void What_is_expected_to_be_alike_and_is_passes() =>
        Assert.That(Judged("a b", ("a", Ten), ("b", Ten)).Verdict, Is.EqualTo(Verdict.Pass));

    [Test]
    public void A_declared_split_that_happens_is_xfail_with_its_groups()
    {
        var judged = Judged("a b|c d", ("a", Ten), ("b", Ten),
            ("c", Refused), ("d", Refused with { Reason = "nor here", Fails = Refused.Fails! with { Import = "env::g" } }));
        Assert.That(judged.Verdict, Is.EqualTo(Verdict.Xfail), "reasons, and which import comes first, make no groups");
        Assert.That(judged.Expected!.Value.Select(group => string.Join(' ', group)), Is.EqualTo(new[] { "a b", "c d" }));
    }

    [Test]
    public void A_split_that_nobody_declared_fails() =>
        Assert.That(Judged("a|b", ("a", Ten), ("b", Ten)).Verdict, Is.EqualTo(Verdict.Fail));

    [Test]
    public void A_split_into_other_groups_fails() =>
        Assert.That(Judged("a c|b", ("a", Ten), ("b", Ten), ("c", Refused)).Verdict, Is.EqualTo(Verdict.Fail));

    [Test]
    public void A_declared_split_that_does_not_happen_is_xpass() =>
        Assert.That(Judged("a b", ("a", Ten), ("b", Refused)).Verdict, Is.EqualTo(Verdict.Xpass));

    [TestCase("a b|c", "a b|c", Verdict.Xfail)]
    [TestCase("a b|c", "a b|*", Verdict.Xfail)]
    [TestCase("a|b", "a b|c", Verdict.Fail)]
    [TestCase("a c|b", "a b|c", Verdict.Fail)]
    [TestCase("a b c", "a b|c", Verdict.Xpass)]
    [TestCase("a b", "a b|c", Verdict.Pass)]
    [TestCase("a b|c", "a b@>=2|b@<2 c", Verdict.Xfail)]
    [TestCase("a|b c", "a b@<2|b@>=2 c", Verdict.Xfail)]
    [TestCase("a|b c", "a b@>=2|b@<2 c", Verdict.Fail)]
    [TestCase("a|b", "a|c", Verdict.Xfail)]
    public void A_split_that_is_declared_with_its_groups_comes_before_the_outcomes(string seen, string declared, Verdict verdict)
    {
        var judged = Judged(seen, Split(declared));
        Assert.That(judged.Verdict, Is.EqualTo(verdict));
        Assert.That(judged.Reason, Is.EqualTo(judged.Expected!.Value.Length > 1 ? "because" : null), "of those that ran, some are to part");
        Assert.That(judged.Departures is null, Is.EqualTo(verdict is Verdict.Pass or Verdict.Xfail));
    }

    [Test]
    public void A_split_at_another_phase_than_declared_fails()
    {
        Assert.That(Judged("a|b", Split("a|b", Phase.Link)).Verdict, Is.EqualTo(Verdict.Xfail));
        var judged = Judged("a|b", Split("a|b", Phase.Compile));
        Assert.That((judged.Verdict, judged.Departures!.Value.Single()),
            Is.EqualTo((Verdict.Fail, new Departure("phase", "compile", "link"))));
    }

    [TestCase("a|b", Phase.Link, Phase.Link, Verdict.Xfail)]
    [TestCase("a|b", Phase.Compile, Phase.Link, Verdict.Xfail)]
    [TestCase("a|b", Phase.Compile, Phase.Run, Verdict.Fail, "link")]
    [TestCase("a|b", Phase.Run, Phase.Link, Verdict.Fail, "run or later")]
    [TestCase("a|b|c", Phase.Compile, Phase.Compile, Verdict.Xfail)]
    [TestCase("a|b|c", Phase.Compile, Phase.Link, Verdict.Fail, "compile")]
    public void Where_a_group_is_not_here_the_others_part_where_their_outcomes_say(string seen,
        Phase declared, Phase observed, Verdict verdict, string? expected = null)
    {
        var outcomes = Expected(("a", Ten), ("b", Refused), ("c", Refused with { Fails = Refused.Fails! with { Phase = Phase.Compile } }));
        var judged = AgreementJudge.Decide(Seen(seen) with { Phase = observed }, outcomes, Split("a|b|c", declared), Versions, Today);
        Assert.That((judged.Verdict, judged.Departures?.Single()),
            Is.EqualTo((verdict, expected is null ? null : new Departure("phase", expected, observed.Word()))));
    }

    [TestCase("a|b", Verdict.Fail)]
    [TestCase("a b", Verdict.Xpass)]
    public void A_split_that_has_expired_is_red_whether_it_happens_or_not(string seen, Verdict verdict) =>
        Assert.That(Judged(seen, Split("a|b", until: Today.AddDays(-1))) is var judged
            && judged.Verdict == verdict && judged.Departures!.Value[0].Observed == "expired: today is 2026-11-24", Is.True);

    [Test]
    public void A_split_is_accepted_to_its_last_day() =>
        Assert.That(Judged("a|b", Split("a|b", until: Today)).Verdict, Is.EqualTo(Verdict.Xfail));

    [Test]
    public void Groups_that_differ_are_told_in_one_order_the_largest_first()
    {
        var judged = Judged("d|c b|a", ("a", Refused), ("b", Ten), ("c", Ten), ("d", Ten));
        Assert.That(judged.Departures!.Value, Is.EqualTo(new[] { new Departure("groups", "b, c, d | a", "d | b, c | a") }));
        Assert.That(judged.Expected!.Value.Select(group => string.Join(' ', group)), Is.EqualTo(new[] { "b c d", "a" }));
    }

    [Test]
    public void Groups_of_one_size_are_in_the_order_of_their_first_runtimes() =>
        Assert.That(Judged("a|b", ("b", Ten), ("a", Refused)).Expected!.Value.Select(group => group[0]), Is.EqualTo(new[] { "a", "b" }));

    [Test]
    public void A_split_has_its_reason_and_its_link_where_runtimes_of_two_groups_are_here()
    {
        var (here, alone) = (Judged("a|b", Split("a|b")), Judged("a", Split("a|b")));
        Assert.That((here.Reason, here.Link, here.Departures),
            Is.EqualTo(("because", "https://example.com", (ImmutableArray<Departure>?)null)));
        Assert.That((alone.Reason, alone.Link, alone.Verdict), Is.EqualTo(((string?)null, (string?)null, Verdict.Pass)));
    }

    [Test]
    public void A_split_that_has_expired_is_told_with_its_days() =>
        Assert.That(Judged("a|b", Split("a|b", until: Today.AddDays(-1))).Departures!.Value,
            Is.EqualTo(new[] { new Departure("declaration", "accepted until 2026-11-23", "expired: today is 2026-11-24") }));

    [Test]
    public void Runtimes_that_did_not_run_are_in_no_group() =>
        Assert.That(Judged("a", ("a", Ten), ("b", Refused)).Verdict, Is.EqualTo(Verdict.Pass));

    [TestCase(AgreementResult.Poisoned)]
    [TestCase(AgreementResult.Unsupported)]
    public void What_can_not_be_compared_has_no_verdict(AgreementResult result) =>
        Assert.That(AgreementJudge.Decide(Seen("a|b") with { Result = result },
            Expected(("a", Ten), ("b", Ten)), null, Versions, Today).Verdict, Is.Null);

    [Test]
    public void Groups_are_met_exactly_where_expectation_and_observation_part_the_runtimes_alike() =>
        Gen.Select(Gen.Int[0, 3].Array[1, 6], Gen.Int[0, 3].Array[6]).Sample((expected, seen) =>
        {
            var ids = Enumerable.Range(0, expected.Length).Select(i => $"r{i}").ToList();
            var judged = AgreementJudge.Decide(
                Seen(string.Join('|', ids.GroupBy(id => seen[ids.IndexOf(id)]).Select(group => string.Join(' ', group)))),
                ids.ToDictionary(id => id, id => Ten with { Exit = expected[ids.IndexOf(id)] }),
                null,
                Versions,
                Today);
            var alike = ids.SelectMany(_ => ids, (a, b) => (a: ids.IndexOf(a), b: ids.IndexOf(b)))
                .All(p => expected[p.a] == expected[p.b] == (seen[p.a] == seen[p.b]));
            return judged.Verdict is Verdict.Pass or Verdict.Xfail == alike;
        });

    private static Agreement Judged(string groups, params (string Runtime, Expectation Expected)[] expectations) =>
        AgreementJudge.Decide(Seen(groups), Expected(expectations), null, Versions, Today);

    /// <summary>Held against a split that is declared with its groups: the outcomes say that all are to agree.</summary>
    private static Agreement Judged(string groups, DeclaredSplit split) =>
        AgreementJudge.Decide(Seen(groups) with { Phase = Phase.Link },
            groups.Split(' ', '|').ToDictionary(id => id, _ => Ten), split, Versions, Today);

    private static DeclaredSplit Split(string groups, Phase? phase = null, DateOnly? until = null)
    {
        Conditions Member(string member) => member.Split('@') is [var id, var range]
            && RuntimeVersionRange.TryParse(range, out var versions) ? new Conditions(id, versions) : new Conditions(member);
        return new DeclaredSplit([.. groups.Split('|').Select(group => group.Split(' ').Select(Member).ToImmutableArray())],
            phase, null, null, "because", "https://example.com", until);
    }

    private static Dictionary<string, Expectation> Expected(params (string Runtime, Expectation Expected)[] expectations) =>
        expectations.ToDictionary(e => e.Runtime, e => e.Expected);

    /// <summary>An agreement with the groups "a b|c".</summary>
    private static Agreement Seen(string groups)
    {
        ImmutableArray<ImmutableArray<string>> parts = [.. groups.Split('|').Select(group => group.Split(' ').ToImmutableArray())];
        return new Agreement
        {
            Module = "m",
            Scenario = "s",
            Groups = parts,
            Result = parts.Length == 1 ? AgreementResult.Unanimous : AgreementResult.Split,
            Phase = null,
            Sentence = "seen",
        };
    }
}
