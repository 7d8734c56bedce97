using System.Runtime.Versioning;
using Conformance.Machine;

namespace Conformance.UnitTests.Machine;

/// <summary>The copies that cells get of their fixtures.</summary>
[TestFixture]
[Platform("Linux,MacOsX")]
[UnsupportedOSPlatform("windows")]
public sealed class FolderCopyTests
{
    private readonly TemporaryFolder _folder = new();
    private int _tests;
    private string _source = "";

    [SetUp]
    public void NewSource() => _source = Directory.CreateDirectory(_folder.Sub($"source-{_tests++}")).FullName;

    [OneTimeTearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public void Links_stay_links_and_are_followed_by_nobody()
    {
        _folder.Write("outside.txt", "secret");
        File.WriteAllText(Path.Combine(_source, "a.txt"), "a");
        File.CreateSymbolicLink(Path.Combine(_source, "in"), "a.txt");
        File.CreateSymbolicLink(Path.Combine(_source, "out"), _folder.Sub("outside.txt"));
        File.CreateSymbolicLink(Path.Combine(_source, "nowhere"), "no-such-file");
        Directory.CreateSymbolicLink(Path.Combine(_source, "loop"), ".");
        var copy = Copy();
        Assert.That(new DirectoryInfo(copy).GetFileSystemInfos().OrderBy(entry => entry.Name).Select(entry => $"{entry.Name} → {entry.LinkTarget}"),
            Is.EqualTo(new[] { "a.txt → ", "in → a.txt", "loop → .", "nowhere → no-such-file", $"out → {_folder.Sub("outside.txt")}" }));
        Assert.That((FolderCopy.Obstacle(_source), FolderCopy.FirstLink(_source)), Is.EqualTo(((string?)null, FolderCopy.FirstLink(copy))));
        Assert.That(FolderCopy.FirstLink(copy), Is.Not.Null);
    }

    [Test]
    public void A_copy_can_be_written_though_its_fixture_can_not()
    {
        Directory.CreateDirectory(Path.Combine(_source, "sub", "empty"));
        var file = Path.Combine(_source, "sub", "a.txt");
        File.WriteAllText(file, "a");
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        var copy = Copy();
        Assert.That(File.GetUnixFileMode(Path.Combine(copy, "sub", "a.txt")).HasFlag(UnixFileMode.UserWrite));
        File.AppendAllText(Path.Combine(copy, "sub", "a.txt"), "b");
        Assert.That((File.ReadAllText(file), Directory.Exists(Path.Combine(copy, "sub", "empty"))), Is.EqualTo(("a", true)));
        Assert.That(FolderCopy.FirstLink(copy), Is.Null);
    }

    [Test]
    public void A_socket_can_not_be_copied_and_is_named()
    {
        Directory.CreateDirectory(Path.Combine(_source, "sub"));
        var path = Path.Combine(_source, "sub", "s");
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
        Assert.That(FolderCopy.Obstacle(_source), Is.EqualTo($"'{path}' is neither a file, a folder nor a link"));
    }

    [Test]
    public void An_empty_file_is_a_file()
    {
        File.WriteAllText(Path.Combine(_source, ".keep"), "");
        Assert.That(FolderCopy.Obstacle(_source), Is.Null);
        Assert.That(Directory.GetFiles(Copy()), Has.Length.EqualTo(1));
    }

    private string Copy()
    {
        var copy = Directory.CreateDirectory(_source + "-copy").FullName;
        FolderCopy.Make(_source, copy);
        return copy;
    }
}
