using System.Text;
using System.Text.Json;
using Conformance.Machine;

namespace Conformance.Tests.Runtimes;

/// <summary>Digests of large files that workers in JavaScript keep, as those in C# do.</summary>
[TestFixture]
[Category("Portable")]
public sealed class JavaScriptDigestTests
{
    /// <summary>By its inode's change, which nobody sets, a file that looks like the old one is another.</summary>
    [Test]
    public void A_digest_is_kept_as_long_as_its_file_is_the_same_and_what_is_kept_is_whole()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("library", "one");
        var said = Evaluate($$"""
            import { readFileSync, readdirSync, writeFileSync } from "node:fs";
            const later = Date.now() + 60_000;
            Date.now = () => later;
            const { sha256OfFile } = await import({{JsonSerializer.Serialize(new Uri(Path.Combine(Repository.Root, "runtimes", "javascript", "digests.js")))}});
            const file = {{JsonSerializer.Serialize(file)}}, folder = process.env.CONFORMANCE_DIGESTS;
            const said = [sha256OfFile(file)];
            const kept = `${folder}/${readdirSync(folder).find(name => !name.endsWith(".sha256"))}`;
            const content = readFileSync(kept, "utf8");
            said.push(sha256OfFile(file));
            writeFileSync(kept, content.replaceAll(said[0], said[0].replace(/./, "0")));
            said.push(sha256OfFile(file));
            writeFileSync(file, "two");
            said.push(sha256OfFile(file));
            console.log(said.join("\n"));
            """, folder.Sub("digests"));
        Assert.That(said, Is.EqualTo(new[] { "one", "one", "one", "two" }.Select(Sha256.Hex)));
        var kept = CacheInventory.Read(folder.Path).Single(entry => entry.Kind == "digests");
        Assert.That(File.ReadAllText(kept.Path), Does.Contain(Sha256.Hex("two")));
        Assert.That(CacheInventory.IsWhole(kept), "to conformance cache, too");

        // What is kept is what is told: this one is whole, and says something else.
        KeptFile.Write(kept.Path, Encoding.UTF8.GetBytes(
            File.ReadAllText(kept.Path).Replace(Sha256.Hex("two"), Sha256.Hex("three"), StringComparison.Ordinal)));
        var again = Evaluate($"""
            const {"{"} sha256OfFile {"}"} = await import({JsonSerializer.Serialize(new Uri(Path.Combine(Repository.Root, "runtimes", "javascript", "digests.js")))});
            console.log(sha256OfFile({JsonSerializer.Serialize(file)}));
            """, folder.Sub("digests"));
        Assert.That(again, Is.EqualTo(new[] { Sha256.Hex("three") }));
    }

    private static string[] Evaluate(string script, string digests)
    {
        var run = ToolRun.Run("node", ["--input-type=module", "--eval", script],
            new Dictionary<string, string> { [KeptDigests.Variable] = digests });
        Assert.That(run.Exit, Is.Zero, run.Errors);
        return run.Output.Trim().Split('\n');
    }
}
