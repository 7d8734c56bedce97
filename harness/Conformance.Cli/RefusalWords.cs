using Conformance.Model.Observations;

namespace Conformance.Cli;

/// <summary>
/// A runtime's words for a refused import without what is said of that import alone, so that it says the same once for many.
/// </summary>
internal static class RefusalWords
{
    private static readonly char[] Separators = [' ', '"', '\'', '`', ':', ',', '.', ')'];

    /// <summary>
    /// What follows the import's name in the runtime's first line; where nothing does, the line without the name; the whole line where the
    /// name is not in it; null where there are no words.
    /// </summary>
    public static string? For(LedgerRow row)
    {
        if (row.Text is not { } text) return null;
        var line = text.Split('\n', 2)[0].Trim();
        var at = LastOf(line, row.Name);
        if (at < 0) return line;
        var rest = line[(at + row.Name.Length)..].TrimStart(Separators);
        const string Error = "error: ";
        if (rest.StartsWith(Error, StringComparison.Ordinal)) rest = rest[Error.Length..];
        // A second sentence is about this import's type.
        if (rest.IndexOf(". ", StringComparison.Ordinal) is > 0 and var end) rest = rest[..end];
        return rest.Length > 0 ? rest : $"{line[..at]}…{line[(at + row.Name.Length)..]}";
    }

    /// <summary>
    /// Where a name stands last, set off as a name (<c>"x"</c>, <c>env::x</c>), or else as a word: an import may be called "a".
    /// </summary>
    private static int LastOf(string line, string name)
    {
        var named = LastOf(line, name, end => end is '"' or '\'' or '`' or ':' or '.' or '[' or ']' or '(' or ')');
        return named >= 0 ? named : LastOf(line, name, end => !(char.IsLetterOrDigit(end) || end == '_'));
    }

    private static int LastOf(string line, string name, Func<char, bool> ends)
    {
        if (name.Length == 0) return -1;
        for (var at = line.LastIndexOf(name, StringComparison.Ordinal); at >= 0;
            at = at == 0 ? -1 : line.LastIndexOf(name, at - 1, StringComparison.Ordinal))
        {
            var end = at + name.Length;
            if ((at == 0 || ends(line[at - 1])) && (end == line.Length || ends(line[end]))) return at;
        }

        return -1;
    }
}
