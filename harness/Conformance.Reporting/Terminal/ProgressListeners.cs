using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Spectre.Console;

namespace Conformance.Reporting.Terminal;

/// <summary>
/// For logs: a line for each cell where they are few, or all are wanted; else one for each that is unexpected, and one for each quarter of
/// the way.
/// </summary>
/// <param name="view">Where to.</param>
/// <param name="all">True: a line for each cell, however many they are.</param>
public sealed class PlainProgress(ReportView view, bool all) : IReportListener
{
    private const int Few = 20;

    private const int Steps = 4;

    private int _cells;
    private int _ended;
    private int _unexpected;

    /// <inheritdoc/>
    public void OnHeader(HeaderLine header, int cells) => _cells = cells;

    /// <inheritdoc/>
    public void OnCell(CellLine cell)
    {
        _ended++;
        if (cell.Verdict.IsUnexpected()) _unexpected++;
        if (all || _cells <= Few || cell.Verdict.IsUnexpected()) view.WriteProgress(cell);
        if (all || _cells <= Few || _ended * Steps / _cells == (_ended - 1) * Steps / _cells) return;
        view.WriteProgress(_ended, _cells, _unexpected);
    }

    /// <inheritdoc/>
    public void OnMeasuring(int modules) => view.WriteMeasuring(modules);
}

/// <summary>A bar that moves, for terminals; unexpected cells are told at once above it.</summary>
public sealed class LiveProgress(ProgressContext context, ReportView view) : IReportListener
{
    private ProgressTask? _task;
    private int _unexpected;

    /// <inheritdoc/>
    public void OnHeader(HeaderLine header, int cells) => _task ??= context.AddTask("cells", maxValue: cells);

    /// <inheritdoc/>
    public void OnCell(CellLine cell)
    {
        if (cell.Verdict.IsUnexpected())
        {
            _unexpected++;
            view.WriteProgress(cell);
        }

        _task!.Description = _unexpected == 0 ? "cells" : $"cells, {_unexpected} unexpected";
        _task.Increment(1);
    }

    /// <inheritdoc/>
    public void OnMeasuring(int modules) => context.AddTask($"sizes of {modules} modules").IsIndeterminate();
}
