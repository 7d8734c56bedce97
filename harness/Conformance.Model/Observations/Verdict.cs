using System.Collections.Immutable;

namespace Conformance.Model.Observations;

/// <summary>How a cell's observation stands to what was expected.</summary>
public enum Verdict
{
    /// <summary>It got through and everything is as expected.</summary>
    Pass,

    /// <summary>Something is not as expected.</summary>
    Fail,

    /// <summary>It departs from "pass everywhere" just as declared.</summary>
    Xfail,

    /// <summary>A departure was declared and did not happen: the declaration is stale. Red.</summary>
    Xpass,

    /// <summary>Not run, by declaration; or run, and found not to be applicable to its runtime, by what that says of itself.</summary>
    Skipped,

    /// <summary>The runtime is not on this machine.</summary>
    Unavailable,

    /// <summary>Not run, or not to be judged: the machine failed, not the runtime.</summary>
    NotRun,

    /// <summary>The worker's process ended.</summary>
    Crashed,

    /// <summary>The cell's time was up.</summary>
    TimedOut,

    /// <summary>It was run more than once, and was not always seen to do the same. Red.</summary>
    Flaky,
}

/// <summary>How verdicts are written, and which matter most.</summary>
public static class Verdicts
{
    /// <summary>What a reader wants to see first stands first.</summary>
    public static ImmutableArray<Verdict> ByWeight { get; } =
        [Verdict.Crashed, Verdict.TimedOut, Verdict.Fail, Verdict.Xpass,
            Verdict.Flaky, Verdict.NotRun, Verdict.Unavailable, Verdict.Skipped, Verdict.Xfail, Verdict.Pass];

    /// <summary>True for results that nobody declared: they make a run's exit code 1.</summary>
    public static bool IsUnexpected(this Verdict verdict) =>
        verdict is Verdict.Fail or Verdict.Xpass or Verdict.Crashed or Verdict.TimedOut or Verdict.Flaky;

    /// <summary>True where the cell was run to some end, so that there is something to compare.</summary>
    public static bool WasRun(this Verdict verdict) => verdict is not (Verdict.Skipped or Verdict.Unavailable or Verdict.NotRun);

    /// <summary>What the verdict says, in a few words beside its own.</summary>
    public static string Description(this Verdict verdict) => verdict switch
    {
        Verdict.Pass => "as expected",
        Verdict.Fail => "unexpected",
        Verdict.Xfail => "as declared",
        Verdict.Xpass => "stale declarations",
        Verdict.Skipped => "by declaration or not applicable",
        Verdict.Unavailable => "not on this machine",
        Verdict.NotRun => "the machine failed",
        Verdict.Crashed => "the worker ended",
        Verdict.TimedOut => "the time was up",
        Verdict.Flaky => "changed its mind",
        _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict, null),
    };

    /// <summary>The word of the verdict, as reports write it.</summary>
    public static string Word(this Verdict verdict) => verdict switch
    {
        Verdict.TimedOut => "timed-out",
        Verdict.NotRun => "not-run",
        _ => verdict.ToString().ToLowerInvariant(),
    };
}
