using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Conformance.Model.Observations;

namespace Conformance.Model.Reports;

/// <summary>
/// The cells of a report, in the order in which they ended. A list may hold them, or read each from the report's file when it is asked for:
/// a report may have more than a machine's memory should hold. Which cell it is and its verdict are known without reading.
/// </summary>
[CollectionBuilder(typeof(CellList), nameof(Create))]
public abstract class CellList : IReadOnlyList<CellLine>
{
    /// <summary>How many.</summary>
    public abstract int Length { get; }

    /// <inheritdoc/>
    int IReadOnlyCollection<CellLine>.Count => Length;

    /// <inheritdoc/>
    public abstract CellLine this[int index] { get; }

    /// <summary>Which cell is at a place.</summary>
    public abstract CellId IdOf(int index);

    /// <summary>Its verdict.</summary>
    public abstract Verdict VerdictOf(int index);

    /// <summary>How often each verdict is there, of those that are.</summary>
    public ImmutableSortedDictionary<Verdict, int> Verdicts => Enumerable.Range(0, Length).Select(VerdictOf)
        .CountBy(verdict => verdict).ToImmutableSortedDictionary();

    /// <summary>The cells by rows, in the order of rows; a row's cells are read when it is enumerated.</summary>
    public IEnumerable<CellRow> Rows => Enumerable.Range(0, Length).GroupBy(index => IdOf(index).Row)
        .OrderBy(row => row.Key).Select(row => new CellRow(row.Key, this, [.. row]));

    /// <summary>A list that holds what it is given.</summary>
    public static CellList Create(ReadOnlySpan<CellLine> cells) => new Held([.. cells]);

    /// <summary>A list that holds what it is given.</summary>
    public static implicit operator CellList(ImmutableArray<CellLine> cells) => new Held(cells);

    /// <summary>Those that have one of some verdicts; no other is read.</summary>
    public IEnumerable<CellLine> Of(Func<Verdict, bool> verdict) =>
        Enumerable.Range(0, Length).Where(index => verdict(VerdictOf(index))).Select(index => this[index]);

    /// <summary>A part, by a range.</summary>
    public CellList Slice(int start, int length) => [.. Enumerable.Range(start, length).Select(index => this[index])];

    /// <summary>The same cells, for who changes some.</summary>
    public ImmutableArray<CellLine>.Builder ToBuilder()
    {
        var cells = ImmutableArray.CreateBuilder<CellLine>(Length);
        cells.AddRange(this);
        return cells;
    }

    /// <inheritdoc/>
    public IEnumerator<CellLine> GetEnumerator()
    {
        for (var i = 0; i < Length; i++) yield return this[i];
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private sealed class Held(ImmutableArray<CellLine> cells) : CellList
    {
        public override int Length => cells.Length;

        public override CellLine this[int index] => cells[index];

        public override CellId IdOf(int index) => cells[index].Id;

        public override Verdict VerdictOf(int index) => cells[index].Verdict;
    }
}

/// <summary>The cells of a row.</summary>
/// <param name="key">Which row.</param>
/// <param name="cells">The report's cells.</param>
/// <param name="places">Where in these the row's are.</param>
public sealed class CellRow(RowId key, CellList cells, ImmutableArray<int> places) : IGrouping<RowId, CellLine>
{
    /// <inheritdoc/>
    public RowId Key => key;

    /// <summary>Where the row's cells are in the report's.</summary>
    public ImmutableArray<int> Places => places;

    /// <inheritdoc/>
    public IEnumerator<CellLine> GetEnumerator() => places.Select(place => cells[place]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
