using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Conformance.Manifests;

/// <summary>
/// A TOML value with its place in the file: <see cref="string"/>, <see cref="long"/>, <see cref="double"/>, <see cref="bool"/>, a list of
/// nodes, or a table.
/// </summary>
internal sealed record TomlNode(object Value, TextPosition At);

/// <summary>A table's keys in their order, each with the place of its key.</summary>
internal sealed class TomlTable(TextPosition at)
{
    public TextPosition At { get; } = at;

    public TomlNodes Nodes { get; } = new();
}

/// <summary>
/// The keys of a table with what they name, in their order. Of most tables there are thousands, and each has a few: those need no
/// dictionary.
/// </summary>
internal sealed class TomlNodes : IEnumerable<KeyValuePair<string, TomlNode>>
{
    private const int Few = 8;

    private KeyValuePair<string, TomlNode>[] _nodes = [];
    private int _count;
    private Dictionary<string, int>? _places;

    public IEnumerable<string> Keys => this.Select(node => node.Key);

    public TomlNode this[string key]
    {
        set
        {
            if (!TryAdd(key, value)) _nodes[PlaceOf(key)] = KeyValuePair.Create(key, value);
        }
    }

    public bool ContainsKey(string key) => PlaceOf(key) >= 0;

    public bool TryGetValue(string key, [NotNullWhen(true)] out TomlNode? node)
    {
        var place = PlaceOf(key);
        node = place >= 0 ? _nodes[place].Value : null;
        return place >= 0;
    }

    /// <returns>False where it is there already.</returns>
    public bool TryAdd(string key, TomlNode node)
    {
        if (PlaceOf(key) >= 0) return false;
        if (_count == _nodes.Length) Array.Resize(ref _nodes, Math.Max(2, _count * 2));
        _nodes[_count++] = KeyValuePair.Create(key, node);
        if (_count == Few + 1) _places = this.Index().ToDictionary(its => its.Item.Key, its => its.Index, StringComparer.Ordinal);
        else _places?.Add(key, _count - 1);
        return true;
    }

    public IEnumerator<KeyValuePair<string, TomlNode>> GetEnumerator() => _nodes.Take(_count).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int PlaceOf(string key)
    {
        if (_places is not null) return _places.GetValueOrDefault(key, -1);
        for (var i = 0; i < _count; i++)
        {
            if (_nodes[i].Key == key) return i;
        }

        return -1;
    }
}

/// <summary>Turns Tomlyn's syntax tree, which knows places but not tables, into nested tables that know both.</summary>
internal static class TomlTree
{
    /// <summary>Tomlyn and what reads its trees call themselves for each level, and a stack that is full can't be caught.</summary>
    private const int MostDepth = 64;

    /// <summary>Reads a document: by <see cref="TomlStream"/> where it is plainly right, else by its syntax tree.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="file">Its name, for problems.</param>
    /// <param name="problems">Gets every syntax error.</param>
    /// <returns>The root table; what could be read of it, where there were problems.</returns>
    public static TomlTable Parse(string text, string file, List<ManifestProblem> problems)
    {
        if (TooDeep(text) is { } line)
        {
            problems.Add(new ManifestProblem(file, line, 1, $"more than {MostDepth} levels: no manifest has so many"));
            return new TomlTable(default);
        }

        try
        {
            return TomlStream.Read(text) ?? ParseDocument(text, file, problems);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException or OverflowException)
        {
            // What Tomlyn throws for a document that it should report on (an escape of a surrogate, say): it gives no place.
            problems.Add(new ManifestProblem(file, 1, 1, $"not TOML: {e.Message.ReplaceLineEndings(" ")}"));
            return new TomlTable(default);
        }
    }

    /// <summary>The line, from 1, where values or the keys of one name are nested too deeply; null where they are not.</summary>
    private static int? TooDeep(string text)
    {
        var (line, depth, dots, quote) = (1, 0, 0, '\0');
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\n')
            {
                // Only strings of several lines go on, and those are not looked for: in them, brackets are too few to matter.
                (line, dots, quote) = (line + 1, 0, '\0');
            }
            else if (quote != '\0')
            {
                if (c == '\\' && quote == '"') i++;
                else if (c == quote) quote = '\0';
            }
            else if (c is '"' or '\'')
            {
                quote = c;
            }
            else if (c is '[' or '{')
            {
                depth++;
            }
            else if (c is ']' or '}')
            {
                depth = Math.Max(0, depth - 1);
            }
            else if (c == '.')
            {
                dots++;
            }
            else if (c is '=' or ',' or '#')
            {
                dots = 0;
            }

            if (depth > MostDepth || dots > MostDepth) return line;
        }

        return null;
    }

    internal static TomlTable ParseDocument(string text, string file, List<ManifestProblem> problems)
    {
        var document = SyntaxParser.Parse(text, file, true);
        var root = new TomlTable(default);
        foreach (var diagnostic in document.Diagnostics)
            problems.Add(new ManifestProblem(file, diagnostic.Span.Start.Line + 1, diagnostic.Span.Start.Column + 1, diagnostic.Message));
        if (document.HasErrors) return root;

        foreach (var pair in document.KeyValues) Add(root, pair);
        foreach (var header in document.Tables)
        {
            var path = Path(header.Name!);
            var parent = path.SkipLast(1).Aggregate(root, Enter);
            var (name, at) = path[^1];
            TomlTable table;
            if (header is TableArraySyntax)
            {
                if (!parent.Nodes.TryGetValue(name, out var array)) parent.Nodes[name] = array = new TomlNode(new List<TomlNode>(), at);
                table = new TomlTable(at);
                ((List<TomlNode>)array.Value).Add(new TomlNode(table, at));
            }
            else
            {
                table = Enter(parent, path[^1]);
            }

            foreach (var pair in header.Items) Add(table, pair);
        }

        return root;
    }

    private static void Add(TomlTable table, KeyValueSyntax pair)
    {
        var path = Path(pair.Key!);
        table = path.SkipLast(1).Aggregate(table, Enter);
        table.Nodes[path[^1].Name] = new TomlNode(Value(pair.Value!, path[^1].At), path[^1].At);
    }

    /// <summary>The table of that name, the last one of an array of tables, or a new one.</summary>
    private static TomlTable Enter(TomlTable parent, (string Name, TextPosition At) key)
    {
        if (!parent.Nodes.TryGetValue(key.Name, out var node)) parent.Nodes[key.Name] = node = new TomlNode(new TomlTable(key.At), key.At);
        return node.Value switch
        {
            TomlTable table => table,
            List<TomlNode> { Count: > 0 } array when array[^1].Value is TomlTable last => last,
            _ => throw new InvalidOperationException(
                $"'{key.Name}' is both a value and a table; Tomlyn's validation lets no such document through"),
        };
    }

    private static List<(string Name, TextPosition At)> Path(KeySyntax key)
    {
        var path = new List<(string, TextPosition)> { (Name(key.Key!), key.Key!.Span.Start) };
        foreach (var item in key.DotKeys) path.Add((Name(item.Key!), item.Key!.Span.Start));
        return path;
    }

    private static string Name(BareKeyOrStringValueSyntax key) => key switch
    {
        StringValueSyntax quoted => quoted.Value ?? "",
        BareKeySyntax bare => bare.Key?.Text ?? "",
        _ => key.ToString(),
    };

    private static object Value(ValueSyntax value, TextPosition at)
    {
        switch (value)
        {
            case StringValueSyntax text: return text.Value ?? "";
            case IntegerValueSyntax integer: return integer.Value;
            case BooleanValueSyntax boolean: return boolean.Value;
            case FloatValueSyntax real: return real.Value;
            case ArraySyntax array:
                return array.Items.Select(item => new TomlNode(Value(item.Value!, item.Value!.Span.Start), item.Value!.Span.Start))
                    .ToList();
            case InlineTableSyntax inline:
                var table = new TomlTable(at);
                foreach (var item in inline.Items) Add(table, item.KeyValue!);
                return table;
            default: return value; // dates: no manifest key takes one, so every reader refuses it by its type
        }
    }
}
