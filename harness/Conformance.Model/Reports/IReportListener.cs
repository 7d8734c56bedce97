namespace Conformance.Model.Reports;

/// <summary>
/// Hears of a run as it goes, for progress and for what must outlive the harness; the run itself gives a <see cref="Report"/>. Calls never
/// overlap. An exception ends the run: a report that can't be written must not look like one that was.
/// </summary>
public interface IReportListener
{
    /// <summary>
    /// Before the first cell, with the number of cells of the run; and again where a runtime has come, or will not come, whose release was
    /// being fetched: the newest header is the report's.
    /// </summary>
    void OnHeader(HeaderLine header, int cells)
    {
    }

    /// <summary>A cell has ended.</summary>
    void OnCell(CellLine cell)
    {
    }

    /// <summary>After the cells, before modules are measured, with their number: it takes a minute for ten megabytes.</summary>
    void OnMeasuring(int modules)
    {
    }

    /// <summary>After the cells, for each module whose size is known.</summary>
    void OnSize(SizeLine size)
    {
    }

    /// <summary>After the cells, for each runtime that was asked for its part of the atlas.</summary>
    void OnAtlas(AtlasLine atlas)
    {
    }

    /// <summary>The run is over.</summary>
    void OnFooter(FooterLine footer)
    {
    }
}
