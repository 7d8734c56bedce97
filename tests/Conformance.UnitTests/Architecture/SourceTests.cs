namespace Conformance.UnitTests.Architecture;

/// <summary>What nobody wants to scroll for.</summary>
[TestFixture]
public sealed class SourceTests
{
    private const int Widest = 140;

    /// <summary>Texts may be wider: they are searched for as they are printed. Code and comments are not.</summary>
    [Test]
    public void No_line_of_code_is_wider_than_140_columns()
    {
        var lines = from folder in new[] { "harness", "runtimes", "tests" }
                    from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
                    from line in File.ReadLines(file).Index()
                    where line.Item.Length > Widest && !line.Item.Contains('"', StringComparison.Ordinal) && !IsText(line.Item)
                    select $"{Path.GetRelativePath(Repository.Root, file)}:{line.Index + 1}: {line.Item.Length} columns";
        Assert.That(lines, Is.Empty);
    }

    /// <summary>A line of WebAssembly's text, of C or of a style, in the middle of a literal.</summary>
    private static bool IsText(string line) =>
        line.TrimStart() is ['(' or '.' or '@', ..] || line.Contains("uint64_t", StringComparison.Ordinal);
}
