using System.Collections.Immutable;
using Conformance.Engine.Planning;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Reports;

namespace Conformance.Engine.Judging;

/// <summary>What a cell's observation is worth.</summary>
public sealed record Judgement(Verdict Verdict, ImmutableArray<Departure> Departures, string? Reason, string? Link);

/// <summary>Holds observations against what the manifests declare. All verdicts are made here.</summary>
public static class Judge
{
    /// <summary>The difference that is declared for a cell, or null.</summary>
    public static Difference? DifferenceFor(Cell cell, Circumstances circumstances) =>
        cell.Scenario.Differences.FirstOrDefault(d => circumstances.Meet(d.When, cell.Runtime.Id));

    /// <summary>What is expected of a cell, all in all.</summary>
    public static Expectation ExpectedOf(Cell cell, Circumstances circumstances) =>
        DifferenceFor(cell, circumstances) is { } difference ? Merge(cell.Scenario.Expect, difference.Expect) : cell.Scenario.Expect;

    /// <summary>The judgement of a cell that is declared not to be run, or null.</summary>
    public static Judgement? Skipped(Cell cell, Circumstances circumstances) =>
        DifferenceFor(cell, circumstances) is { Skip: true } difference && Expired(difference.Expect, circumstances) is null
            ? new Judgement(Verdict.Skipped, [], difference.Expect.Reason, difference.Expect.Link)
            : null;

    /// <param name="cell">What was run.</param>
    /// <param name="observation">What was seen.</param>
    /// <param name="circumstances">What the declarations may depend on.</param>
    /// <param name="limit">Why the cell is not applicable to its runtime (<see cref="Applicability"/>); null where it is.</param>
    public static Judgement Decide(Cell cell, Observation observation, Circumstances circumstances, string? limit = null)
    {
        if (observation.Outcome.Code == OutcomeCodes.Unavailable) return new Judgement(Verdict.Unavailable, [], observation.Run.Text, null);
        if (observation.Outcome.Code == OutcomeCodes.NotRun) return new Judgement(Verdict.NotRun, [], observation.Run.Text, null);
        if (limit is not null) return new Judgement(Verdict.Skipped, [], limit, null);

        var common = cell.Scenario.Expect;
        var expected = ExpectedOf(cell, circumstances);
        var declared = expected.Fails is not null || DifferenceFor(cell, circumstances) is not null;
        var departures = Departures(expected, observation);
        if (declared && Expired(expected, circumstances) is { } expired)
            return new Judgement(Verdict.Fail, [expired, .. departures], expected.Reason, expected.Link);

        if (departures.IsEmpty) return new Judgement(declared ? Verdict.Xfail : Verdict.Pass, [], expected.Reason, expected.Link);
        var verdict = observation.Outcome.Code switch
        {
            OutcomeCodes.Crashed or OutcomeCodes.ProtocolError => Verdict.Crashed,
            OutcomeCodes.TimedOut => Verdict.TimedOut,
            _ => declared && Departures(WithoutDeparture(common), observation).IsEmpty ? Verdict.Xpass : Verdict.Fail,
        };
        return new Judgement(verdict, departures, declared ? expected.Reason : null, declared ? expected.Link : null);
    }

    private static Departure? Expired(Expectation expected, Circumstances circumstances) =>
        expected.Until is { } until && until < circumstances.Today
        ? Departure.Expired(until, circumstances.Today)
        : null;

    /// <summary>What every runtime is expected to do where nothing is declared: to get through.</summary>
    private static Expectation WithoutDeparture(Expectation common) => common with { Fails = null };

    private static Expectation Merge(Expectation common, Expectation difference) => new()
    {
        Counts = difference.Counts ?? common.Counts,
        Stdout = difference.Stdout ?? common.Stdout,
        Stderr = difference.Stderr ?? common.Stderr,
        Exit = difference.Exit ?? common.Exit,
        Result = difference.Result ?? common.Result,
        // What says what a runtime gives where it gets through says that it does.
        Fails = difference.Fails
            ?? (difference is { Counts: null, Stdout: null, Stderr: null, Exit: null, Result: null } ? common.Fails : null),
        Reason = difference.Reason ?? common.Reason,
        Link = difference.Link ?? common.Link,
        Until = difference.Until ?? common.Until,
    };

    private static ImmutableArray<Departure> Departures(Expectation expected, Observation observation) =>
        [.. (expected.Fails is { } failure ? Failure(failure, observation) : Success(expected, observation)).OfType<Departure>()];

    private static IEnumerable<Departure?> Failure(ExpectedFailure expected, Observation observation)
    {
        var phase = expected.Phase.Word();
        if (observation.Outcome.Code is null)
        {
            yield return new Departure("outcome", $"fails at {phase}", "got through");
            yield break;
        }

        yield return Compare("phase", phase, observation.Outcome.Phase.Word());
        if (expected.Code is { } code && !OutcomeCodes.Covers(code, observation.Outcome.Code))
            yield return new Departure("code", code, observation.Outcome.Code);
        if (expected.Import is { } import && !Names(observation.Run.Text, import))
            yield return new Departure("import", $"an error that names {import}", observation.Run.Text ?? "no text");
    }

    private static IEnumerable<Departure?> Success(Expectation expected, Observation observation)
    {
        if (observation.Outcome.Code is not null && !(expected.Exit is { } code && observation.Outcome.Code == OutcomeCodes.Exit(code)))
        {
            yield return new Departure("outcome", "gets through",
                $"{observation.Outcome.Code} at {observation.Outcome.Phase.Word()}: {observation.Run.Text}");
            yield break;
        }

        if (expected.Counts is { } counts) yield return Compare("counts", counts.ToString(), observation.Counts.ToString());
        if (expected.Stdout is { } stdout) yield return Compare("stdout", stdout, observation.Run.Stdout.Text);
        if (expected.Stderr is { } stderr) yield return Compare("stderr", stderr, observation.Run.Stderr.Text);
        if (expected.Exit is { } exit)
            yield return Compare("exit", $"{exit}", observation.Run.Exit is { } observed ? $"{observed}" : "none");
        if (expected.Result is { } result) yield return Compare("result", result, observation.Run.Result ?? "none");
    }

    private static Departure? Compare(string what, string expected, string observed) =>
        expected == observed ? null : new Departure(what, expected, observed);

    /// <summary>Runtimes write module and name together in many ways; both must be in the text.</summary>
    private static bool Names(string? text, string import)
    {
        var colons = import.IndexOf("::", StringComparison.Ordinal);
        return text is not null && text.Contains(import[..colons], StringComparison.Ordinal)
            && text.Contains(import[(colons + 2)..], StringComparison.Ordinal);
    }
}
