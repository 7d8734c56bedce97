namespace Conformance.Reporting.Trends;

/// <summary>The value in the middle.</summary>
public static class Median
{
    /// <summary>Of some values; of an even number, halfway between the two in the middle.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are none.</exception>
    public static double Of(IEnumerable<double> values)
    {
        List<double> sorted = [.. values.Order()];
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
