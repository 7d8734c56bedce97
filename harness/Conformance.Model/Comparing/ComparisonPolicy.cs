using System.Collections.Immutable;
using Conformance.Model.Observations;
using Conformance.Model.Reports;

namespace Conformance.Model.Comparing;

/// <summary>One part of an observation, and whether runtimes must agree on it.</summary>
/// <param name="Name">The part, as reports name it.</param>
/// <param name="Value">What is compared of it, normalised; null where the part is each runtime's own.</param>
/// <param name="PartsAt">At which phase two observations part that differ in it.</param>
/// <param name="Reason">Why.</param>
public sealed record PartRule(string Name, Func<Observation, object?>? Value,
    Func<Observation, Observation, Phase>? PartsAt, string Reason);

/// <summary>What makes a cell incomparable.</summary>
/// <param name="Applies">To a cell, among all that ran.</param>
/// <param name="Words">What happened to it.</param>
/// <param name="Reason">Why that says nothing of the runtime.</param>
public sealed record PoisonRule(Func<CellLine, IReadOnlyList<CellLine>, bool> Applies, Func<CellLine, string> Words, string Reason);

/// <summary>
/// When two runtimes agree, when they part, and when that can't be said: one rule a line, each with its reason. The whole policy is here.
/// </summary>
public static class ComparisonPolicy
{
    /// <summary>All parts of an observation. Two observations part at the phase of the first that differs.</summary>
    public static ImmutableArray<PartRule> Parts { get; } =
    [
        new("phase", o => o.Outcome.Phase, (a, b) => a.Outcome.Phase < b.Outcome.Phase ? a.Outcome.Phase : b.Outcome.Phase,
            "how far a guest gets is the first thing to agree on"),
        new("code", o => o.Outcome.Code, (a, _) => a.Outcome.Phase,
            "the same end for the same reason; which words a runtime has for it does not matter"),
        new("counts", o => o.Counts, (a, b) => a.Counts.Host == b.Counts.Host ? Phase.Observe : Phase.Run,
            "the guest, its host and the server must have counted the same; where the hosts sent the same, the server made the difference"),
        new("hostCalls", o => Calls(o), AtRun, "the same calls, in the same order, with the same answers"),
        new("exit", o => o.Run.Exit, AtRun, "a command's answer is its exit code"),
        new("result", o => o.Run.Result, AtRun, "a function's answer is what it returns"),
        new("stdout", o => o.Run.Stdout.Text, AtRun, "what a guest prints is its own doing"),
        new("text", null, null, "each runtime has its own words"),
        new("ledger", null, null, "who provides an import, and who checks its type, is each runtime's own: what comes of it is compared"),
        new("stderr", null, null, "runtimes and guests explain their failures there, with addresses and paths"),
        new("journal", null, null, "its increments are in the counts; preflights are a browser's way to send the same"),
        new("requests", null, null, "only a browser sees what a guest's own client sends; its increments are in the counts"),
        new("page", null, null, "only a browser has one; the count that is read from it is in the counts"),
        new("timingsMs", null, null, "being faster is no disagreement"),
        new("attachments", null, null, "pictures, for people"),
        new("workerStderr", null, null, "the worker's, not the guest's"),
    ];

    /// <summary>What makes an agreement poisoned.</summary>
    public static ImmutableArray<PoisonRule> Poisons { get; } =
    [
        new((cell, _) => cell.Verdict == Verdict.Flaky,
            cell => $"is flaky ({Comparison.Describe(cell.Observation)}, then {Comparison.Describe(cell.Other!.Observation)})",
            "what changes from one time to the next can't be held against another runtime"),
        new((cell, _) => cell.Outcome.Code == OutcomeCodes.TimedOut,
            _ => "ran out of time", "the limit is the run's, and slower is not different"),
        new((cell, all) => IsExhausted(cell) && !all.All(IsExhausted),
            cell => $"ran out of {(cell.Outcome.Code == OutcomeCodes.ResourceExhausted ? "memory" : "stack")}",
            "how much there is of it is each runtime's to set"),
        new((cell, _) => cell.Outcome.Code == OutcomeCodes.HostCallFailed,
            _ => "could not reach the counter server", "the server is the run's"),
        new((cell, _) => cell.Observation.Counts.Server is null && cell.Outcome.Code is null,
            _ => "lost its counter server", "the server is the run's"),
    ];

    private static Phase AtRun(Observation a, Observation b) => Phase.Run;

    private static bool IsExhausted(CellLine cell) =>
        cell.Outcome.Code is OutcomeCodes.ResourceExhausted || cell.Outcome.Code == Trap.CallStackExhausted.Code;

    private static string Calls(Observation cell) =>
        string.Join(' ', cell.Run.HostCalls.Select(call => $"{call.Module}::{call.Name}*{call.Times}={call.Returned}"));
}
