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
        var at = line.LastIndexOf(row.Name, StringComparison.Ordinal);
        if (at < 0 || row.Name.Length == 0) return line;
        var rest = line[(at + row.Name.Length)..].TrimStart(Separators);
        const string Error = "error: ";
        if (rest.StartsWith(Error, StringComparison.Ordinal)) rest = rest[Error.Length..];
        // A second sentence is about this import's type.
        if (rest.IndexOf(". ", StringComparison.Ordinal) is > 0 and var end) rest = rest[..end];
        return rest.Length > 0 ? rest : line.Replace(row.Name, "…", StringComparison.Ordinal);
    }
}
