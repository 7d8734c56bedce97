using System.Collections.Immutable;
using Conformance.Engine.Planning;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using DotNet.Globbing;

namespace Conformance.Engine.Judging;

/// <summary>What a cell's observation is worth.</summary>
public sealed record Judgement(Verdict Verdict, ImmutableArray<Departure> Departures, string? Reason, string? Link);

/// <summary>Holds observations against what the manifests declare. All verdicts are made here.</summary>
public static class Judge
{
    /// <summary>The difference that is declared for a cell, or null.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="serverVariant">Of this run.</param>
    /// <param name="runtimeVersion">Of the cell's runtime; null where it is unavailable.</param>
    public static Difference? DifferenceFor(Cell cell, string serverVariant, string? runtimeVersion) => cell.Scenario.Differences.FirstOrDefault(
        d => Glob.Parse(d.Runtime).IsMatch(cell.Runtime.Id)
            && (d.RuntimeVersion is null || d.RuntimeVersion.Contains(runtimeVersion))
            && (d.ServerVariant is null || d.ServerVariant == serverVariant));

    /// <summary>The judgement of a cell that is declared not to be run, or null.</summary>
    public static Judgement? Skipped(Cell cell, string serverVariant, string? runtimeVersion) =>
        DifferenceFor(cell, serverVariant, runtimeVersion) is { Skip: true } difference
            ? new Judgement(Verdict.Skipped, [], difference.Expect.Reason, difference.Expect.Link)
            : null;

    public static Judgement Of(Cell cell, Observation observation, string serverVariant, string? runtimeVersion)
    {
        if (observation.Code == OutcomeCodes.Unavailable) return new Judgement(Verdict.Unavailable, [], observation.Text, null);

        var common = cell.Scenario.Expect;
        var difference = DifferenceFor(cell, serverVariant, runtimeVersion);
        var expected = difference is null ? common : Merge(common, difference.Expect);
        var departures = Departures(expected, observation);
        var declared = expected.Fails is not null || difference is not null;

        if (departures.IsEmpty) return new Judgement(declared ? Verdict.Xfail : Verdict.Pass, [], expected.Reason, expected.Link);
        var verdict = observation.Code switch
        {
            OutcomeCodes.Crashed or OutcomeCodes.ProtocolError => Verdict.Crashed,
            OutcomeCodes.TimedOut => Verdict.TimedOut,
            _ => declared && Departures(WithoutDeparture(common), observation).IsEmpty ? Verdict.Xpass : Verdict.Fail,
        };
        return new Judgement(verdict, departures, declared ? expected.Reason : null, declared ? expected.Link : null);
    }

    /// <summary>What every runtime is expected to do where nothing is declared: to get through.</summary>
    private static Expectation WithoutDeparture(Expectation common) => common with { Fails = null };

    private static Expectation Merge(Expectation common, Expectation difference) => new()
    {
        Counts = difference.Counts ?? common.Counts,
        Stdout = difference.Stdout ?? common.Stdout,
        Exit = difference.Exit ?? common.Exit,
        Result = difference.Result ?? common.Result,
        Fails = difference.Fails ?? common.Fails,
        Reason = difference.Reason ?? common.Reason,
        Link = difference.Link ?? common.Link,
    };

    private static ImmutableArray<Departure> Departures(Expectation expected, Observation observation) =>
        [.. (expected.Fails is { } failure ? Failure(failure, observation) : Success(expected, observation)).OfType<Departure>()];

    private static IEnumerable<Departure?> Failure(ExpectedFailure expected, Observation observation)
    {
        var phase = Word(expected.Phase);
        if (observation.Code is null)
        {
            yield return new Departure("outcome", $"fails at {phase}", "got through");
            yield break;
        }

        yield return Compare("phase", phase, Word(observation.Phase));
        if (expected.Code is not null) yield return Compare("code", expected.Code, observation.Code);
        if (expected.Import is { } import && !Names(observation.Text, import))
            yield return new Departure("import", $"an error that names {import}", observation.Text ?? "no text");
    }

    private static IEnumerable<Departure?> Success(Expectation expected, Observation observation)
    {
        if (observation.Code is not null && !(expected.Exit is { } code && observation.Code == OutcomeCodes.Exit(code)))
        {
            yield return new Departure("outcome", "gets through", $"{observation.Code} at {Word(observation.Phase)}: {observation.Text}");
            yield break;
        }

        if (expected.Counts is { } counts) yield return Compare("counts", counts.ToString(), observation.Counts.ToString());
        if (expected.Stdout is { } stdout) yield return Compare("stdout", stdout, observation.Stdout.Text);
        if (expected.Exit is { } exit) yield return Compare("exit", $"{exit}", observation.Exit is { } observed ? $"{observed}" : "none");
        if (expected.Result is { } result) yield return Compare("result", result, observation.Result ?? "none");
    }

    private static Departure? Compare(string what, string expected, string observed) => expected == observed ? null : new Departure(what, expected, observed);

    /// <summary>Runtimes write module and name together in many ways; both must be in the text.</summary>
    private static bool Names(string? text, string import)
    {
        var colons = import.IndexOf("::", StringComparison.Ordinal);
        return text is not null && text.Contains(import[..colons], StringComparison.Ordinal) && text.Contains(import[(colons + 2)..], StringComparison.Ordinal);
    }

    private static string Word(Phase phase) => phase.ToString().ToLowerInvariant();
}
