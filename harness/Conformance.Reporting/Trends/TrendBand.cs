using System.Collections.Immutable;
using System.Globalization;

namespace Conformance.Reporting.Trends;

/// <summary>
/// A measure of the newest night, held against the nights before: where it leaves the band that they are in, something has become slower or
/// faster. The band is the median and three deviations on both sides (the median of absolute deviations, by 1.4826, which is a standard
/// deviation of what is normally distributed), and at least a seventh of the median, so that steady nights do not make a band of nothing.
/// </summary>
/// <seealso href="https://en.wikipedia.org/wiki/Median_absolute_deviation"/>
/// <param name="Name">Such as <c>wasmtime: run, ms</c>.</param>
/// <param name="Value">Of the newest night.</param>
/// <param name="Low">Where the band begins.</param>
/// <param name="High">Where it ends.</param>
/// <param name="Nights">Of the nights that the band is made of, oldest first.</param>
public sealed record TrendBand(string Name, double Value, double Low, double High, ImmutableArray<double> Nights)
{
    /// <summary>With fewer nights before nobody can say what is usual.</summary>
    private const int LeastNights = 5;

    /// <summary>What was usual a season ago is no measure.</summary>
    private const int MostNights = 30;

    private const double Deviations = 3 * 1.4826, LeastPart = 1.0 / 7;

    /// <summary>A clock tells no less, in milliseconds.</summary>
    private const double LeastWidth = 0.05;

    /// <summary>Whether it left the band.</summary>
    public bool IsOutside => Value < Low || Value > High;

    /// <summary>That in words: <c>wasmtime: run, ms is 12.1, and was 8.04 to 9.5</c>.</summary>
    public string Words => string.Create(CultureInfo.InvariantCulture, $"{Name} is {Value:G3}, and was {Low:G3} to {High:G3}");

    /// <summary>Of each measure of the newest night that enough nights before had.</summary>
    /// <param name="nights">Oldest first.</param>
    public static ImmutableArray<TrendBand> Of(ImmutableArray<TrendNight> nights)
    {
        if (nights is not [.. var earlier, var newest]) return [];
        return
        [
            .. newest.Measures.Select(measure => (measure, Before: earlier.Where(night => night.Measures.ContainsKey(measure.Key))
                    .Select(night => night.Measures[measure.Key]).TakeLast(MostNights).ToImmutableArray()))
                .Where(known => known.Before.Length >= LeastNights)
                .Select(known => Around(known.measure.Key, known.measure.Value, known.Before)),
        ];
    }

    private static TrendBand Around(string name, double value, ImmutableArray<double> before)
    {
        var median = Median.Of(before);
        var width = Math.Max(Deviations * Median.Of(before.Select(other => Math.Abs(other - median))),
            Math.Max(LeastPart * Math.Abs(median), LeastWidth));
        return new TrendBand(name, value, Math.Max(0, median - width), median + width, before);
    }
}
