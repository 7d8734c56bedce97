using Conformance.Manifests;
using CsCheck;

namespace Conformance.UnitTests.Manifests;

/// <summary>What is changed in a manifest's text, and that nothing else is.</summary>
[TestFixture]
public sealed class ManifestEditorTests
{
    private const string Manifest = """
        # the guest of 2022 🦘
        title = "a guest" # its name

        [[scenarios]]
        id = "first"
        [scenarios.expect]
        counts = 10 # ten, "so far"
        stdout = "10\n"

        # about the second one
        [[scenarios]]
        id = "second"   # é 🦘
        expect = { counts = 10, result = "10" } # in one line

        # why node is here,
        # in two lines
        [[scenarios.differences]]
        runtime = "node"
        counts = 9
        # and this is the reason
        reason = "once 🦘"

        [[scenarios.differences]]
        runtime = "chromium"
        counts = 20
        """;

    [Test]
    public void A_value_is_replaced_and_its_comment_stays() =>
        AssertEdit(editor => editor.SetExpectation(0, [new("counts", "12")]),
            "counts = 10 # ten, \"so far\"", "counts = 12 # ten, \"so far\"");

    [Test]
    public void Keys_come_after_the_last_and_go_with_their_line() =>
        AssertEdit(editor => editor.SetExpectation(0, [new("stdout", null), new("exit", "0")]), "stdout = \"10\\n\"\n", "exit = 0\n");

    [Test]
    public void An_inline_table_stays_one() =>
        AssertEdit(editor => editor.SetExpectation(1, [new("counts", "{ guest = 1, server = 2 }"), new("exit", "0")]),
            "{ counts = 10, result = \"10\" }", "{ result = \"10\", counts = { guest = 1, server = 2 }, exit = 0 }");

    [Test]
    public void An_entry_is_changed() =>
        AssertEdit(editor => editor.SetEntry(1, "differences", 1, [new("counts", "30")]), "counts = 20", "counts = 30");

    [Test]
    public void An_entry_goes_with_the_comments_right_above_it() => AssertEdit(
        editor => editor.RemoveEntry(1, "differences", 0),
        "\n# why node is here,\n# in two lines\n[[scenarios.differences]]\nruntime = \"node\"\ncounts = 9\n# and this is the reason\nreason = \"once 🦘\"\n",
        "");

    [Test]
    public void The_last_entry_goes() => AssertEdit(editor => editor.RemoveEntry(1, "differences", 1),
        "\n[[scenarios.differences]]\nruntime = \"chromium\"\ncounts = 20", "");

    [Test]
    public void An_entry_comes_before_another_one_and_its_comments() => AssertEdit(
        editor => editor.AddEntry(1, "differences", 0, [new("runtime", "\"x\""), new("os", null)]),
            "# why node", "[[scenarios.differences]]\nruntime = \"x\"\n\n# why node");

    [Test]
    public void An_entry_comes_after_the_last_one() =>
        AssertEdit(editor => editor.AddEntry(1, "differences", null, [new("runtime", "\"x\"")]),
            "counts = 20", "counts = 20\n\n[[scenarios.differences]]\nruntime = \"x\"\n");

    [Test]
    public void A_first_entry_comes_after_what_its_own_scenario_expects() =>
        AssertEdit(editor => editor.AddEntry(0, "differences", null, [new("runtime", "\"x\"")]),
            "stdout = \"10\\n\"\n", "stdout = \"10\\n\"\n\n[[scenarios.differences]]\nruntime = \"x\"\n");

    [Test]
    public void Differences_come_before_splits()
    {
        var editor = new ManifestEditor("[[scenarios]]\nid = \"a\"\n[scenarios.expect]\ncounts = 1\n[[scenarios.splits]]\ngroups = []\n");
        editor.AddEntry(0, "differences", null, [new("runtime", "\"x\"")]);
        Assert.That(editor.Result, Is.EqualTo("[[scenarios]]\nid = \"a\"\n[scenarios.expect]\ncounts = 1\n\n[[scenarios.differences]]\nruntime = \"x\"\n[[scenarios.splits]]\ngroups = []\n"));
    }

    [TestCase("[[scenarios]]\nid = \"a\"\ndifferences = [{ runtime = \"x\" }]\n")]
    [TestCase("[[scenarios]]\nid = \"a\"\n[[scenarios.differences]]\nruntime = \"x\"\n[scenarios.differences.counts]\nguest = 1\n")]
    public void Forms_that_are_not_changed_are_told(string manifest) =>
        Assert.That(new ManifestEditor(manifest).HasTables(0, "differences"), Is.False);

    [TestCase("[[scenarios]]\nid = \"a\"\nexpect.counts = 1\n")]
    [TestCase("[[scenarios]]\nid = \"a\"\n[scenarios.expect.counts]\nguest = 1\n")]
    [TestCase("[[scenarios]]\nid = \"a\"\n[scenarios.expect]\n[scenarios.expect.counts]\nguest = 1\n")]
    public void Expectations_in_such_forms_are_left(string manifest)
    {
        var editor = new ManifestEditor(manifest);
        Assert.That(editor.SetExpectation(0, [new("counts", "2")]), Is.False);
        Assert.That(editor.Result, Is.EqualTo(manifest));
    }

    /// <summary>Among scenarios of any form, with any comments: an edit changes its own values and nothing else.</summary>
    [Test]
    public void Nothing_else_is_touched()
    {
        var remark = Gen.OneOf("", " # plain", " # \"quoted\" [x] 🦘", "\t# é");
        var above = Gen.OneOf("", "\n", "# above 🦘\n", "\n\n# above\n\n");
        var block = Gen.Select(above, remark, (before, after) => new Block(before, after));
        var scenario = Gen.Select(block, Gen.Bool, block.Array[1, 3],
            (header, inline, differences) => new ScenarioShape(header, inline, differences));
        Gen.Select(scenario.Array[1, 4], Gen.OneOf("\n", "\r\n"), Gen.Bool, Gen.Int[0, 3], Gen.Int[0, 2])
            .Sample((shapes, newLine, ends, at, entry) =>
        {
            at %= shapes.Length;
            entry %= shapes[at].Differences.Length;
            string Text(bool edited) => string.Concat(shapes.Select((shape, i) => shape.Text(edited && i == at, entry)))
                .ReplaceLineEndings(newLine);
            var editor = new ManifestEditor(ends ? Text(edited: false) : Text(edited: false).TrimEnd());
            Assert.That(editor.SetExpectation(at, [new("counts", "777")]), Is.True);
            editor.SetEntry(at, "differences", entry, [new("counts", "888"), new("link", "\"🦘\"")]);
            Assert.That(ends ? editor.Result : editor.Result.TrimEnd(),
                Is.EqualTo(ends ? Text(edited: true) : Text(edited: true).TrimEnd()));
        });
    }

    private sealed record Block(string Above, string Remark);

    private sealed record ScenarioShape(Block Header, bool Inline, Block[] Differences)
    {
        public string Text(bool edited, int entry) =>
            $"{Header.Above}[[scenarios]]{Header.Remark}\nid = \"s\"\n"
            + (Inline ? $"expect = {{ counts = {(edited ? 777 : 10)} }}{Header.Remark}\n"
                : $"[scenarios.expect]\ncounts = {(edited ? 777 : 10)}{Header.Remark}\n")
            + string.Concat(Differences.Select((block, i) =>
                $"{block.Above}[[scenarios.differences]]{block.Remark}\nruntime = \"node\"\ncounts = {(edited && i == entry ? 888 : 20 + i)}{block.Remark}\nreason = \"🦘\"{block.Remark}\n"
                + (edited && i == entry ? "link = \"🦘\"\n" : "")));
    }

    private static void AssertEdit(Action<ManifestEditor> edit, string before, string after)
    {
        foreach (var newLine in new[] { "\n", "\r\n" })
        {
            var text = Manifest.ReplaceLineEndings(newLine);
            var editor = new ManifestEditor(text);
            edit(editor);
            Assert.That(text, Does.Contain(before.ReplaceLineEndings(newLine)));
            Assert.That(editor.Result,
                Is.EqualTo(text.Replace(before.ReplaceLineEndings(newLine), after.ReplaceLineEndings(newLine), StringComparison.Ordinal)));
        }
    }
}
