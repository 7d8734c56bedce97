using System.Globalization;

namespace Conformance.Engine.Planning;

/// <summary>One of several equal parts of a plan, for runs that spread over machines.</summary>
/// <param name="Index">Which part, from 1.</param>
/// <param name="Count">How many parts there are.</param>
public sealed record Shard(int Index, int Count)
{
    private const int Most = 10_000;

    /// <summary>Reads <c>i/n</c>, with i from 1 to n; null where it is not that.</summary>
    public static Shard? Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && Number(text.AsSpan(0, slash)) is { } index
            && Number(text.AsSpan(slash + 1)) is { } count && index <= count ? new Shard(index, count) : null;
    }

    private static int? Number(ReadOnlySpan<char> digits) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= Most ? number : null;
}
