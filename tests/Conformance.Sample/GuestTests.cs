using Conformance.NUnit;
using NUnit.Framework;

namespace Sample;

public sealed class GuestTests
{
    [ConformanceCells("guests", Runtimes = ["wasmtime", "node", "wasmer"], Server = "embedded")]
    public void Guests(ConformanceCase test)
    {
        if (test.Line is { } line) Assert.That(line.HostCalls.Select(call => call.Times), Is.EqualTo(new[] { 10, 1 }));
    }
}
