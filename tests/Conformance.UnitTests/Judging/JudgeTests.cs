using Conformance.Engine.Judging;
using Conformance.Engine.Planning;
using Conformance.Manifests;
using Conformance.Model.Counters;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;

namespace Conformance.UnitTests.Judging;

[TestFixture]
public sealed class JudgeTests
{
    private static readonly Circumstances Correct = new("correct", "50.0.1", "linux", new DateOnly(2026, 11, 24));

    private static readonly Circumstances Article = Correct with { ServerVariant = "article-2022" };

    private static readonly Expectation Ten = new() { Counts = new Counts(10, 10, 10), Stdout = "10\n", Exit = 0 };

    private static readonly Expectation Refused = new()
    {
        Fails = new ExpectedFailure(Phase.Link, OutcomeCodes.UnknownImport, "env::f"),
        Reason = "nobody has it",
    };

    private static readonly Difference Twenty = new(new Conditions("wasm*", ServerVariant: "article-2022"), false, new Expectation
    {
        Counts = new Counts(20, 10, 20),
        Stdout = "20\n",
        Reason = "preflights",
    });

    [Test]
    public void All_as_expected_passes() => Assert.That(Judge.Decide(Cell(Ten), Counted(10), Correct).Verdict, Is.EqualTo(Verdict.Pass));

    [Test]
    public void Any_departure_fails_and_is_named()
    {
        var observation = Counted(10) with { Run = Counted(10).Run with { Exit = 1 }, Counts = new Counts(10, 10, 9) };
        var judgement = Judge.Decide(Cell(Ten), observation, Correct);
        Assert.That(judgement.Verdict, Is.EqualTo(Verdict.Fail));
        Assert.That(judgement.Departures.Select(d => $"{d.What}: {d.Expected} / {d.Observed}"),
            Is.EqualTo(new[] { "counts: 10 / guest 10, host 10, server 9", "exit: 0 / 1" }));
    }

    [Test]
    public void An_exit_code_is_a_failure_unless_it_is_the_one_that_is_expected()
    {
        var three = Counted(10) with
        {
            Run = Counted(10).Run with { Outcome = Outcome.Failure(Phase.Run, OutcomeCodes.Exit(3)), Text = "no luck", Exit = 3 },
        };
        Assert.That(Judge.Decide(Cell(Ten with { Exit = 3 }), three, Correct).Verdict, Is.EqualTo(Verdict.Pass));
        var judgement = Judge.Decide(Cell(Ten), three, Correct);
        Assert.That((judgement.Verdict, judgement.Departures.Single().Observed), Is.EqualTo((Verdict.Fail, "exit:3 at run: no luck")));
        var fails = new Expectation { Fails = new ExpectedFailure(Phase.Run, "exit:3", null), Reason = "it must" };
        Assert.That(Judge.Decide(Cell(fails), three, Correct).Verdict, Is.EqualTo(Verdict.Xfail));
        Assert.That(Judge.Decide(Cell(fails), Counted(10), Correct).Verdict, Is.EqualTo(Verdict.Xpass));
    }

    [Test]
    public void A_missing_account_is_a_departure() =>
        Assert.That(Judge.Decide(Cell(Ten), Counted(10) with { Counts = new Counts(10, 10, null) }, Correct).Verdict,
            Is.EqualTo(Verdict.Fail));

    [Test]
    public void A_declared_failure_that_happens_is_xfail_with_its_reason()
    {
        var judgement = Judge.Decide(Cell(Refused),
            Failed(Phase.Link, OutcomeCodes.UnknownImport, "unknown import: `env::f` has not been defined"), Correct);
        Assert.That((judgement.Verdict, judgement.Reason), Is.EqualTo((Verdict.Xfail, "nobody has it")));
    }

    [TestCase(Phase.Run, OutcomeCodes.UnknownImport, "env f")]
    [TestCase(Phase.Link, OutcomeCodes.IncompatibleType, "env f")]
    [TestCase(Phase.Link, OutcomeCodes.UnknownImport, "some other import")]
    public void A_declared_failure_that_happens_otherwise_fails(Phase phase, string code, string text) =>
        Assert.That(Judge.Decide(Cell(Refused), Failed(phase, code, text), Correct).Verdict, Is.EqualTo(Verdict.Fail));

    [Test]
    public void A_declared_failure_that_does_not_happen_is_xpass() =>
        Assert.That(Judge.Decide(Cell(Refused), Counted(10), Correct).Verdict, Is.EqualTo(Verdict.Xpass));

    [Test]
    public void A_declared_difference_counts_on_its_server_variant_only()
    {
        var cell = Cell(Ten, Twenty);
        var twenty = Counted(20) with { Counts = new Counts(20, 10, 20) };
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Judge.Decide(cell, twenty, Article).Verdict, Is.EqualTo(Verdict.Xfail));
            Assert.That(Judge.Decide(cell, Counted(10), Article).Verdict, Is.EqualTo(Verdict.Xpass));
            Assert.That(Judge.Decide(cell, Counted(7), Article).Verdict, Is.EqualTo(Verdict.Fail));
            Assert.That(Judge.Decide(cell, Counted(10), Correct).Verdict, Is.EqualTo(Verdict.Pass));
            Assert.That(Judge.Decide(cell, twenty, Correct).Verdict, Is.EqualTo(Verdict.Fail));
        }
    }

    [TestCase("50.0.1", Verdict.Xfail)]
    [TestCase("49.9", Verdict.Xfail)]
    [TestCase("51.0.8078.73", Verdict.Fail)]
    [TestCase("51-rc.1", Verdict.Fail)]
    [TestCase(null, Verdict.Fail)]
    public void A_declared_difference_counts_for_its_versions_only(string? version, Verdict verdict)
    {
        Assert.That(RuntimeVersionRange.TryParse("<51", out var range), Is.True);
        var cell = Cell(Ten, new Difference(new Conditions("wasm*", range), false, Refused));
        Assert.That(Judge.Decide(cell, Failed(Phase.Link, OutcomeCodes.UnknownImport, "env f"),
            Correct with { RuntimeVersion = version }).Verdict, Is.EqualTo(verdict));
    }

    [TestCase("linux", Verdict.Xfail)]
    [TestCase("macos", Verdict.Fail)]
    public void A_declared_difference_counts_on_its_system_only(string os, Verdict verdict)
    {
        var cell = Cell(Ten, new Difference(new Conditions("wasm*", Os: "linux"), false, Refused));
        Assert.That(Judge.Decide(cell, Failed(Phase.Link, OutcomeCodes.UnknownImport, "env f"), Correct with { Os = os }).Verdict,
            Is.EqualTo(verdict));
    }

    [TestCase(24, Verdict.Xfail)]
    [TestCase(23, Verdict.Fail)]
    public void An_expired_departure_is_red_whether_it_happens_or_not(int until, Verdict verdict)
    {
        var expiring = Refused with { Until = new DateOnly(2026, 11, until) };
        var refused = Failed(Phase.Link, OutcomeCodes.UnknownImport, "env f");
        var judgement = Judge.Decide(Cell(expiring), refused, Correct);
        Assert.That(judgement.Verdict, Is.EqualTo(verdict));
        var skip = Cell(Ten, new Difference(new Conditions("wasmtime"), true, expiring));
        Assert.That(Judge.Skipped(skip, Correct) is null, Is.EqualTo(verdict == Verdict.Fail), "what is expired is run");
        if (verdict == Verdict.Xfail) return;
        Assert.That(judgement.Departures.Single(),
            Is.EqualTo(new Departure("declaration", "accepted until 2026-11-23", "expired: today is 2026-11-24")));
        Assert.That(Judge.Decide(Cell(expiring), Counted(10), Correct).Verdict, Is.EqualTo(Verdict.Fail));
    }

    [TestCase(OutcomeCodes.Crashed, Verdict.Crashed)]
    [TestCase(OutcomeCodes.ProtocolError, Verdict.Crashed)]
    [TestCase(OutcomeCodes.TimedOut, Verdict.TimedOut)]
    [TestCase(OutcomeCodes.Unavailable, Verdict.Unavailable)]
    [TestCase(OutcomeCodes.Unmapped, Verdict.Fail)]
    public void An_outcome_has_its_verdict(string code, Verdict verdict) =>
        Assert.That(Judge.Decide(Cell(Ten), Failed(Phase.Run, code, "words"), Correct).Verdict, Is.EqualTo(verdict));

    [Test]
    public void A_scenario_that_expects_nothing_still_expects_to_get_through() =>
        Assert.That(Judge.Decide(Cell(new Expectation()), Failed(Phase.Run, Trap.Unreachable.Code, "unreachable"), Correct).Verdict,
            Is.EqualTo(Verdict.Fail));

    [Test]
    public void A_declared_skip_is_not_run()
    {
        var cell = Cell(Ten, new Difference(new Conditions("wasmtime"), true, new Expectation { Reason = "too old" }));
        Assert.That((Judge.Skipped(cell, Correct)!.Verdict, Judge.Skipped(cell, Correct)!.Reason),
            Is.EqualTo((Verdict.Skipped, "too old")));
    }

    [TestCaseSource(nameof(Departing))]
    public void What_departs_is_told_with_what_was_expected_and_what_was_seen(Expectation expected, Observation seen, string departures) =>
        Assert.That(string.Join("; ", Judge.Decide(Cell(expected), seen, Correct).Departures), Is.EqualTo(departures));

    private static IEnumerable<TestCaseData> Departing()
    {
        yield return Case("an end that was not expected", Ten,
            Failed(Phase.Link, "unknown-import", "no f"), "outcome", "gets through", "unknown-import at link: no f");
        yield return Case("an end that did not come", Refused, Counted(10), "outcome", "fails at link", "got through");
        yield return Case("another phase", Refused, Failed(Phase.Run, "unknown-import", "env f"), "phase", "link", "run");
        yield return Case("another code", Refused, Failed(Phase.Link, "malformed", "env f"), "code", "unknown-import", "malformed");
        yield return Case("another import", Refused, Failed(Phase.Link, "unknown-import", "env g"),
            "import", "an error that names env::f", "env g");
        yield return Case("only its name", Refused, Failed(Phase.Link, "unknown-import", "some f"),
            "import", "an error that names env::f", "some f");
        yield return Case("no words", Refused, new Observation(RunResult.Failed(Phase.Link, "unknown-import", null)),
            "import", "an error that names env::f", "no text");
        yield return Case("counts", Ten, Counted(10) with { Counts = new Counts(9, 10, null) },
            "counts", "10", "guest 9, host 10, server none");
        yield return Case("stdout", Ten with { Stdout = "ten" }, Counted(10), "stdout", "ten", "10\n");
        yield return Case("exit", Ten with { Exit = 4 }, Counted(10), "exit", "4", "0");
        yield return Case("no exit", Ten, Counted(10) with { Run = Counted(10).Run with { Exit = null } }, "exit", "0", "none");
        yield return Case("no result", Ten with { Result = "7" }, Counted(10), "result", "7", "none");
        yield return Case("result", Ten with { Result = "7" },
            Counted(10) with { Run = Counted(10).Run with { Result = "8" } }, "result", "7", "8");

        static TestCaseData Case(string name, Expectation expected, Observation seen, string what, string wanted, string observed) =>
            new TestCaseData(expected, seen, new Departure(what, wanted, observed).ToString()).SetArgDisplayNames(name);
    }

    [Test]
    public void A_difference_says_what_is_otherwise_and_leaves_the_rest()
    {
        var common = Ten with { Result = "1", Reason = "common", Link = "https://example.org/common", Until = new DateOnly(2027, 1, 1) };
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Expected(common, new Expectation()), Is.EqualTo(common));
            Assert.That(Expected(common, new Expectation { Counts = new Counts(1, 2, 3) }),
                Is.EqualTo(common with { Counts = new Counts(1, 2, 3) }));
            Assert.That(Expected(common, new Expectation { Stdout = "x" }), Is.EqualTo(common with { Stdout = "x" }));
            Assert.That(Expected(common, new Expectation { Exit = 5 }), Is.EqualTo(common with { Exit = 5 }));
            Assert.That(Expected(common, new Expectation { Result = "2" }), Is.EqualTo(common with { Result = "2" }));
            Assert.That(Expected(common, new Expectation { Reason = "r", Link = "l" }),
                Is.EqualTo(common with { Reason = "r", Link = "l" }));
            Assert.That(Expected(common, new Expectation { Until = Correct.Today }).Until, Is.EqualTo(Correct.Today));
            Assert.That(Expected(common, Refused).Fails, Is.EqualTo(Refused.Fails));
        }
    }

    /// <summary>Each of these says what a runtime shows that gets through; a reason alone does not.</summary>
    [Test]
    public void A_difference_that_says_what_is_shown_says_that_it_gets_through()
    {
        Expectation[] shown = [new() { Counts = new Counts(1, 1, 1) }, new() { Stdout = "x" }, new() { Exit = 0 }, new() { Result = "2" }];
        Assert.That(shown.Select(expectation => Expected(Refused, expectation).Fails), Is.All.Null);
        Assert.That(Expected(Refused, new Expectation { Reason = "still" }).Fails, Is.EqualTo(Refused.Fails));
    }

    [Test]
    public void A_reason_and_a_link_are_those_of_what_was_declared()
    {
        var refused = Failed(Phase.Link, OutcomeCodes.UnknownImport, "env f");
        var declared = Refused with { Link = "https://example.org" };
        var skip = new Difference(new Conditions("wasmtime"), true, new Expectation
        {
            Reason = "too old",
            Link = "https://example.org/old",
        });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Grounds(Judge.Decide(Cell(declared), refused, Correct)),
                Is.EqualTo((Verdict.Xfail, "nobody has it", "https://example.org")));
            Assert.That(Grounds(Judge.Decide(Cell(declared), Counted(10), Correct)),
                Is.EqualTo((Verdict.Xpass, "nobody has it", "https://example.org")));
            Assert.That(Grounds(Judge.Decide(Cell(Ten), Counted(10), Correct)), Is.EqualTo((Verdict.Pass, (string?)null, (string?)null)));
            Assert.That(Grounds(Judge.Decide(Cell(Ten with { Reason = "r", Link = "l" }), Counted(9), Correct)),
                Is.EqualTo((Verdict.Fail, (string?)null, (string?)null)));
            Assert.That(Grounds(Judge.Skipped(Cell(Ten, skip), Correct)!),
                Is.EqualTo((Verdict.Skipped, "too old", "https://example.org/old")));
            Assert.That(Grounds(Judge.Decide(Cell(Ten), refused, Correct, "runs commands only")),
                Is.EqualTo((Verdict.Skipped, "runs commands only", (string?)null)));
            Assert.That(Grounds(Judge.Decide(Cell(Ten), Failed(Phase.Load, OutcomeCodes.Unavailable, "not here"), Correct)),
                Is.EqualTo((Verdict.Unavailable, "not here", (string?)null)));
            Assert.That(Judge.Skipped(Cell(Ten, Twenty), Article), Is.Null, "a difference that is no skip");
        }

        static (Verdict, string?, string?) Grounds(Judgement judgement) => (judgement.Verdict, judgement.Reason, judgement.Link);
    }

    [Test]
    public void The_first_difference_that_fits_counts()
    {
        var cell = Cell(Ten, new Difference(new Conditions("wasmer"), false, Refused),
            Twenty, new Difference(new Conditions("*"), false, Refused));
        Assert.That(Judge.DifferenceFor(cell, Article), Is.SameAs(cell.Scenario.Differences[1]));
        Assert.That(Judge.DifferenceFor(cell, Correct), Is.SameAs(cell.Scenario.Differences[2]));
    }

    [TestCase(null, null, true)]
    [TestCase("linux", null, true)]
    [TestCase("windows", null, false)]
    [TestCase(null, "correct", true)]
    [TestCase(null, "article-2022", false)]
    [TestCase("linux", "article-2022", false)]
    [TestCase("windows", "correct", false)]
    public void A_split_is_declared_for_its_circumstances(string? os, string? variant, bool meets) =>
        Assert.That(Correct.Meet(new DeclaredSplit([], null, os, variant, "r", "l", null)), Is.EqualTo(meets));

    [Test]
    public void The_circumstances_here_are_of_the_day_that_it_is_in_UTC()
    {
        var here = Circumstances.Here("correct", "1.0", new Noon());
        Assert.That((here.ServerVariant, here.RuntimeVersion, here.Today), Is.EqualTo(("correct", "1.0", new DateOnly(2030, 5, 6))));
        Assert.That(here.Os, Is.EqualTo(OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "macos" : "linux"));
    }

    private sealed class Noon : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2030, 5, 6, 23, 59, 0, TimeSpan.Zero);
    }

    private static Expectation Expected(Expectation common, Expectation difference) =>
        Judge.ExpectedOf(Cell(common, new Difference(new Conditions("wasmtime"), false, difference)), Correct);

    private static Cell Cell(Expectation expect, params Difference[] differences)
    {
        var module = ModuleManifestReader.Read(Path.Combine(Repository.Modules, "counter-c", "module.toml"));
        var scenario = module.Scenarios[0] with { Expect = expect, Differences = [.. differences] };
        return new Cell(module, scenario, RuntimeManifestReader.Read(Path.Combine(Repository.Runtimes, "wasmtime", "runtime.toml")));
    }

    private static Observation Counted(long count)
    {
        var text = $"{count}\n";
        return new Observation(new RunResult { Outcome = Outcome.Success, Exit = 0, Stdout = new CapturedText(text, text.Length, false) })
        {
            Counts = new Counts(count, count, count),
        };
    }

    private static Observation Failed(Phase phase, string code, string text) => new(RunResult.Failed(phase, code, text));
}
