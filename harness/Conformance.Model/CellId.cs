namespace Conformance.Model;

/// <summary>
/// A row of the matrix: a module's scenario. Its order, by the names' code units, is the order of rows in every form of a report.
/// </summary>
/// <param name="Module">The module's id.</param>
/// <param name="Scenario">The scenario's id.</param>
public readonly record struct RowId(string Module, string Scenario) : IComparable<RowId>
{
    /// <inheritdoc/>
    public int CompareTo(RowId other) => string.CompareOrdinal(Module, other.Module) is not 0 and var order
        ? order : string.CompareOrdinal(Scenario, other.Scenario);

    /// <summary><c>module/scenario</c>.</summary>
    public override string ToString() => $"{Module}/{Scenario}";
}

/// <summary>A cell of the matrix: a row on one runtime.</summary>
/// <param name="Row">The module's scenario.</param>
/// <param name="Runtime">The runtime's id.</param>
public readonly record struct CellId(RowId Row, string Runtime) : IComparable<CellId>
{
    /// <summary>A cell by the ids of its module, its scenario and its runtime.</summary>
    public CellId(string module, string scenario, string runtime)
        : this(new RowId(module, scenario), runtime)
    {
    }

    /// <inheritdoc/>
    public int CompareTo(CellId other) => Row.CompareTo(other.Row) is not 0 and var order
        ? order : string.CompareOrdinal(Runtime, other.Runtime);

    /// <summary><c>module/scenario/runtime</c>, as the command line has it.</summary>
    public override string ToString() => $"{Row}/{Runtime}";
}
