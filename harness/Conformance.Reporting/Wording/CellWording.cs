using System.Globalization;
using Conformance.Model.Observations;
using Conformance.Model.Reports;

namespace Conformance.Reporting.Wording;

/// <summary>Cells and agreements in few words, the same in every format.</summary>
public static class CellWording
{
    /// <summary>What a cell shows in the matrix: its verdict and the one thing that says most.</summary>
    public static string Summary(CellLine cell) => cell.IsInapplicable
        ? "not applicable" : Short(cell) is { Length: > 0 } shown ? $"{cell.Verdict.Word()} {shown}" : cell.Verdict.Word();

    /// <summary>The one thing that says most of a cell, without its verdict; empty where there is none.</summary>
    public static string Short(CellLine cell) => cell switch
    {
        { Verdict: Verdict.Skipped or Verdict.Unavailable or Verdict.NotRun or Verdict.Flaky } => "",
        { Outcome.Code: { } code } => $"{cell.Outcome.Phase.Word()}: {code}",
        { Observation.Counts: { Guest: not null, Server: not null } counts } =>
            $"{Count(counts.Guest)}/{Count(counts.Host)}/{Count(counts.Server)}",
        _ => "",
    };

    /// <summary>What the page shows of a cell, under a mark for its verdict.</summary>
    public static string OnThePage(CellLine cell) => cell switch
    {
        { IsInapplicable: true } => "not applicable",
        { Verdict: Verdict.Skipped or Verdict.Unavailable or Verdict.NotRun or Verdict.Flaky } => cell.Verdict.Word(),
        { Outcome.Code: { } code } => code,
        { Observation.Counts: not { Guest: null, Host: null, Server: null } } => string.Join(" · ",
            Count(cell.Observation.Counts.Guest), Count(cell.Observation.Counts.Host), Count(cell.Observation.Counts.Server)),
        _ => cell.Verdict.Word(),
    };

    /// <summary>An agreement's result, with the phase of a split.</summary>
    public static string Describe(Agreement agreement) => agreement.Result switch
    {
        AgreementResult.Split => $"split at {agreement.Phase!.Value.Word()}",
        var result => result.Word(),
    };

    /// <summary>Why a cell has its verdict, in one line; null where it simply passed.</summary>
    public static string? Why(CellLine cell) => cell switch
    {
        { Verdict: Verdict.Pass } => null,
        { IsInapplicable: true } => OneLine($"not applicable: {cell.Reason}"),
        { Verdict: Verdict.Xfail or Verdict.Skipped or Verdict.Unavailable or Verdict.NotRun } =>
            OneLine(string.Join("; to have it: ", new[] { cell.Reason ?? cell.Run.Text, cell.Remedy }.OfType<string>())),
        { Departures.IsEmpty: false } => OneLine(string.Join("; ",
            cell.Departures.Select(departure => $"{departure.What}: expected {departure.Expected}, observed {departure.Observed}"))),
        _ => OneLine(cell.Run.Text ?? cell.Outcome.Code ?? cell.Verdict.Word()),
    };

    /// <summary>Engine time of all steps; null where none was measured.</summary>
    public static double? Milliseconds(CellLine cell)
    {
        var times = cell.Run.TimingsMs;
        return times is { Compile: null, Link: null, Run: null } ? null : (times.Compile ?? 0) + (times.Link ?? 0) + (times.Run ?? 0);
    }

    /// <summary>A reason in five words at the most: its first clause, and the beginning of that where it is longer.</summary>
    public static string InFewWords(string reason)
    {
        const int Most = 5;
        var clause = reason.AsSpan()[..(reason.AsSpan().IndexOfAny("(,;\n") is >= 0 and var end ? end : reason.Length)].Trim().ToString();
        var words = clause.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length <= Most ? clause : string.Join(' ', words[..Most]) + "…";
    }

    /// <summary>A line for each reason why cells were not run, with the cells that it was in the way of.</summary>
    public static IEnumerable<string> NotRun(IEnumerable<CellLine> cells) =>
        cells.Where(cell => cell.Verdict == Verdict.NotRun).GroupBy(cell => cell.Reason ?? "no reason").Select(same =>
            $"{same.Count().ToString(CultureInfo.InvariantCulture)} {(same.Count() == 1 ? "cell" : "cells")} of {string.Join(", ", same.Select(cell => cell.Runtime).Distinct(StringComparer.Ordinal))}: {OneLine(same.Key)}");

    /// <summary>How many of what: <c>60 pass, 30 xfail</c>, of all cells that are there.</summary>
    public static string Verdicts(CellList cells) => string.Join(", ",
        cells.Verdicts.Select(verdict => $"{verdict.Value.ToString(CultureInfo.InvariantCulture)} {verdict.Key.Word()}"));

    /// <summary>A version with its runtime's id.</summary>
    public static string Title(RuntimeInfo runtime) => runtime.Version is { } version ? $"{runtime.Id} {version}" : runtime.Id;

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();

    private static string Count(long? count) => count?.ToString(CultureInfo.InvariantCulture) ?? "–";
}
