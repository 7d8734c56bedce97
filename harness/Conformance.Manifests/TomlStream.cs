using System.Collections;
using Tomlyn;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Conformance.Manifests;

/// <summary>
/// Reads a document of TOML as it comes, into the tables that <see cref="TomlTree"/> makes, without a syntax tree, which takes six times
/// the memory and four times the time. It takes what is plainly right: where there is any doubt, the other reads the document, and says
/// what is wrong.
/// </summary>
internal sealed class TomlStream
{
    private readonly string _text;
    private readonly TomlParser _events;
    private readonly Stack<Frame> _frames = [];
    private readonly HashSet<List<TomlNode>> _tableArrays = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<TomlTable> _closed = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly int[] _lines;
    private readonly BitArray _toldOf;
    private int _behind;

    private TomlStream(string text)
    {
        _text = text;
        _lines = [0, .. Enumerable.Range(0, text.Length).Where(i => text[i] == '\n').Select(i => i + 1)];
        _toldOf = new BitArray(_lines.Length + 1);
        _events = TomlParser.Create(text, new TomlParserOptions { Mode = TomlParserMode.Strict }, (TomlSerializerOptions?)null);
    }

    /// <summary>The root table; null where the document is wrong, or may be.</summary>
    public static TomlTable? Read(string text)
    {
        try
        {
            return new TomlStream(text).ReadDocument();
        }
        catch (Exception e) when (e is TomlException or ArgumentException or InvalidOperationException or FormatException
            or OverflowException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private TomlTable? ReadDocument()
    {
        var root = new TomlTable(default);
        if (Next() != TomlParseEventKind.StartDocument || Next() != TomlParseEventKind.StartTable) return null;
        _frames.Push(new Frame(root, 0, IsNew: true, new Shape(TomlParseEventKind.StartTable)));
        while (_frames.Count > 0)
        {
            switch (Next())
            {
                case TomlParseEventKind.PropertyName:
                    if (!ReadProperty()) return null;
                    break;
                case TomlParseEventKind.EndTable:
                    // One that was there, and gets nothing now, is a table's second header.
                    if (_frames.Pop() is { IsNew: false, HasMore: false }) return null;
                    break;
                case TomlParseEventKind.StartTable when _frames.Peek().Array is { } array:
                    AddElement(array, HeaderPosition(), _frames.Peek().Shape);
                    break;
                case TomlParseEventKind.EndArray when _frames.Peek().Array is not null:
                    _frames.Pop();
                    break;
                default: return null;
            }
        }

        return Next() == TomlParseEventKind.EndDocument && !_events.HasErrors && IsEveryHeaderTold() ? root : null;
    }

    /// <summary>Of a header that opens what is open there are no events, whether it may be there or not.</summary>
    private bool IsEveryHeaderTold()
    {
        for (var line = 0; line < _lines.Length; line++)
        {
            if (!_toldOf[line] && _text.AsSpan(_lines[line]).TrimStart(" \t") is ['[', ..]) return false;
        }

        return true;
    }

    /// <returns>False where its table has it already, and there is doubt.</returns>
    private bool ReadProperty()
    {
        var (frame, name, at) = (_frames.Peek(), Name(), Position());
        if (frame.Table is not { } table) return false;
        // A header that goes on to an inner table has its name in the same line: this one is of the table itself, which was there before.
        if (frame is { IsNew: false, HasMore: false } && frame.Line != at.Line) return false;
        frame.HasMore = true;
        table.Nodes.TryGetValue(name, out var known);
        var kind = Next();
        // In a later table of an array, the syntax tree's validation takes a key for the first's, and refuses another kind of it.
        if (frame.Shape.Of(name, IsOfHeader ? kind : TomlParseEventKind.None) is not { } shape) return false;
        if (kind == TomlParseEventKind.StartTable && IsOfHeader)
        {
            if (known is not null && !(known.Value is TomlTable there && !_closed.Contains(there))) return false;
            var inner = (TomlTable?)known?.Value ?? new TomlTable(at);
            if (known is null) table.Nodes[name] = new TomlNode(inner, at);
            _frames.Push(new Frame(inner, at.Line, IsNew: known is null, shape));
            return true;
        }

        if (kind == TomlParseEventKind.StartArray && IsOfHeader)
        {
            if (known is not null && !(known.Value is List<TomlNode> before && _tableArrays.Contains(before))) return false;
            var array = (List<TomlNode>?)known?.Value ?? [];
            if (_tableArrays.Add(array)) table.Nodes[name] = new TomlNode(array, at);
            _frames.Push(new Frame(array, shape));
            if (Next() != TomlParseEventKind.StartTable) return false;
            AddElement(array, at, shape);
            return true;
        }

        if (known is not null || IsAddedToAnother(at.Line)) return false;
        table.Nodes[name] = new TomlNode(ReadValue(kind, at), at);
        return true;
    }

    /// <summary>
    /// Whether a value that stands here is put into a table that was there before: into one that an earlier header or key opened.
    /// </summary>
    private bool IsAddedToAnother(int line)
    {
        var dots = 0;
        foreach (var frame in _frames)
        {
            if (!frame.IsNew) return true;
            // A key with dots opens its tables in its own line, and no header may open them again.
            if (frame.Line != line || frame.Table is null) break;
            _closed.Add(frame.Table);
            dots++;
        }

        // In a later table of an array, the syntax tree's validation takes such keys for those of the first.
        return dots > 0 && _frames.Any(frame => frame.Array is not null);
    }

    private void AddElement(List<TomlNode> array, TextPosition at, Shape shape)
    {
        var element = new TomlTable(at);
        array.Add(new TomlNode(element, at));
        _frames.Push(new Frame(element, at.Line, IsNew: true, shape));
    }

    private object ReadValue(TomlParseEventKind kind, TextPosition at)
    {
        switch (kind)
        {
            case TomlParseEventKind.String: return _events.GetString() ?? "";
            case TomlParseEventKind.Integer: return _events.Current.GetInt64();
            case TomlParseEventKind.Float: return _events.Current.GetDouble();
            case TomlParseEventKind.Boolean: return _events.Current.GetBoolean();
            case TomlParseEventKind.StartArray:
                var items = new List<TomlNode>();
                while (Next() is not TomlParseEventKind.EndArray and var item)
                {
                    var begin = Position();
                    items.Add(new TomlNode(ReadValue(item, begin), begin));
                }

                return items;
            case TomlParseEventKind.StartTable: return ReadInline(new TomlTable(at));
            default: throw new FormatException("a value that no manifest has"); // dates
        }
    }

    private TomlTable ReadInline(TomlTable table)
    {
        _closed.Add(table);
        while (Next() == TomlParseEventKind.PropertyName)
        {
            var (name, at) = (Name(), Position());
            var kind = Next();
            var value = kind == TomlParseEventKind.StartTable && IsOfHeader ? ReadInline(new TomlTable(at)) : ReadValue(kind, at);
            if (!table.Nodes.TryAdd(name, new TomlNode(value, at))) throw new FormatException("a key that is there already");
        }

        return table;
    }

    private TomlParseEventKind Next()
    {
        if (!_events.MoveNext()) throw new FormatException("the document ends too early");
        var told = _events.Current;
        // What ends is told of at what comes next.
        if (told.Kind == TomlParseEventKind.EndTable) _behind = PlaceOf(told);
        else if (told.Kind != TomlParseEventKind.EndArray && told.Line > 0) _toldOf[told.Line - 1] = true;
        return told.Kind;
    }

    /// <summary>Where an event is in the text.</summary>
    private int PlaceOf(TomlParseEvent told) => _lines[told.Line - 1] + told.Column - 1;

    /// <summary>Whether the table or array that begins is a header's, or a dotted key's: those that are written out have a place.</summary>
    private bool IsOfHeader => _events.Current.Line == 0;

    /// <summary>The key that was told of; the same few are told of thousands of times, each time anew.</summary>
    private string Name()
    {
        var name = _events.GetPropertyName();
        if (_names.TryGetValue(name, out var known)) return known;
        _names.Add(name);
        return name;
    }

    private TextPosition Position() => new(0, _events.Current.Line - 1, _events.Current.Column - 1);

    /// <summary>
    /// Where the header of an array's next table has its name: the events have no place of it, but are behind it, and between are lines
    /// that say nothing.
    /// </summary>
    private TextPosition HeaderPosition()
    {
        var line = Array.BinarySearch(_lines, _behind);
        if (line < 0) line = ~line - 1;
        while (_text.AsSpan(_lines[line], Math.Max(0, _behind - _lines[line])).TrimStart(" \t") is not ['[', '[', ..]) line--;
        _toldOf[line] = true;
        var column = _text.AsSpan(_lines[line]).IndexOf("[[") + 2;
        while (true)
        {
            var rest = _text.AsSpan(_lines[line] + column);
            column += rest.Length - rest.TrimStart(" \t").Length;
            var key = _text.AsSpan(_lines[line] + column);
            var end = KeyLength(key);
            var after = key[end..].TrimStart(" \t");
            if (after is not ['.', ..]) return new TextPosition(0, line, column);
            column += key.Length - after.Length + 1;
        }
    }

    private static int KeyLength(ReadOnlySpan<char> key)
    {
        if (key is not ['"' or '\'', ..]) return key.IndexOfAny(" \t.]");
        var end = 1;
        while (key[end] != key[0]) end += key[end] == '\\' && key[0] == '"' ? 2 : 1;
        return end + 1;
    }

    /// <summary>A table that is open, or an array of tables that headers make.</summary>
    /// <param name="Table">Null where it is an array.</param>
    /// <param name="Line">Of the name that opened it.</param>
    /// <param name="IsNew">False where it was there before.</param>
    /// <param name="Shape">What its keys are.</param>
    private sealed record Frame(TomlTable? Table, int Line, bool IsNew, Shape Shape)
    {
        public Frame(List<TomlNode> array, Shape shape)
            : this(null, -1, true, shape) => Array = array;

        /// <summary>Null where it is a table.</summary>
        public List<TomlNode>? Array { get; }

        /// <summary>Whether anything was put into it since it was opened.</summary>
        public bool HasMore { get; set; }
    }

    /// <summary>What the keys of a table are, or those of all tables of an array: a value, a table or an array of tables.</summary>
    private sealed class Shape(TomlParseEventKind kind)
    {
        private readonly Dictionary<string, Shape> _keys = new(StringComparer.Ordinal);

        /// <returns>Null where the key was of another kind elsewhere.</returns>
        public Shape? Of(string name, TomlParseEventKind its)
        {
            if (!_keys.TryGetValue(name, out var shape)) _keys[name] = shape = new Shape(its);
            return shape.Kind == its ? shape : null;
        }

        private TomlParseEventKind Kind => kind;
    }
}
