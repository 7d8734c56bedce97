using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Semver;

namespace Conformance.Model.Runtimes;

/// <summary>Versions of a runtime, in npm's notation, such as <c>&lt;22</c> or <c>&gt;=1.2 &lt;2</c>.</summary>
/// <seealso href="https://docs.npmjs.com/cli/using-npm/semver#ranges"/>
public sealed partial record RuntimeVersionRange
{
    private readonly SemVersionRange _range;

    private RuntimeVersionRange(string text, SemVersionRange range)
    {
        Text = text;
        _range = range;
    }

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>Reads a range; false where the text is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out RuntimeVersionRange? range)
    {
        range = text.Length > 0 && SemVersionRange.TryParseNpm(text, out var parsed) ? new RuntimeVersionRange(text, parsed) : null;
        return range is not null;
    }

    /// <summary>
    /// Whether a runtime's version is in it. Its first three numbers count: browsers have four, and builds add words. What has no number is
    /// in no range.
    /// </summary>
    public bool Contains(string? version)
    {
        var numbers = Numbers().Match(version ?? "").Value;
        return SemVersion.TryParse(numbers, SemVersionStyles.Any, out var parsed) && _range.Contains(parsed);
    }

    /// <inheritdoc/>
    public bool Equals(RuntimeVersionRange? other) => other?.Text == Text;

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    [GeneratedRegex(@"\d+(\.\d+){0,2}")]
    private static partial Regex Numbers();
}
