namespace Conformance.Cli.Testing;

/// <summary>
/// What <c>dotnet test</c> prints of each failed test, its name and its message, to be told once more at the end: between thousands of
/// lines of tests that passed nobody finds it, and a log is often cut.
/// </summary>
internal sealed class FailedTests
{
    private const string Failed = "  Failed ";
    private const string StackTrace = "  Stack Trace:";

    /// <summary>Of each test: the rest is in its place.</summary>
    private const int MostLines = 25;

    private readonly List<List<string>> _tests = [];
    private bool _isTelling;

    /// <summary>Takes the next line of one stream; most are of no failed test.</summary>
    public void Add(string line)
    {
        if (line.StartsWith(Failed, StringComparison.Ordinal))
        {
            _tests.Add([line[2..]]);
            _isTelling = true;
            return;
        }

        if (TestCount.IsOfTest(line) || line.StartsWith(StackTrace, StringComparison.Ordinal)) _isTelling = false;
        if (_isTelling && _tests[^1].Count < MostLines && !string.IsNullOrWhiteSpace(line)) _tests[^1].Add(line);
    }

    /// <summary>A heading and what was taken of each test, in their order; nothing where none has failed.</summary>
    public IEnumerable<string> Lines() => _tests.Count == 0 ? [] : ["", "What failed:", .. _tests.SelectMany(lines => lines)];
}
