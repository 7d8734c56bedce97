using Conformance.NUnit;
using NUnit.Framework;

namespace Sample;

public sealed class GuestTests
{
    [ConformanceCells("guests", Runtimes = ["wasmtime", "node", "wasmer"], Server = "embedded")]
    public void Guests(ConformanceCase test)
    {
        // In an agreement's result there is no line of one cell, but what all runtimes made of it.
        TestContext.Out.WriteLine(test.Agreement?.Sentence ?? $"{test.Line!.Observation.Counts.Guest} counted");
        if (test.Line is { } line) Assert.That(line.Run.HostCalls.Select(call => call.Times), Is.EqualTo(new[] { 10, 1 }));
    }
}
