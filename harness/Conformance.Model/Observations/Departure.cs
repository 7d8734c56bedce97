namespace Conformance.Model.Observations;

/// <summary>One thing that is not as expected.</summary>
public sealed record Departure(string What, string Expected, string Observed)
{
    /// <summary>What departs where a declaration itself is no longer good.</summary>
    public const string Declaration = "declaration";

    /// <summary>A declaration that was accepted until a day that is over.</summary>
    public static Departure Expired(DateOnly until, DateOnly today) =>
        new(Declaration, $"accepted until {until:yyyy-MM-dd}", $"expired: today is {today:yyyy-MM-dd}");
}
