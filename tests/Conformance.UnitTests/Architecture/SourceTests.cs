namespace Conformance.UnitTests.Architecture;

/// <summary>What nobody wants to scroll for.</summary>
[TestFixture]
public sealed class SourceTests
{
    private const int Widest = 140;

    /// <summary>In JavaScript, the page's texts too: its lines can be broken inside of tags.</summary>
    [Test]
    public void No_line_of_JavaScript_is_wider_than_140_columns()
    {
        string[] foreign = ["node_modules", "dist", "obj"];
        var lines = from folder in new[] { "harness", "runtimes", "tests", Path.Combine("modules", "counter-go-js", "page") }
                    from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.*js", SearchOption.AllDirectories)
                    let path = Path.GetRelativePath(Repository.Root, file)
                    where !path.Split(Path.DirectorySeparatorChar).Any(foreign.Contains)
                    from line in File.ReadLines(file).Index()
                    where line.Item.Length > Widest
                    select $"{path}:{line.Index + 1}: {line.Item.Length} columns";
        Assert.That(lines, Is.Empty);
    }

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
