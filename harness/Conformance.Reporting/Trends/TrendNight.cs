using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Conformance.Reporting.Trends;

/// <summary>One night of a history, summed up.</summary>
/// <param name="Started">When its run began, UTC.</param>
/// <param name="Harness">The harness's version and commit.</param>
/// <param name="Cells">How many cells it had.</param>
/// <param name="Verdicts">Verdict → cells.</param>
/// <param name="Agreements">Result → scenarios.</param>
/// <param name="Changes">How many cells were not as the night before; null with the first.</param>
/// <param name="Runtimes">What each runtime did.</param>
public sealed record TrendNight(
    DateTimeOffset Started, string Harness, int Cells, ImmutableSortedDictionary<string, int> Verdicts,
        ImmutableSortedDictionary<string, int> Agreements, int? Changes, ImmutableArray<TrendRuntime> Runtimes)
{
    /// <summary>What it measured of time, by name: see <see cref="TrendBand"/>.</summary>
    [JsonIgnore]
    public ImmutableSortedDictionary<string, double> Measures { get; init; } = ImmutableSortedDictionary<string, double>.Empty;
}

/// <summary>One runtime in one night.</summary>
/// <param name="Runtime">The runtime.</param>
/// <param name="Version">Null where it was unavailable.</param>
/// <param name="Unexpected">How many of its cells were unexpected.</param>
/// <param name="CompileMs">Engine time of all its cells.</param>
/// <param name="LinkMs">Engine time of all its cells.</param>
/// <param name="RunMs">Engine time of all its cells.</param>
public sealed record TrendRuntime(string Runtime, string? Version, int Unexpected, double CompileMs, double LinkMs, double RunMs);
