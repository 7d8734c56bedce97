using System.Text.Json;

namespace Conformance.Benchmarks;

/// <summary>The ratios of this run, for a nightly run to keep.</summary>
internal static class Measures
{
    /// <summary>What names the file to write.</summary>
    public const string Option = "--measures";

    private static readonly SortedDictionary<string, double> All = new(StringComparer.Ordinal);

    /// <summary>Adds one.</summary>
    public static void Add(string name, double value) => All[name] = Math.Round(value, 3);

    /// <summary>Writes them as <c>{ "name": number }</c>.</summary>
    public static void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(All));
}
