using System.Collections.Immutable;
using Conformance.Model.Observations;

namespace Conformance.Model.Reports;

/// <summary>All that a run observed, as one value: what a run gives and what every form of a report is made of.</summary>
/// <param name="Header">What ran, on what.</param>
/// <param name="Cells">In the order in which they ended.</param>
/// <param name="Sizes">Sizes of modules; empty where nobody asked for them.</param>
/// <param name="Atlas">What each runtime provides; empty where nobody asked.</param>
/// <param name="Footer">Null, or not complete, where the run was cut short.</param>
public sealed record Report(HeaderLine Header, CellList Cells,
    ImmutableArray<SizeLine> Sizes, ImmutableArray<AtlasLine> Atlas, FooterLine? Footer)
{
    /// <summary>What the runtimes made of each row together; none where the run was cut short.</summary>
    public ImmutableArray<Agreement> Agreements => Footer?.Agreements ?? [];

    /// <summary>Whether anything is as nobody declared it, of cells and of agreements.</summary>
    public bool HasUnexpected => Cells.Verdicts.Keys.Any(verdict => verdict.IsUnexpected())
        || Agreements.Any(agreement => agreement.Verdict?.IsUnexpected() == true);

    /// <summary>Whether every cell of the plan is in it.</summary>
    public bool IsComplete => Footer is { Complete: true };

    /// <summary>Its cells by rows, in the order of rows.</summary>
    public IEnumerable<CellRow> Rows => Cells.Rows;
}
