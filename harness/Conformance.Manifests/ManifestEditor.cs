using System.Text;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Conformance.Manifests;

/// <summary>
/// Changes the expectations in a manifest's text and leaves all the rest of it as it stands: comments, order, blank lines. What is written
/// is TOML text; whether it is a good manifest is the reader's to say.
/// </summary>
/// <seealso href="https://toml.io/en/v1.0.0"/>
public sealed class ManifestEditor
{
    private readonly string _text;
    private readonly string _newLine;
    private readonly List<TableSyntaxBase> _headers;
    private readonly List<(int Start, int End, string Replacement)> _edits = [];

    /// <param name="text">A manifest that was read without an error.</param>
    public ManifestEditor(string text)
    {
        _text = text;
        _newLine = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        var document = SyntaxParser.Parse(text, "", true);
        _headers = [.. document.Tables];
    }

    /// <summary>The text with all changes.</summary>
    public string Result
    {
        get
        {
            var result = new StringBuilder(_text);
            // From the end, so that places stay what they are; at one place, what goes does so before what comes, and what comes keeps its
            // order.
            foreach (var (_, (start, end, replacement)) in _edits.Index()
                .OrderByDescending(edit => edit.Item.Start).ThenByDescending(edit => edit.Item.End).ThenByDescending(edit => edit.Index))
            {
                result.Remove(start, end - start).Insert(start, replacement);
            }

            return result.ToString();
        }
    }

    /// <summary>Changes what a scenario expects of every runtime.</summary>
    /// <param name="scenario">Its place in the manifest.</param>
    /// <param name="changes">Keys and their values as TOML, null for a key that is to go.</param>
    /// <returns>False where it is written in a form that this does not change.</returns>
    public bool SetExpectation(int scenario, IReadOnlyCollection<KeyValuePair<string, string?>> changes)
    {
        if (HasTablesWithin(scenario, "expect")) return false;
        if (Blocks(scenario, "scenarios.expect").FirstOrDefault() is { } block)
        {
            Set(block, changes);
            return true;
        }

        if (Scenario(scenario) is not { } table
            || table.Items.FirstOrDefault(item => Name(item.Key!) == "expect")?.Value is not InlineTableSyntax inline)
        {
            return false;
        }

        var keys = inline.Items.Select(item => (Key: Name(item.KeyValue!.Key!), Text: Text(item.KeyValue!.Span).Trim()))
            .Where(item => !changes.Any(change => change.Key == item.Key))
            .Concat(changes.Where(change => change.Value is not null)
                .Select(change => (change.Key, Text: $"{change.Key} = {change.Value}")));
        Edit(inline.Span.Start.Offset, inline.Span.End.Offset + 1,
            string.Join(", ", keys.Select(item => item.Text)) is { Length: > 0 } items ? $"{{ {items} }}" : "{}");
        return true;
    }

    /// <summary>Whether a scenario's entries are tables of their own without others in them, which can be changed.</summary>
    public bool HasTables(int scenario, string key) =>
        Scenario(scenario) is { } table && table.Items.All(item => Name(item.Key!) != key) && !HasTablesWithin(scenario, key);

    /// <summary>Changes one of a scenario's <c>differences</c> or <c>splits</c>.</summary>
    /// <param name="scenario">The scenario's place in the manifest.</param>
    /// <param name="key">Which array.</param>
    /// <param name="index">The entry's place in it.</param>
    /// <param name="changes">As in <see cref="SetExpectation"/>.</param>
    public void SetEntry(int scenario, string key, int index, IReadOnlyCollection<KeyValuePair<string, string?>> changes) =>
        Set(Blocks(scenario, $"scenarios.{key}")[index], changes);

    /// <summary>Removes an entry, with the comments that stand right above it.</summary>
    public void RemoveEntry(int scenario, string key, int index)
    {
        var block = Blocks(scenario, $"scenarios.{key}")[index];
        var start = WithComments(block.Span.Start.Offset);
        // One of the blank lines around it goes with it.
        if (start > 0 && LineStart(start - 1) is var above && _text[above..start].Trim().Length == 0) start = above;
        Edit(start, LineEnd(block.Span.End.Offset), "");
    }

    /// <summary>Adds an entry: before another of its array, or after its last; the first one after what the scenario expects.</summary>
    /// <param name="scenario">As in <see cref="SetEntry"/>.</param>
    /// <param name="key">As in <see cref="SetEntry"/>.</param>
    /// <param name="before">The place of the entry that it is to come before; null is at the end.</param>
    /// <param name="entry">Its keys and their values as TOML, in their order.</param>
    public void AddEntry(int scenario, string key, int? before, IEnumerable<KeyValuePair<string, string?>> entry)
    {
        var lines = string.Concat(entry.Where(pair => pair.Value is not null)
            .Select(pair => $"{pair.Key} = {pair.Value}{_newLine}").Prepend($"[[scenarios.{key}]]{_newLine}"));
        var siblings = Blocks(scenario, $"scenarios.{key}");
        if (before is { } place)
        {
            var start = WithComments(siblings[place].Span.Start.Offset);
            Edit(start, start, lines + _newLine);
            return;
        }

        var last = siblings.LastOrDefault() ?? Last(scenario, key);
        var end = LineEnd(last.Span.End.Offset);
        Edit(end, end, (end > 0 && _text[end - 1] != '\n' ? _newLine : "") + _newLine + lines);
    }

    /// <summary>The table that a first entry comes after: differences come before splits.</summary>
    private TableSyntaxBase Last(int scenario, string key)
    {
        var blocks = Span(scenario).ToList();
        return (key == "differences" ? blocks.LastOrDefault(block => Name(block.Name!) != "scenarios.splits") : null) ?? blocks[^1];
    }

    private void Set(TableSyntaxBase block, IReadOnlyCollection<KeyValuePair<string, string?>> changes)
    {
        var added = new StringBuilder();
        foreach (var (key, value) in changes)
        {
            var item = block.Items.FirstOrDefault(item => Name(item.Key!) == key);
            if (item is null) added.Append(value is null ? "" : $"{key} = {value}{_newLine}");
            else if (value is null) Edit(LineStart(item.Span.Start.Offset), LineEnd(item.Span.End.Offset), "");
            else Edit(item.Value!.Span.Start.Offset, item.Value.Span.End.Offset + 1, value);
        }

        if (added.Length == 0) return;
        // After the last key that stays: what goes is cut out at places of its own.
        var stays = block.Items.LastOrDefault(item => !changes.Any(change => change.Key == Name(item.Key!) && change.Value is null));
        var end = LineEnd(stays?.Span.End.Offset ?? block.CloseBracket!.Span.End.Offset);
        Edit(end, end, (end > 0 && _text[end - 1] != '\n' ? _newLine : "") + added);
    }

    private TableSyntaxBase? Scenario(int scenario) =>
        _headers.Where(header => Name(header.Name!) == "scenarios").ElementAtOrDefault(scenario);

    /// <summary>The tables of a scenario, its own first, in their order.</summary>
    private IEnumerable<TableSyntaxBase> Span(int scenario)
    {
        var first = Scenario(scenario) is { } header ? _headers.IndexOf(header) : _headers.Count;
        return _headers.Skip(first).TakeWhile((other, i) => i == 0 || Name(other.Name!).StartsWith("scenarios.", StringComparison.Ordinal));
    }

    private bool HasTablesWithin(int scenario, string key) =>
        Span(scenario).Any(header => Name(header.Name!).StartsWith($"scenarios.{key}.", StringComparison.Ordinal));

    private List<TableSyntaxBase> Blocks(int scenario, string name) => [.. Span(scenario).Where(header => Name(header.Name!) == name)];

    private void Edit(int start, int end, string replacement) => _edits.Add((start, end, replacement));

    private string Text(SourceSpan span) => _text[span.Start.Offset..(span.End.Offset + 1)];

    private static string Name(KeySyntax key) =>
        string.Join('.', key.DotKeys.Select(dotted => dotted.Key!).Prepend(key.Key!).Select(part => part switch
    {
        StringValueSyntax quoted => quoted.Value,
        BareKeySyntax bare => bare.Key?.Text,
        _ => part.ToString(),
    }));

    private int LineStart(int offset) => offset == 0 ? 0 : _text.LastIndexOf('\n', offset - 1) + 1;

    /// <summary>The place after the line break of the line that an offset is in.</summary>
    private int LineEnd(int offset) => _text.IndexOf('\n', offset) is var end && end < 0 ? _text.Length : end + 1;

    /// <summary>The start of a table's line, or of the comments right above it.</summary>
    private int WithComments(int offset)
    {
        var start = LineStart(offset);
        while (start > 0 && LineStart(start - 1) is var above && _text[above..start].TrimStart().StartsWith('#')) start = above;
        return start;
    }
}
