using System.Collections.Immutable;
using Conformance.Model;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Wording;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Conformance.Reporting.Terminal;

/// <summary>
/// The matrix for a terminal, as wide as that is: what each cell showed, where there is room for it; else a mark for each; else a numbered
/// column for each group of runtimes that are alike in every row; else a line for each row. No word is ever broken. What differs comes
/// first; of many rows, those in which everything is as expected and the same are one for their module. Only runtimes that are there have a
/// column.
/// </summary>
internal sealed class MatrixView
{
    /// <summary>Wider than any table.</summary>
    private const int Unbounded = 100_000;

    /// <summary>Nobody reads more rows that say the same.</summary>
    private const int MostRows = 100;

    private readonly IAnsiConsole _console;
    private readonly ImmutableArray<RuntimeInfo> _runtimes;
    private readonly List<MatrixRow> _rows;
    private readonly bool _unicode;

    public MatrixView(IAnsiConsole console, HeaderLine header,
        CellList cells, IReadOnlyCollection<Agreement> agreements)
    {
        _console = console;
        _unicode = console.Profile.Capabilities.Unicode;
        _runtimes = [.. header.Runtimes.Where(runtime => runtime.Unavailable is null)];
        var agreed = agreements.ToDictionary(agreement => agreement.Row);
        var rows = cells.Rows.ToList();
        var alike = rows.Count <= MostRows ? [] : rows.Where(IsAlike).ToList();
        var scenarios = rows.CountBy(row => row.Key.Module).ToDictionary(StringComparer.Ordinal);
        _rows =
        [
            .. rows.Except(alike).Select(row => new MatrixRow(Name(row.Key),
                row.ToDictionary(cell => cell.Runtime, StringComparer.Ordinal), agreed.GetValueOrDefault(row.Key)))
                .OrderBy(row => row.Rank),
            .. alike.GroupBy(row => row.Key.Module, StringComparer.Ordinal).Select(module =>
                new MatrixRow(Many(module.Key, module.Count()), [], agreed[module.First().Key])
                {
                    AsExpected = module.SelectMany(row => row.Places).GroupBy(place => cells.IdOf(place).Runtime, StringComparer.Ordinal)
                        .ToDictionary(its => its.Key, its => its.Select(cells.VerdictOf).Max(), StringComparer.Ordinal),
                }),
        ];

        bool IsAlike(CellRow row) => agreed.GetValueOrDefault(row.Key) is { Result: AgreementResult.Unanimous } agreement
            && agreement.Verdict?.IsUnexpected() != true
            && row.Places.All(place => cells.VerdictOf(place) is Verdict.Pass or Verdict.Xfail);

        // A module's only scenario says nothing more than its module.
        string Name(RowId row) => scenarios[row.Module] > 1 ? $"{row.Module} · {row.Scenario}" : row.Module;

        string Many(string module, int count) => scenarios[module] == 1 ? module : count < scenarios[module]
            ? $"{module} · {count} others" : $"{module} · {count} scenarios";
    }

    public void Write()
    {
        var forms = _runtimes.IsEmpty ? [] : new Func<Table>[] { InWords, InMarks, InGroups };
        foreach (var form in forms)
        {
            var table = form();
            if (((IRenderable)table).Measure(RenderOptions.Create(_console, _console.Profile.Capabilities),
                Unbounded).Max > _console.Profile.Width)
            {
                continue;
            }

            _console.Write(table);
            if (form == InGroups)
                WriteFolded(string.Join("; ", Alike().Select((group, i) => $"{i + 1}={string.Join(", ", group)}")), Style.Plain);
            WriteLegend(form == InWords);
            return;
        }

        foreach (var row in _rows) WriteFolded($"{row.Name}: {Standing(row)}", StyleOf(row));
    }

    private Table InWords() => Fill(_runtimes.Select(runtime => (runtime.Id, CellWording.Title(runtime))),
        (row, runtime) => row.AsExpected.TryGetValue(runtime, out var verdict) ? ("as expected", ReportView.StyleOf(verdict))
        : row.Cells.GetValueOrDefault(runtime) is not { } cell ? ("", Style.Plain)
        : (cell.IsInapplicable ? Dash : CellWording.Short(cell) is { Length: > 0 } shown ? cell.Verdict.IsUnexpected()
            ? $"{cell.Verdict.Word()} {shown}" : shown : cell.Verdict.Word(), ReportView.StyleOf(cell.Verdict)));

    private Table InMarks() => Fill(_runtimes.Select(runtime => (runtime.Id, runtime.Id)), Mark);

    private Table InGroups() => Fill(Alike().Select((group, i) => (group[0], $"{i + 1}")), Mark);

    /// <summary>Runtimes that have the same mark in every row.</summary>
    private IEnumerable<ImmutableArray<string>> Alike() =>
        _runtimes.GroupBy(runtime => string.Join('\n', _rows.Select(row => Mark(row, runtime.Id).Text)), runtime => runtime.Id)
            .Select(alike => alike.ToImmutableArray());

    private Table Fill(IEnumerable<(string Runtime, string Title)> columns, Func<MatrixRow, string, (string Text, Style Style)> cell)
    {
        var shown = columns.ToList();
        var table = new Table().Border(_unicode ? TableBorder.Simple : TableBorder.Ascii);
        table.AddColumn(Column("module"));
        foreach (var (_, title) in shown) table.AddColumn(Column(title));
        table.AddColumn(Column("agreement"));
        foreach (var row in _rows)
        {
            table.AddRow([new Text(row.Name), .. shown.Select(column => cell(row, column.Runtime))
                .Select(mark => new Text(mark.Text, mark.Style)), new Text(Standing(row), StyleOf(row))]);
        }

        return table;
    }

    private static TableColumn Column(string title) => new TableColumn(new Text(title)).NoWrap().Padding(0, 1);

    /// <summary>A letter for each group of a row whose runtimes part; else how the cell stands to what is declared.</summary>
    private (string Text, Style Style) Mark(MatrixRow row, string runtime)
    {
        if (row.AsExpected.TryGetValue(runtime, out var verdict)) return (Mark(verdict), ReportView.StyleOf(verdict));
        if (row.Cells.GetValueOrDefault(runtime) is not { } cell) return ("", Style.Plain);
        var style = ReportView.StyleOf(cell.Verdict);
        if (cell.IsInapplicable) return (Dash, style);
        if (cell.Verdict.IsUnexpected()) return (_unicode ? "✗" : "X", style);
        if (row.Agreement is { Result: AgreementResult.Split } split && split.Groups.ToList()
            .FindIndex(group => group.Contains(runtime)) is >= 0 and < 26 and var group)
        {
            return ($"{(char)('A' + group)}", style);
        }

        return (Mark(cell.Verdict), style);
    }

    private string Mark(Verdict verdict) => verdict switch
    {
        Verdict.Pass => _unicode ? "✓" : "+",
        Verdict.Xfail => _unicode ? "≈" : "~",
        Verdict.Skipped => "s",
        _ => "u"
    };

    private void WriteLegend(bool inWords)
    {
        var inapplicable = _rows.SelectMany(row => row.Cells.Values).Where(cell => cell.IsInapplicable).GroupBy(cell =>
            cell.Reason!.Split(": ", 2)[0]).OrderByDescending(same => same.Count()).ThenBy(same => same.Key, StringComparer.Ordinal)
            .Select(same => $"{string.Join(", ", same.Select(cell => cell.Runtime).Distinct().Order(StringComparer.Ordinal))}: {same.Key}")
                .ToList();
        if (!inWords)
        {
            var marks = _rows.SelectMany(row => _runtimes.Select(runtime => Mark(row, runtime.Id).Text)).ToHashSet(StringComparer.Ordinal);
            var words = new (string Mark, string Words)[] { ("✓", "as expected"), ("+", "as expected"), ("≈", "departs as declared"),
                ("~", "departs as declared"), ("✗", "not as expected"), ("X", "not as expected"), ("s", "skipped by declaration"),
                ("u", "unavailable") }.Where(entry => marks.Contains(entry.Mark)).Select(entry => $"{entry.Mark} {entry.Words}");
            if (marks.Contains("B")) words = words.Append("A, B, C saw the same each");
            WriteFolded(string.Join("  ", words), Style.Plain);
        }

        if (inapplicable.Count > 0) WriteFolded($"{Dash} not applicable: {string.Join("; ", inapplicable)}", Style.Plain);
    }

    private string Dash => _unicode ? "–" : "-";

    private static string Standing(MatrixRow row) =>
        row.Agreement is not { } agreement ? ""
        : agreement.Verdict?.IsUnexpected() == true ? $"{CellWording.Describe(agreement)}, {agreement.Verdict.Value.Word()}"
        : CellWording.Describe(agreement);

    private static Style StyleOf(MatrixRow row) =>
        row.Agreement?.Verdict?.IsUnexpected() == true ? ReportView.StyleOf(row.Agreement.Verdict.Value)
            : row.Agreement?.Result == AgreementResult.Unanimous ? Style.Plain : new Style(Color.Yellow);

    private void WriteFolded(string text, Style style) => _console.WriteFolded(text, style);

    private sealed class MatrixRow(string name, Dictionary<string, CellLine> cells, Agreement? agreement)
    {
        public string Name => name;

        public Dictionary<string, CellLine> Cells => cells;

        public Agreement? Agreement => agreement;

        /// <summary>Of a row that stands for many, runtime → how it stands to what is declared; <see cref="Cells"/> is empty then.</summary>
        public Dictionary<string, Verdict> AsExpected { get; init; } = [];

        /// <summary>What is red, then what can't be compared, then what parts, then what agrees.</summary>
        public int Rank => cells.Values.Any(cell => cell.Verdict.IsUnexpected()) || agreement?.Verdict?.IsUnexpected() == true ? 0
            : 1 + (agreement is null ? AgreementResults.ByWeight.Length : AgreementResults.ByWeight.IndexOf(agreement.Result));
    }
}
