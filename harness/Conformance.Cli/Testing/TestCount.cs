namespace Conformance.Cli.Testing;

/// <summary>Counts tests by the lines that <c>dotnet test</c> prints of each; inconclusive ones are among the skipped.</summary>
internal sealed class TestCount
{
    private static readonly string[] Outcomes = ["Passed", "Failed", "Skipped"];

    private readonly int[] _counts = new int[Outcomes.Length];

    /// <summary>Takes a line; most are of no test.</summary>
    public void Add(string line)
    {
        if (Outcome(line) is var outcome and >= 0) Interlocked.Increment(ref _counts[outcome]);
    }

    /// <summary>Whether a line is a test's first.</summary>
    public static bool IsOfTest(string line) => Outcome(line) >= 0;

    public override string ToString() => $"{_counts[0]} passed, {_counts[1]} failed, {_counts[2]} skipped";

    private static int Outcome(string line) =>
        Array.FindIndex(Outcomes, word => line.StartsWith($"  {word} ", StringComparison.Ordinal));
}
