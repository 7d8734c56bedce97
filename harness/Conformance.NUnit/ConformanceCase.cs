using System.Collections.Immutable;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Terminal;
using NUnit.Framework.Interfaces;

namespace Conformance.NUnit;

/// <summary>One test of <see cref="ConformanceCellsAttribute"/>: a cell, or the agreement of a scenario across runtimes.</summary>
public sealed class ConformanceCase
{
    private readonly SharedRun _run;

    internal ConformanceCase(SharedRun run, Cell cell, bool isAgreement)
    {
        _run = run;
        Cell = cell;
        IsAgreement = isAgreement;
        Title = isAgreement ? $"agreement · {cell.Module.Id} · {cell.Scenario.Title}" : cell.Title;
    }

    /// <summary>The test's name.</summary>
    public string Title { get; }

    /// <summary>The cell; of an agreement, the first of its scenario.</summary>
    public Cell Cell { get; }

    /// <summary>True where the test is about all runtimes together.</summary>
    public bool IsAgreement { get; }

    /// <summary>What was observed; null for an agreement.</summary>
    public CellLine? Line { get; private set; }

    /// <summary>What the runtimes made of it together; null for a cell.</summary>
    public Agreement? Agreement { get; private set; }

    /// <inheritdoc/>
    public override string ToString() => Title;

    /// <summary>Files of the cell: path and what it shows.</summary>
    internal ImmutableArray<(string Path, string Description)> Attachments =>
        [.. (Line?.Run.Attachments ?? []).Select(file => (Path.Combine(_run.ReportFolder, file.Path), file.Name))];

    /// <summary>Waits until it is known, and says what NUnit is to make of it.</summary>
    internal async Task<(ResultState State, string Message)> WaitAsync()
    {
        if (IsAgreement)
        {
            Agreement = await _run.AgreementAsync(Cell).ConfigureAwait(false);
            return Agreement.Verdict?.IsUnexpected() == true
                ? (ResultState.Failure, PlainText.Render(view => view.WriteUnexpected([Agreement]))) : (ResultState.Success, "");
        }

        Line = await _run.CellAsync(Cell).ConfigureAwait(false);
        var unavailable = string.Join("; to have it: ", new[] { Line.Reason, Line.Remedy }.OfType<string>());
        return Line.Verdict switch
        {
            Verdict.Pass or Verdict.Xfail => (ResultState.Success, ""),
            Verdict.Skipped => (ResultState.Ignored,
                Line.IsInapplicable ? $"not applicable: {Line.Reason}" : Line.Reason ?? "skipped by declaration"),
            Verdict.Unavailable when Requirements.FromEnvironment.Contains(Cell.Runtime.Id) =>
                (ResultState.Failure, $"{Cell.Runtime.Id} is required and unavailable: {unavailable}"),
            Verdict.Unavailable => (ResultState.Inconclusive, $"unavailable: {unavailable}"),
            Verdict.NotRun => (ResultState.Error, $"not run: {Line.Reason}"),
            _ => (ResultState.Failure, Describe(Line)),
        };
    }

    private static string Describe(CellLine cell) => PlainText.Render(view =>
    {
        view.WriteUnexpected([cell]);
        view.WriteCell(cell);
    });
}
