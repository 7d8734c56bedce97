using Conformance.Machine;

namespace Conformance.UnitTests.Machine;

[NonParallelizable]
[TestFixture]
public sealed class KeptDigestTests
{
    private static readonly DateTime LongAgo = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private TemporaryFolder _folder = null!;
    private string? _before;

    [SetUp]
    public void Prepare()
    {
        _folder = new TemporaryFolder();
        _before = Environment.GetEnvironmentVariable(KeptDigests.Variable);
        Environment.SetEnvironmentVariable(KeptDigests.Variable, _folder.Sub("digests"));
    }

    [TearDown]
    public void Restore()
    {
        Environment.SetEnvironmentVariable(KeptDigests.Variable, _before);
        _folder.Dispose();
    }

    [Test]
    public void A_file_is_read_again_only_when_it_is_another_by_size_or_time()
    {
        var file = Write("one", LongAgo);
        Assert.That(KeptDigests.HexOfFile(file), Is.EqualTo(Sha256.Hex("one")));
        Assert.That(KeptDigests.HexOfFile(Write("two", LongAgo)), Is.EqualTo(Sha256.Hex("one")), "read again");
        Assert.That(KeptDigests.HexOfFile(Write("four", LongAgo)), Is.EqualTo(Sha256.Hex("four")));
        Assert.That(KeptDigests.HexOfFile(Write("five", LongAgo.AddSeconds(1))), Is.EqualTo(Sha256.Hex("five")));
    }

    [Test]
    public void What_was_written_just_now_is_not_kept() =>
        Assert.That((KeptDigests.HexOfFile(_folder.Write("library", "one")), Directory.Exists(_folder.Sub("digests"))),
            Is.EqualTo((Sha256.Hex("one"), false)));

    [Test]
    public void A_link_is_what_it_leads_to()
    {
        Write("one", LongAgo);
        File.CreateSymbolicLink(_folder.Sub("link"), _folder.Sub("library"));
        Assert.That(KeptDigests.HexOfFile(_folder.Sub("link")), Is.EqualTo(Sha256.Hex("one")));
        Assert.That(KeptDigests.HexOfFile(Write("another", LongAgo.AddDays(1))), Is.EqualTo(Sha256.Hex("another")));
        Assert.That(KeptDigests.HexOfFile(_folder.Sub("link")), Is.EqualTo(Sha256.Hex("another")));
    }

    [Test]
    public void One_that_is_damaged_is_not_believed()
    {
        var file = Write("one", LongAgo);
        KeptDigests.HexOfFile(file);
        var kept = Directory.GetFiles(_folder.Sub("digests")).Single(path => !path.EndsWith(KeptFile.DigestExtension));
        File.WriteAllText(kept, File.ReadAllText(kept).Replace(Sha256.Hex("one"), Sha256.Hex("two")));
        Assert.That(KeptDigests.HexOfFile(file), Is.EqualTo(Sha256.Hex("one")));
    }

    private string Write(string content, DateTime time)
    {
        var file = _folder.Write("library", content);
        File.SetLastWriteTimeUtc(file, time);
        return file;
    }
}
