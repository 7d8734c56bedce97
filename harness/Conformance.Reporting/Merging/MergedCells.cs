using System.Collections.Immutable;
using Conformance.Model;
using Conformance.Model.Observations;
using Conformance.Model.Reports;

namespace Conformance.Reporting.Merging;

/// <summary>The cells of several lists in the order of their ids; each stays where it is.</summary>
internal sealed class MergedCells(ImmutableArray<CellList> lists) : CellList
{
    private readonly (int List, int Place)[] _places = [.. lists.Index()
        .SelectMany(list => Enumerable.Range(0, list.Item.Length).Select(place => (List: list.Index, Place: place)))
        .OrderBy(cell => lists[cell.List].IdOf(cell.Place))];

    public override int Length => _places.Length;

    public override CellLine this[int index] => lists[_places[index].List][_places[index].Place];

    public override CellId IdOf(int index) => lists[_places[index].List].IdOf(_places[index].Place);

    public override Verdict VerdictOf(int index) => lists[_places[index].List].VerdictOf(_places[index].Place);
}
