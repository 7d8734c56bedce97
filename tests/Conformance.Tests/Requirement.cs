namespace Conformance.Tests;

/// <summary>Something that a test needs of the machine: missing, it is inconclusive with the reason, or a failure where CONFORMANCE_REQUIRE names it.</summary>
internal static class Requirement
{
    public static void Missing(string name, string reason)
    {
        if (Engine.Running.Requirements.FromEnvironment.Contains(name)) Assert.Fail($"{name} is required and missing: {reason}");
        Assert.Inconclusive($"{name}: {reason}");
    }
}
