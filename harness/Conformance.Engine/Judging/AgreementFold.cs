using System.Collections.Immutable;
using Conformance.Engine.Planning;
using Conformance.Model;
using Conformance.Model.Comparing;
using Conformance.Model.Observations;
using Conformance.Model.Reports;

namespace Conformance.Engine.Judging;

/// <summary>
/// The agreements of a run as its cells end: a row's cells are held until the last one has come, and what they made of it together is kept
/// then.
/// </summary>
internal sealed class AgreementFold
{
    private readonly Circumstances _here;
    private readonly Func<string, string?> _version;
    private readonly OrderedDictionary<RowId, Row> _rows = [];
    private Agreement? _latest;

    /// <param name="plan">What was run, and in which order its rows stand.</param>
    /// <param name="here">What declarations may depend on, whatever the runtime.</param>
    /// <param name="version">Of a runtime that ran, by its id.</param>
    public AgreementFold(Plan plan, Circumstances here, Func<string, string?> version)
    {
        (_here, _version) = (here, version);
        foreach (var row in plan.Cells.GroupBy(cell => cell.Id.Row)) _rows.Add(row.Key, new Row(row.ToArray()));
    }

    /// <summary>A cell of the plan has ended.</summary>
    public void Add(CellLine cell)
    {
        var row = _rows[cell.Id.Row];
        (row.Seen ??= []).Add(cell);
        if (row.Seen.Count == row.Planned.Length) Decide(row);
    }

    /// <summary>What there is of every row that has a cell, in the plan's order.</summary>
    public ImmutableArray<Agreement> Decided()
    {
        foreach (var row in _rows.Values.Where(row => row.Seen is not null)) Decide(row);
        return [.. _rows.Values.Select(row => row.Agreement).OfType<Agreement>()];
    }

    private void Decide(Row row)
    {
        var order = row.Planned.Index().ToDictionary(cell => cell.Item.Id, cell => cell.Index);
        var agreement = Comparison.Agreements(row.Seen!.OrderBy(cell => order[cell.Id])).Single();
        agreement = AgreementJudge.Decide(agreement, row.Planned, _here, _version);
        // Of thousands of rows, most say the same.
        row.Agreement = _latest = _latest is null ? agreement : Sharing(agreement, _latest);
        (row.Seen, row.Planned) = (null, []);
    }

    /// <summary>The same, with what it has in common with another held once.</summary>
    private static Agreement Sharing(Agreement agreement, Agreement other) => agreement with
    {
        Sentence = agreement.Sentence == other.Sentence ? other.Sentence : agreement.Sentence,
        Groups = Agreement.AreSame(agreement.Groups, other.Groups) ? other.Groups : agreement.Groups,
        Expected = agreement.Expected is { } its && other.Expected is { } others && Agreement.AreSame(its, others)
            ? others : agreement.Expected,
    };

    private sealed class Row(Cell[] planned)
    {
        /// <summary>None when all have ended.</summary>
        public Cell[] Planned { get; set; } = planned;

        /// <summary>Null where none has ended, and again when all have.</summary>
        public List<CellLine>? Seen { get; set; }

        public Agreement? Agreement { get; set; }
    }
}
