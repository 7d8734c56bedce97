using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Spectre.Console;

namespace Conformance.Reporting.Terminal;

/// <summary>One line a cell, for logs.</summary>
public sealed class PlainProgress(ReportView view) : IReportListener
{
    public void OnHeader(HeaderLine header, int cells)
    {
    }

    public void OnCell(CellLine cell) => view.WriteProgress(cell);

    public void OnFooter(FooterLine footer)
    {
    }
}

/// <summary>A bar that moves, for terminals; unexpected cells are told at once above it.</summary>
public sealed class LiveProgress(ProgressContext context, ReportView view) : IReportListener
{
    private ProgressTask? _task;
    private int _unexpected;

    public void OnHeader(HeaderLine header, int cells) => _task ??= context.AddTask("cells", maxValue: cells);

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

    public void OnFooter(FooterLine footer)
    {
    }
}
