using NUnit.Framework;

namespace Conformance.Testing;

/// <summary>
/// Something that a test needs of the machine: missing, it is inconclusive with the reason, or a failure where CONFORMANCE_REQUIRE names
/// it.
/// </summary>
public static class Requirement
{
    public static void Missing(string name, string reason)
    {
        if (Conformance.Engine.Running.Requirements.FromEnvironment.Contains(name))
            Assert.Fail($"{name} is required and missing: {reason}");
        Assert.Inconclusive($"{name}: {reason}");
    }
}
