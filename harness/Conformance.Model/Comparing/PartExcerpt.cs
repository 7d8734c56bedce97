using System.Globalization;

namespace Conformance.Model.Comparing;

/// <summary>What of a part is shown where runtimes differ in it: all of it where that is short, else from where it differs.</summary>
internal static class PartExcerpt
{
    /// <summary>Characters that are shown of a place.</summary>
    private const int Shown = 60;

    /// <summary>Characters that are shown before a difference, where a line is too long to be shown from its beginning.</summary>
    private const int Before = 20;

    /// <summary>A runtime's value of a part, with the part's name: <c>exit 1</c>, <c>stdout line 7 "link: let in"</c>.</summary>
    /// <param name="name">The part's.</param>
    /// <param name="own">What is shown.</param>
    /// <param name="others">What other runtimes have there; the places where it differs from each of these are shown.</param>
    public static string Describe(string name, object? own, IEnumerable<object?> others)
    {
        if (own is not string text) return $"{name} {own ?? "nothing"}";
        var all = others.OfType<string>().Where(other => other != text).ToList();
        if (text.Length <= Shown && all.TrueForAll(other => other.Length <= Shown)) return $"{name} {Quoted(text)}";
        var places = all.Select(other => text.AsSpan().CommonPrefixLength(other)).Select(at => (Line: LineOf(text, at), At: at))
            .DistinctBy(place => place.Line).OrderBy(place => place.At);
        return $"{name} {string.Join(", ", places.DefaultIfEmpty().Select(place => At(text, place.Line, place.At)))}";
    }

    private static string At(string text, int line, int at)
    {
        var far = at - line > Shown - Before;
        var number = text.AsSpan()[..line].Count('\n') + 1;
        // A line that is named is shown without those after it.
        var whole = number > 1 && text.IndexOf('\n', at) is >= 0 and var next ? next : text.Length;
        var from = Whole(text, far ? at - Before : line);
        var end = Whole(text, Math.Min(whole, from + Shown));
        var shown = (far ? "…" : "") + text[from..end] + (end < whole ? "…" : "");
        return number > 1 ? $"line {number.ToString(CultureInfo.InvariantCulture)} {Quoted(shown)}" : Quoted(shown);
    }

    /// <summary>Where the line begins that a place is in.</summary>
    private static int LineOf(string text, int at) => text.AsSpan()[..at].LastIndexOf('\n') + 1;

    /// <summary>A place that is not between the two halves of a character.</summary>
    private static int Whole(string text, int at) => at < text.Length && char.IsLowSurrogate(text[at]) ? at - 1 : at;

    private static string Quoted(string text) => $"\"{text.Replace("\n", "\\n", StringComparison.Ordinal)}\"";
}
