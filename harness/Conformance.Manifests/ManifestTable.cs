using System.Collections.Immutable;
using Tomlyn.Syntax;

namespace Conformance.Manifests;

/// <summary>
/// Reads one table of a manifest. Every key is asked for by name and type; problems are collected, with their places, so that a file's
/// errors come all at once, and <see cref="Close"/> reports the keys that nobody asked for.
/// </summary>
internal sealed class ManifestTable(string file, string path, TomlTable table, List<ManifestProblem> problems)
{
    private readonly List<string> _asked = new(16);

    public IEnumerable<string> Keys => table.Nodes.Keys;

    /// <summary>The table's line, from 1.</summary>
    public int Line => table.At.Line + 1;

    /// <summary>A key's line, from 1; the table's where it is not there.</summary>
    public int LineOf(string key) => At(key).Line + 1;

    public void Problem(string? key, string message) => Problem(At(key), message);

    public bool Has(string key) => table.Nodes.ContainsKey(key);

    public bool IsTable(string key) => table.Nodes.TryGetValue(key, out var node) && node.Value is TomlTable;

    public string? String(string key, bool required = false) => Take<string>(key, "a string", required);

    public string RequiredString(string key)
    {
        var value = String(key, required: true);
        if (value is { Length: 0 }) Problem(key, $"'{Name(key)}' is empty");
        return value ?? "";
    }

    public long? Integer(string key, long minimum, long maximum)
    {
        if (Take<object>(key, "an integer", false) is not { } value) return null;
        if (value is not long integer) Problem(key, $"'{Name(key)}' must be an integer");
        else if (integer < minimum || integer > maximum)
            Problem(key, $"'{Name(key)}' is {integer}: it must be between {minimum} and {maximum}");
        else return integer;
        return null;
    }

    public bool Boolean(string key)
    {
        var value = Take<object>(key, "true or false", false);
        if (value is not (null or bool)) Problem(key, $"'{Name(key)}' must be true or false");
        return value is true;
    }

    /// <summary>A positive number of seconds, as an integer or a decimal fraction.</summary>
    public TimeSpan? Seconds(string key)
    {
        if (Take<object>(key, "a number of seconds", false) is not { } value) return null;
        var seconds = value switch { long integer => integer, double real => real, _ => double.NaN };
        if (seconds is > 0 and <= 86_400) return TimeSpan.FromSeconds(seconds);
        Problem(key, $"'{Name(key)}' must be a number of seconds, above 0 and at most 86400");
        return null;
    }

    public ImmutableArray<string> Strings(string key) =>
        Take<List<TomlNode>>(key, "an array of strings", false) is { } items ? Strings(key, items) : [];

    public ImmutableArray<ImmutableArray<string>> StringLists(string key, bool required = false)
    {
        if (Take<List<TomlNode>>(key, "an array of arrays of strings", required) is not { } items) return [];
        var lists = ImmutableArray.CreateBuilder<ImmutableArray<string>>();
        foreach (var item in items)
        {
            if (item.Value is List<TomlNode> inner) lists.Add(Strings(key, inner));
            else Problem(item.At, $"'{Name(key)}' must hold arrays of strings only");
        }

        return lists.ToImmutable();
    }

    /// <summary>One for all of the thousands of scenarios that have nothing to say.</summary>
    private static readonly ImmutableSortedDictionary<string, string> NoStrings =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>A table of strings.</summary>
    public ImmutableSortedDictionary<string, string> StringTable(string key)
    {
        if (Take<TomlTable>(key, "a table of strings", false) is not { } strings) return NoStrings;
        var entries = NoStrings.ToBuilder();
        foreach (var (name, node) in strings.Nodes)
        {
            if (node.Value is string text) entries[name] = text;
            else Problem(node.At, $"'{Name(key)}.{name}' must be a string");
        }

        return entries.ToImmutable();
    }

    /// <summary>One of an enum's words, in kebab-case.</summary>
    public T? Word<T>(string key, bool required = false)
        where T : struct, Enum
    {
        if (String(key, required) is not { } text) return null;
        if (Words<T>.All.TryGetValue(text, out var found)) return found;
        Problem(key, $"'{Name(key)}' is \"{text}\": it must be one of {string.Join(", ", Words<T>.All.Keys)}");
        return null;
    }

    public ManifestTable? Table(string key, bool required = false) =>
        Take<TomlTable>(key, "a table", required) is { } inner ? new ManifestTable(file, Name(key), inner, problems) : null;

    public IEnumerable<ManifestTable> Tables(string key, bool required = false)
    {
        // Its words are made where there is something to say them of: thousands of scenarios have none.
        var what = table.Nodes.ContainsKey(key) ? $"an array of tables ([[{Name(key)}]])" : "";
        foreach (var item in Take<List<TomlNode>>(key, what, required) ?? Enumerable.Empty<TomlNode>())
        {
            if (item.Value is TomlTable inner) yield return new ManifestTable(file, Name(key), inner, problems);
            else Problem(item.At, $"'{Name(key)}' must hold tables only");
        }
    }

    /// <summary>Every key that was not asked for is an error.</summary>
    public void Close()
    {
        foreach (var (key, node) in table.Nodes.Where(pair => !_asked.Contains(pair.Key)))
            Problem(node.At, $"unknown key '{Name(key)}'; known here: {string.Join(", ", _asked.Distinct().Order(StringComparer.Ordinal))}");
    }

    private ImmutableArray<string> Strings(string key, List<TomlNode> items)
    {
        var list = ImmutableArray.CreateBuilder<string>();
        foreach (var item in items)
        {
            if (item.Value is string text) list.Add(text);
            else Problem(item.At, $"'{Name(key)}' must hold strings only");
        }

        return list.ToImmutable();
    }

    private TextPosition At(string? key) => key is not null && table.Nodes.TryGetValue(key, out var node) ? node.At : table.At;

    private string Name(string key) => path.Length == 0 ? key : $"{path}.{key}";

    private T? Take<T>(string key, string what, bool required)
        where T : class
    {
        _asked.Add(key);
        if (!table.Nodes.TryGetValue(key, out var node))
        {
            if (required) Problem(table.At, path.Length == 0 ? $"'{key}' is missing" : $"'{key}' is missing in '{path}'");
            return null;
        }

        if (node.Value is T value) return value;
        Problem(node.At, $"'{Name(key)}' must be {what}");
        return null;
    }

    private void Problem(TextPosition at, string message) => problems.Add(new ManifestProblem(file, at.Line + 1, at.Column + 1, message));

    /// <summary>The words of an enum, in the order of its values.</summary>
    private static class Words<T>
        where T : struct, Enum
    {
        public static OrderedDictionary<string, T> All { get; } = new(Enum.GetValues<T>().Select(value => KeyValuePair.Create(
            System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString()), value)), StringComparer.Ordinal);
    }
}
