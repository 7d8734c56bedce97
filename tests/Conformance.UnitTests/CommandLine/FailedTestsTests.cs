using Conformance.Cli.Testing;

namespace Conformance.UnitTests.CommandLine;

/// <summary>What <c>conformance test</c> tells at its end of what <c>dotnet test</c> printed in its middle.</summary>
public sealed class FailedTestsTests
{
    private const string Log = """
          Passed First [3 ms]
          Failed Second("wasmtime") [10 ms]
          Error Message:
             Expected: 10

          But was:  9

          Stack Trace:
             at Second() in Second.cs:line 3
        1)    at Second() in Second.cs:line 3

          Skipped Third [1 ms]
          Failed Fourth [< 1 ms]
          Error Message:
           nobody answers
          Passed Fifth [1 ms]
        Test Run Failed.
        """;

    [Test]
    public void Names_and_messages_are_told_once_more_at_the_end()
    {
        var (counted, failed) = Read(Log);
        Assert.Multiple(() =>
        {
            Assert.That(failed.Lines(), Is.EqualTo(new[]
            {
                "", "What failed:", "Failed Second(\"wasmtime\") [10 ms]", "  Error Message:", "     Expected: 10", "  But was:  9",
                "Failed Fourth [< 1 ms]", "  Error Message:", "   nobody answers",
            }));
            Assert.That(counted.ToString(), Is.EqualTo("2 passed, 2 failed, 1 skipped"));
        });
    }

    [Test]
    public void Of_a_long_message_the_start_is_told()
    {
        var (_, failed) = Read("  Failed Long [1 s]\n  Error Message:\n" + string.Concat(Enumerable.Repeat("   a line\n", 1000)));
        Assert.That(failed.Lines().Count(), Is.EqualTo(27));
    }

    [Test]
    public void Where_nothing_failed_nothing_is_told() => Assert.That(Read("  Passed First [3 ms]").Failed.Lines(), Is.Empty);

    private static (TestCount Counted, FailedTests Failed) Read(string log)
    {
        var (counted, failed) = (new TestCount(), new FailedTests());
        foreach (var line in log.ReplaceLineEndings("\n").Split('\n'))
        {
            counted.Add(line);
            failed.Add(line);
        }

        return (counted, failed);
    }
}
