using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Reports;

namespace Conformance.Engine.Updating;

/// <summary>What a cell did, as what a manifest says of it.</summary>
internal static class ObservedOutcome
{
    /// <summary>The keys of an outcome.</summary>
    public static readonly string[] Keys = ["counts", "stdout", "exit", "result", "fails"];

    /// <summary>The keys of what a cell did that is not what is expected, as TOML; none where it is.</summary>
    public static List<KeyValuePair<string, string?>> Changes(Expectation expect, CellLine cell)
    {
        if (cell.Outcome.Code is { } code && !(expect.Exit is not null && code == OutcomeCodes.Exit(cell.Run.Exit ?? 0)))
        {
            var failure = new ExpectedFailure(cell.Outcome.Phase, code, Import(cell));
            return expect.Fails is { } fails && fails == failure with
            {
                Code = fails.Code is null ? null : code,
                Import = fails.Import is null ? null : failure.Import
            } ? [] : [new("fails", TomlText.Write(failure))];
        }

        var keys = new List<KeyValuePair<string, string?>>();
        // A scenario that was to fail checks nothing else: what it is to check now is what was seen.
        var anew = expect.Fails is not null;
        if ((anew || expect.Counts is not null) && cell.Observation.Counts != expect.Counts && cell.Observation.Counts.Server is not null)
            keys.Add(new("counts", TomlText.Write(cell.Observation.Counts)));
        if ((anew ? cell.Run.Stdout.Text.Length > 0 : expect.Stdout is not null) && cell.Run.Stdout.Text != expect.Stdout)
            keys.Add(new("stdout", TomlText.Write(cell.Run.Stdout.Text)));
        if (expect.Stderr is not null && !anew && cell.Run.Stderr.Text != expect.Stderr)
            keys.Add(new("stderr", TomlText.Write(cell.Run.Stderr.Text)));
        if (cell.Run.Exit is { } exit && (anew || expect.Exit is not null) && exit != expect.Exit)
            keys.Add(new("exit", TomlText.Write(exit)));
        if (cell.Run.Result is { } result && (anew || expect.Result is not null) && result != expect.Result)
            keys.Add(new("result", TomlText.Write(result)));
        return keys;
    }

    /// <summary>What is expected once a cell's outcome is written into the scenario.</summary>
    public static Expectation Expected(Expectation expect, CellLine cell) => Changes(expect, cell).Any(pair => pair.Key == "fails")
        ? new Expectation { Fails = new ExpectedFailure(cell.Outcome.Phase, cell.Outcome.Code, Import(cell)) }
        : expect with
        {
            Fails = null,
            Counts = expect.Counts is null && expect.Fails is null ? null : cell.Observation.Counts,
            Stdout = expect.Stdout is null && expect.Fails is null ? null : cell.Run.Stdout.Text,
            Stderr = expect.Stderr is null ? null : cell.Run.Stderr.Text,
            Exit = expect.Exit is null && expect.Fails is null ? null : cell.Run.Exit,
            Result = expect.Result is null && expect.Fails is null ? null : cell.Run.Result,
        };

    /// <summary>The import that a refused module was refused for: the first refused one that the runtime's words name.</summary>
    private static string? Import(CellLine cell) => cell.Outcome.Phase == Phase.Link
        ? cell.Observation.Ledger.Where(row => row.Code == cell.Outcome.Code && cell.Run.Text is { } text
            && text.Contains(row.Module, StringComparison.Ordinal) && text.Contains(row.Name, StringComparison.Ordinal))
            .Select(row => $"{row.Module}::{row.Name}").FirstOrDefault()
        : null;
}
