using Conformance.Machine;
using Conformance.Manifests;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Jsonl;
using Conformance.Tests.CommandLine;

namespace Conformance.Tests.Faults;

/// <summary>Paths that others wrote and that lead elsewhere.</summary>
[Category("faults")]
[Category("Portable")]
[TestFixture]
public sealed class PathTests
{
    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase("../../victim.png")]
    [TestCase("/etc/passwd.png")]
    [TestCase("attachments/../../victim.png")]
    [TestCase("attachments\\..\\..\\victim.png")]
    [TestCase("C:\\victim.png")]
    public async Task A_report_whose_attachment_leads_out_of_its_folder_is_refused(string path)
    {
        var report = Attached(path).Write(_folder, "outer");
        Assert.That(() => ReportReader.Read(report),
            Throws.TypeOf<ReportFormatException>().With.Message.Contains("leads out of the report's folder"));
        foreach (var command in new[] { "merge", "show" })
        {
            var result = await Command.RunAsync(command == "merge"
                ? ["merge", report, "--out", _folder.Sub("merged")] : ["show", report]);
            Assert.That(result.ExitCode, Is.EqualTo(2), result.Error);
        }
    }

    [Test]
    public async Task A_page_shows_pictures_of_its_report_and_no_other_file()
    {
        File.WriteAllText(_folder.Sub("secret.png"), "secret-of-somebody");
        var report = Attached("attachments/a.png", "attachments/link.png", "attachments/text.png").Write(_folder, "page");
        var folder = Path.GetDirectoryName(report)!;
        Directory.CreateDirectory(Path.Combine(folder, "attachments"));
        byte[] picture = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3];
        await File.WriteAllBytesAsync(Path.Combine(folder, "attachments", "a.png"), picture);
        await File.WriteAllTextAsync(Path.Combine(folder, "attachments", "text.png"), "secret-of-somebody");
        File.CreateSymbolicLink(Path.Combine(folder, "attachments", "link.png"), _folder.Sub("secret.png"));
        var page = _folder.Sub("page.html");
        Assert.That((await Command.RunAsync("report", folder, "-f", "html", "--out", page)).ExitCode, Is.Zero);
        var text = await File.ReadAllTextAsync(page);
        Assert.That(text, Does.Contain(Convert.ToBase64String(picture)));
        Assert.That(text, Does.Not.Contain(Convert.ToBase64String("secret-of-somebody"u8)));
    }

    [Test]
    public async Task Merging_follows_no_link_out_of_a_folder()
    {
        var report = Attached("attachments/link.png") with { };
        report = report with { Header = report.Header with { Shard = new ShardInfo(1, 1, report.Cells.Length, "x") } };
        var part = Path.GetDirectoryName(report.Write(_folder, "linked"))!;
        Directory.CreateDirectory(Path.Combine(part, "attachments"));
        File.WriteAllText(_folder.Sub("elsewhere"), "theirs");
        File.CreateSymbolicLink(Path.Combine(part, "attachments", "link.png"), _folder.Sub("elsewhere"));
        var merged = _folder.Sub("merged-links");
        var result = await Command.RunAsync("merge", part, "--out", merged);
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(Path.Combine(merged, "attachments", "link.png"), Does.Not.Exist);
    }

    [TestCase("1/../../victim")]
    [TestCase("..")]
    [TestCase("1 2")]
    [TestCase("/")]
    public void A_releases_version_that_is_a_path_is_broken_input_and_deletes_nothing(string version)
    {
        var path = _folder.Write("runtimes/evil/runtime.toml", $"""
            name = "Evil"
            remedy = "none"
            [worker]
            command = ["evil"]
            [install.release]
            version = "{version}"
            keep = ["lib/"]
            [install.release.archives.linux-x64]
            url = "https://example.org/a.tar.gz"
            sha256 = "{new string('0', 64)}"
            """);
        Assert.That(Assert.Throws<ManifestException>(() => RuntimeManifestReader.Read(path))!.Problems.Select(problem => $"{problem}"),
            Has.Some.StartsWith($"{path}:6:").And.Some.Contains("is no version"));
        Assert.That(() => ConformanceHome.Within($"evil-{version}/.."), Throws.ArgumentException);
    }

    [TestCase("a/b.png", true)]
    [TestCase("a..b/c", true)]
    [TestCase("", false)]
    [TestCase("a//b", false)]
    [TestCase("./a", false)]
    [TestCase("a/..", false)]
    [TestCase("a\\..\\b", false)]
    [TestCase("/a", false)]
    [TestCase("c:a", false)]
    public void A_path_is_inner_or_not_whatever_the_system(string path, bool inner) =>
        Assert.That(InnerPath.IsInner(path), Is.EqualTo(inner));

    private static Report Attached(params string[] paths) => SampleReport.Passing.With(cell => cell.Seen(run => run with
    {
        Attachments = [.. paths.Select(path => new Attachment("picture", path))],
    }));
}
