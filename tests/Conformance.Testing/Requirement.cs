using Conformance.Model.Reports;
using NUnit.Framework;

namespace Conformance.Testing;

/// <summary>
/// Something that a test needs of the machine: missing, it is inconclusive with the reason, or a failure where CONFORMANCE_REQUIRE names
/// it.
/// </summary>
public static class Requirement
{
    /// <summary>All runtimes of a run must have been here.</summary>
    public static void Present(HeaderLine header)
    {
        foreach (var runtime in header.Runtimes)
        {
            if (runtime.Unavailable is { } missing) Missing(runtime.Id, $"{missing.Reason}; {missing.Remedy}");
        }
    }

    /// <summary>Ends the test.</summary>
    /// <param name="name">As <c>CONFORMANCE_REQUIRE</c> has it.</param>
    /// <param name="reason">Why it is not here.</param>
    public static void Missing(string name, string reason)
    {
        if (Conformance.Engine.Running.Requirements.FromEnvironment.Contains(name))
            Assert.Fail($"{name} is required and missing: {reason}");
        Assert.Inconclusive($"{name}: {reason}");
    }
}
