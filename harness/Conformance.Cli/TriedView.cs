using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Conformance.Model;
using Conformance.Model.Comparing;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Formats;
using Conformance.Reporting.Terminal;
using Conformance.Reporting.Wording;
using Conformance.Wasm;
using DiffPlex.Renderer;
using Spectre.Console;

namespace Conformance.Cli;

/// <summary>What runtimes did with a module that was tried: all of it, then where they part, and what to do.</summary>
internal sealed class TriedView
{
    private const string OutputTitle = "output";

    private const string Table = "table", Json = "json", Markdown = "markdown", Html = "html";

    private const int ContextLines = 3, MostDiffLines = 40, MostOutput = 40, LeastOutput = 8, MostWords = 300;

    /// <summary>A console that is narrower has no room for versions, which the other forms have.</summary>
    private const int Wide = 100;

    /// <summary>Between columns, and what follows an output that is cut.</summary>
    private const int Gap = 2, CutOutput = 14;

    private static readonly JsonSerializerOptions Indented = new(ModelJson.Readable.Options) { WriteIndented = true };

    private readonly string _file;
    private readonly string _what;
    private readonly Report _report;
    private readonly string? _reference;
    private readonly Agreement _agreement;

    /// <summary>Those that ran it, group by group.</summary>
    private readonly ImmutableArray<ImmutableArray<CellLine>> _groups;

    private readonly List<CellLine> _inapplicable;

    /// <param name="file">As it was named.</param>
    /// <param name="what">What it is, and what was called of it.</param>
    /// <param name="report">Of one scenario.</param>
    /// <param name="reference">The runtime that is right; null: none is.</param>
    public TriedView(string file, string what, Report report, string? reference)
    {
        (_file, _what, _report, _reference) = (file, what, report, reference);
        _agreement = report.Agreements[0];
        var cells = report.Cells.ToDictionary(cell => cell.Runtime, StringComparer.Ordinal);
        _groups = [.. _agreement.Groups.Select(group => group.Select(runtime => cells[runtime]).ToImmutableArray())];
        _inapplicable = [.. report.Cells.Where(cell => cell.IsInapplicable).OrderBy(cell => cell.Runtime, StringComparer.Ordinal)];
    }

    /// <summary>The forms that it can be written in, the usual one first.</summary>
    public static ImmutableArray<string> Formats { get; } = [Table, Json, Markdown, Html];

    /// <summary>What most runtimes did; null where none ran it.</summary>
    public Observation? Most => _groups.IsEmpty ? null : _groups[0][0].Observation;

    /// <summary>As expected where all did the same.</summary>
    public ExitCode Exit => _report.Cells.Any(cell => cell.Verdict == Verdict.NotRun) || (_reference is not null && Reference is null)
        ? ExitCode.Environment
        : _agreement.Result switch
        {
            AgreementResult.Unanimous => ExitCode.AsExpected,
            AgreementResult.Unsupported => ExitCode.Environment,
            _ => ExitCode.Unexpected,
        };

    /// <summary>The group of the runtime that is right.</summary>
    private ImmutableArray<CellLine>? Reference =>
        _groups.Where(group => group.Any(cell => cell.Runtime == _reference))
            .Select(group => (ImmutableArray<CellLine>?)group).FirstOrDefault();

    /// <param name="format">One of <see cref="Formats"/>.</param>
    /// <param name="whole">Whether everything is wanted in its long form.</param>
    public void Write(string format, bool whole)
    {
        switch (format)
        {
            case Json: Console.WriteLine(AsJson().ToJsonString(Indented)); break;
            case Markdown: WriteMarkdown(); break;
            case Html: WriteHtml(); break;
            default: WriteTable(whole); break;
        }
    }

    private void WriteTable(bool whole)
    {
        var console = AnsiConsole.Console;
        console.WriteFolded($"{Path.GetFileName(_file)}: {_what}");
        var width = console.Profile.Width;
        var rows = Rows(width >= Wide, MostOutput).ToList();
        if (rows.Count > 0)
        {
            // What is left of the width is the output's.
            var others = Columns(rows).Where(column => column.Title != OutputTitle)
                .Sum(column => rows.Max(row => Math.Max(column.Title.Length, column.Value(row).Length)) + Gap);
            rows = [.. Rows(width >= Wide, Math.Clamp(width - others - Gap - CutOutput, LeastOutput, MostOutput))];
            var table = new Table().Border(console.Profile.Capabilities.Unicode ? TableBorder.Simple : TableBorder.Ascii);
            var columns = Columns(rows);
            foreach (var (title, _) in columns) table.AddColumn(new TableColumn(new Text(title)).NoWrap().Padding(0, 1));
            foreach (var row in rows) table.AddRow([.. columns.Select(column => new Text(TextName.Seen(column.Value(row)), row.Style))]);
            console.Write(table);
        }

        var style = _agreement.Result == AgreementResult.Unanimous ? Style.Plain : new Style(Color.Yellow);
        foreach (var line in Sentences()) console.WriteFolded(line, style);
        foreach (var (title, text) in Diffs())
        {
            console.WriteFolded(title);
            Console.Write(text);
        }

        foreach (var line in Words(whole)) console.WriteFolded(line, new Style(Color.Red));
        if (Advice is { } advice) console.WriteFolded(advice);
        var view = new ReportView(console);
        view.WriteNotRun(_report.Cells);
        view.WriteUnavailable(_report.Header, whole);
    }

    private void WriteMarkdown()
    {
        Console.WriteLine($"### {MarkdownText.Code(Path.GetFileName(_file))}: {MarkdownText.Plain(_what)}\n");
        var rows = Rows(versions: true, MostOutput).ToList();
        var columns = Columns(rows);
        Console.WriteLine($"| {string.Join(" | ", columns.Select(column => column.Title))} |");
        Console.WriteLine($"|{string.Concat(Enumerable.Repeat(" --- |", columns.Count))}");
        foreach (var row in rows) Console.WriteLine($"| {string.Join(" | ", columns.Select(column => MarkdownText.Plain(column.Value(row))))} |");
        Console.WriteLine();
        foreach (var line in Sentences()) Console.WriteLine($"{MarkdownText.Plain(line)}\n");
        foreach (var (title, text) in Diffs()) Console.WriteLine($"{MarkdownText.Plain(title)}\n\n{MarkdownText.Block("diff", text)}\n");
        foreach (var line in Words(whole: true)) Console.WriteLine($"- {MarkdownText.Plain(line)}");
        if (Advice is { } advice) Console.WriteLine($"\n{MarkdownText.Plain(advice)}");
        foreach (var runtime in _report.Header.Runtimes.Where(runtime => runtime.Unavailable is not null))
            Console.WriteLine($"- unavailable: {MarkdownText.Plain($"{runtime.Id}: {runtime.Unavailable!.Reason}")}");
    }

    private void WriteHtml()
    {
        using var output = Console.OpenStandardOutput();
        ReportFormats.ByName(Html).Write(new ReportDocument(_report), output);
    }

    private JsonObject AsJson() => new()
    {
        ["file"] = _file,
        ["what"] = _what,
        ["sha256"] = _report.Header.Modules[0].Sha256,
        ["runtimes"] = JsonSerializer.SerializeToNode(_report.Header, ModelJson.Readable.HeaderLine)!["runtimes"]!.DeepClone(),
        ["agreement"] = JsonSerializer.SerializeToNode(_report.Footer!, ModelJson.Readable.FooterLine)!["agreements"]![0]!.DeepClone(),
        ["reference"] = _reference,
        ["cells"] = new JsonArray([.. _report.Cells.Select(cell => JsonSerializer.SerializeToNode(cell, ModelJson.Readable.CellLine))]),
    };

    /// <summary>One for each runtime that is here, those that did the same together.</summary>
    /// <param name="versions">Whether there is room for the runtimes'.</param>
    /// <param name="most">Characters of an output.</param>
    private IEnumerable<Row> Rows(bool versions, int most)
    {
        foreach (var (place, group) in _groups.Index())
        {
            foreach (var cell in group)
            {
                yield return new Row(_groups.Length > 1 ? Letter(place) : "", Title(cell.Runtime, versions), Outcome(cell),
                    cell.Run.Exit?.ToString(CultureInfo.InvariantCulture) ?? "", cell.Run.Result ?? "", Calls(cell), Output(cell.Run.Stdout, most), Time(cell))
                {
                    Style = _groups.Length == 1 ? Style.Plain : new Style(place == 0 ? Color.Green : Color.Red),
                };
            }
        }

        foreach (var cell in _inapplicable) yield return new Row("", Title(cell.Runtime, versions), "not applicable", "", "", "", "", "");
    }

    /// <summary>Whatever the code that a guest exits with: it ran.</summary>
    private static string Outcome(CellLine cell) => cell.Verdict == Verdict.Flaky ? "flaky"
        : cell.Run.Exit is { } exit && cell.Outcome.Code == OutcomeCodes.Exit(exit) ? "ran"
        : cell.Outcome.Code is { } code ? $"{code} at {cell.Outcome.Phase.Word()}" : "ran";

    private string Title(string runtime, bool version) =>
        version ? CellWording.Title(_report.Header.Runtimes.First(info => info.Id == runtime)) : runtime;

    /// <summary>What has nothing to show for any runtime has no column.</summary>
    private static List<(string Title, Func<Row, string> Value)> Columns(List<Row> rows) =>
        [.. new (string Title, Func<Row, string> Value)[]
        {
            ("", row => row.Group), ("runtime", row => row.Runtime), ("outcome", row => row.Outcome), ("exit", row => row.Exit),
            ("result", row => row.Result), ("calls", row => row.Calls), (OutputTitle, row => row.Output), ("time", row => row.Time),
        }.Where(column => rows.Exists(row => column.Value(row).Length > 0))];

    private IEnumerable<string> Sentences()
    {
        yield return $"{CellWording.Describe(_agreement)}: {Sentence}";
        if (_reference is null) yield break;
        if (Reference is not { } right)
        {
            yield return $"{_reference} did not run it: nothing can be held against it";
            yield break;
        }

        var others = _groups.SelectMany(group => group).Where(cell => !right.Contains(cell)).Select(cell => cell.Runtime).ToList();
        yield return others.Count > 0 ? $"other than {_reference}: {string.Join(", ", others)}" : $"all do as {_reference} does";
    }

    /// <summary>What each group did; where it has a letter, its runtimes need no names.</summary>
    private string Sentence => _agreement.Result is AgreementResult.Unanimous or AgreementResult.Split
        ? string.Join("; ", _groups.Zip(Comparison.Descriptions([.. _groups.Select(group => group[0])]),
            (group, words) => $"{Who(group)}: {words}").Concat(_inapplicable.GroupBy(cell => cell.Reason, cell => cell.Runtime)
                .Select(same => $"not applicable to {string.Join(", ", same)}: {same.Key}")))
        : _agreement.Sentence;

    private string Who(ImmutableArray<CellLine> group) => _groups.Length > 1 ? Letter(_groups.IndexOf(group))
        : group.Length > 1 ? $"all {group.Length} that can run it" : $"{group[0].Runtime} alone";

    /// <summary>What each group printed, against the first, or against the one that is right.</summary>
    private IEnumerable<(string Title, string Text)> Diffs()
    {
        if (_groups.Length < 2) yield break;
        var right = Reference ?? _groups[0];
        var from = Letter(_groups.IndexOf(right));
        foreach (var (place, group) in _groups.Index().Where(group => group.Item != right))
        {
            var (before, after) = (right[0].Run.Stdout.Text, group[0].Run.Stdout.Text);
            if (before == after || before.Length == 0 || after.Length == 0) continue;
            var lines = UnidiffRenderer.GenerateUnidiff(before, after, $"stdout of {from}", $"stdout of {Letter(place)}",
                ignoreWhitespace: false, ignoreCase: false, ContextLines).ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
            // The end of the last line is no line.
            if (lines is [.. var but, " "]) lines = but;
            var more = lines.Length > MostDiffLines ? $"… and {lines.Length - MostDiffLines} more lines\n" : "";
            yield return ($"{Letter(place)} printed something else than {from}:", $"{string.Join('\n', lines.Take(MostDiffLines))}\n{more}");
        }
    }

    /// <summary>What a runtime of each group says of how it ended.</summary>
    private IEnumerable<string> Words(bool whole)
    {
        foreach (var (place, group) in _groups.Index())
        {
            var cell = group.FirstOrDefault(cell => cell.Outcome.Code is not null && !string.IsNullOrWhiteSpace(cell.Run.Text));
            if (cell is null) continue;
            var text = cell.Run.Text!.Trim().ReplaceLineEndings(" ");
            if (!whole && text.Length > MostWords) text = $"{text[..MostWords]}… (--all says more)";
            yield return $"{(_groups.Length > 1 ? $"{Letter(place)}, " : "")}in the words of {cell.Runtime}: {text}";
        }
    }

    private string? Advice => _groups.Any(group => group[0].Outcome is { Phase: Phase.Link, Code: not null })
        ? $"who provides which import, and what to do: conformance imports {_file} --explain" : null;

    /// <summary>Of functions of its host's.</summary>
    private static string Calls(CellLine cell) =>
        cell.Run.HostCalls.Sum(call => call.Times) is > 0 and var calls ? calls.ToString(CultureInfo.InvariantCulture) : "";

    private static string Letter(int place) => place < 26 ? ((char)('A' + place)).ToString() : $"{place + 1}";

    private static string Output(CapturedText text, int most)
    {
        if (text.Bytes == 0) return "";
        var quoted = TextName.Quoted(text.Text);
        if (quoted.Length <= most + CutOutput && !text.Truncated) return quoted;
        var characters = Math.Min(most, text.Text.Length);
        while (characters > 0 && TextName.Quoted(text.Text[..characters]).Length > most) characters--;
        return $"{TextName.Quoted(text.Text[..characters])}… {text.Bytes} bytes";
    }

    private static string Time(CellLine cell) =>
        CellWording.Milliseconds(cell) is { } time ? string.Create(CultureInfo.InvariantCulture, $"{time:0.0} ms") : "";

    private sealed record Row(string Group, string Runtime, string Outcome,
        string Exit, string Result, string Calls, string Output, string Time)
    {
        public Style Style { get; init; } = Style.Plain;
    }
}
