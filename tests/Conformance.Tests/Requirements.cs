namespace Conformance.Tests;

/// <summary>What a test needs of the machine: missing, it is inconclusive with the reason, or a failure where CONFORMANCE_REQUIRE names it.</summary>
internal static class Requirements
{
    private static readonly HashSet<string> Required =
        [.. (Environment.GetEnvironmentVariable("CONFORMANCE_REQUIRE") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    public static void Missing(string name, string reason)
    {
        if (Required.Contains(name)) Assert.Fail($"{name} is required and missing: {reason}");
        Assert.Inconclusive($"{name}: {reason}");
    }
}
