using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Conformance.Wasm;

/// <summary>Types in the form that reports show them in, for people who write them: of numbers and references, without proposals.</summary>
public static partial class ExternTypeText
{
    private const string Value = "(i32|i64|f32|f64|v128|funcref|externref)";

    /// <summary>A function's type, such as <c>(i32, i32) -&gt; (i32)</c>; null where the text is none.</summary>
    public static FunctionType? Function(string text) =>
        FunctionForm().Match(text) is { Success: true } match
            ? new FunctionType(Values(match.Groups["parameters"]), Values(match.Groups["results"])) : null;

    /// <summary>A memory's type, in pages, such as <c>1..4</c> or <c>1..</c>; null where the text is none.</summary>
    public static MemoryType? Memory(string text) =>
        MemoryForm().Match(text) is { Success: true } match
            && LimitsOf(match, 65_536) is { } limits ? new MemoryType(limits, Shared: false) : null;

    /// <summary>A table's type, such as <c>10..20 funcref</c>; null where the text is none.</summary>
    public static TableType? Table(string text) =>
        TableForm().Match(text) is { Success: true } match
            && LimitsOf(match, uint.MaxValue) is { } limits ? new TableType(match.Groups["element"].Value, limits) : null;

    /// <summary>A global's type, such as <c>i32</c> or <c>mut i64</c>; null where the text is none.</summary>
    public static GlobalType? Global(string text) => GlobalForm()
        .Match(text) is { Success: true } match ? new GlobalType(match.Groups["value"].Value, match.Groups["mut"].Success) : null;

    private static ImmutableArray<string> Values(Group list) => [.. list.Value.Split(", ", StringSplitOptions.RemoveEmptyEntries)];

    private static Limits? LimitsOf(Match match, ulong largest)
    {
        var (minimum, maximum) = (Number(match.Groups["minimum"]),
            match.Groups["maximum"] is { Success: true } given ? Number(given) : null);
        var fits = minimum <= largest && (!match.Groups["maximum"].Success || (maximum <= largest && minimum <= maximum));
        return fits ? new Limits(minimum!.Value, maximum, Is64Bit: false) : null;
    }

    private static ulong? Number(Group digits) =>
        ulong.TryParse(digits.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    [GeneratedRegex(@"^\((?<parameters>(" + Value + "(, " + Value + @")*)?)\) -> \((?<results>(" + Value + "(, " + Value + @")*)?)\)$",
        RegexOptions.ExplicitCapture)]
    private static partial Regex FunctionForm();

    [GeneratedRegex(@"^(?<minimum>\d+)\.\.(?<maximum>\d+)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex MemoryForm();

    [GeneratedRegex(@"^(?<minimum>\d+)\.\.(?<maximum>\d+)? (?<element>funcref|externref)$", RegexOptions.ExplicitCapture)]
    private static partial Regex TableForm();

    [GeneratedRegex(@"^(?<mut>mut )?(?<value>i32|i64|f32|f64|funcref|externref)$", RegexOptions.ExplicitCapture)]
    private static partial Regex GlobalForm();
}
