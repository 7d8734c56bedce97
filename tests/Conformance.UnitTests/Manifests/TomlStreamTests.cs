using Conformance.Manifests;
using CsCheck;

namespace Conformance.UnitTests.Manifests;

/// <summary>What is read as it comes is what the syntax tree says, places included; what that refuses is never taken.</summary>
public sealed class TomlStreamTests
{
    private static readonly Gen<string> Key = Gen.OneOf("a", "b", "c", "\"q.x\"", "'l'");
    private static readonly Gen<string> Name = Key.List[1, 3].Select(keys => string.Join(".", keys));
    private static readonly Gen<string> Scalar = Gen.OneOf("1", "-0x1F", "2.5", "true", "\"te\\u0041xt\"", "'it''s'", "'[x]'",
        "\"\"\"\n[no.header]\nlines\"\"\"", "inf", "1979-05-27");

    private static readonly Gen<string> Value = Gen.Frequency((6, Scalar), (1, Scalar.List[0, 3].Select(items => $"[{string.Join(", ", items)}]")),
        (1, Gen.Select(Name, Scalar).List[0, 3].Select(pairs => $"{{{string.Join(", ", pairs.Select(p => $"{p.Item1} = {p.Item2}"))}}}")),
        (1, Scalar.List[1, 3].Select(items => $"[\n  [{string.Join("],\n  [", items)}],\n]")));

    private static readonly Gen<string> Line = Gen.Frequency(
        (6, Gen.Select(Name, Value).Select(pair => $"{pair.Item1} = {pair.Item2}")),
        (3, Name.Select(name => $"[{name}]")),
        (3, Name.Select(name => $"  [[ {name} ]] # twice")),
        (1, Gen.OneOf("", "# [not.one]", "broken = ", "]")));

    [Test]
    public void A_document_is_what_its_syntax_tree_says() => Line.List[0, 8].Sample(lines =>
    {
        var text = string.Join("\n", lines) + (lines.Count % 2 == 0 ? "\n" : "");
        if (TomlStream.Read(text) is not { } read) return;
        var problems = new List<ManifestProblem>();
        var tree = TomlTree.ParseDocument(text, "x.toml", problems);
        Assert.That(problems, Is.Empty, text.Replace("\n", "\\n"));
        Assert.That(Show(read), Is.EqualTo(Show(tree)), text);
    }, iter: 20_000);

    [Test]
    public void Every_manifest_here_is_read_as_it_comes([Values("modules", "runtimes", "tools")] string folder)
    {
        var files = Directory.GetFiles(Path.Combine(Repository.Root, folder), "*.toml", SearchOption.AllDirectories);
        Assert.That(files, Is.Not.Empty);
        foreach (var text in files.Select(File.ReadAllText))
            Assert.That(Show(TomlStream.Read(text)!), Is.EqualTo(Show(TomlTree.ParseDocument(text, "x.toml", []))));
    }

    [TestCase("[t]\nx = 1\n[t]\ny = 2\n")]
    [TestCase("a = 1\na = 2\n")]
    [TestCase("[[a]]\n[a]\n")]
    [TestCase("a = {b = 1}\na.c = 2\n")]
    [TestCase("[a.b.c]\n[a]\nb.d = 1\n")]
    public void What_is_written_twice_is_left_to_the_syntax_tree(string text) => Assert.That(TomlStream.Read(text), Is.Null);

    private static string Show(object value) => value switch
    {
        TomlTable table => $"{table.At.Line}:{table.At.Column}{{{string.Join(", ", table.Nodes.Select(n => $"{n.Key} {Show(n.Value)}"))}}}",
        TomlNode node => $"{node.At.Line}:{node.At.Column} {Show(node.Value)}",
        List<TomlNode> items => $"[{string.Join(", ", items.Select(Show))}]",
        _ => $"{value.GetType().Name} {value}",
    };
}
