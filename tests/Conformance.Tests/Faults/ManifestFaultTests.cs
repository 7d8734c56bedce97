using System.IO.Compression;
using System.Security.Cryptography;
using Conformance.Machine;
using Conformance.Manifests;

namespace Conformance.Tests.Faults;

/// <summary>Manifests and files that would be read for ever, or end the process that reads them.</summary>
[Category("faults")]
[Category("Portable")]
[TestFixture]
public sealed class ManifestFaultTests
{
    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase("arrays", "x = [[[[")]
    [TestCase("tables", "x = {a={a={a={a=")]
    public void What_is_nested_too_deeply_is_broken_input_with_its_line(string name, string opening)
    {
        var line = opening[..4] + string.Concat(Enumerable.Repeat(opening[4..], 40_000));
        Assert.That(Problems(name, $"title = \"t\"\n{line}\n"), Has.Some.EqualTo("2: more than 64 levels: no manifest has so many"));
    }

    [Test]
    public void A_name_of_too_many_parts_is_broken_input()
    {
        var name = string.Join('.', Enumerable.Repeat("a", 100_000));
        Assert.That(Problems("dotted", $"\n\n[{name}]\n"), Has.Some.EqualTo("3: more than 64 levels: no manifest has so many"));
        Assert.That(Problems("strings", "title = \"[[[[...........\"\n" + string.Concat(Enumerable.Repeat("a = '[{.'\n", 200))),
            Has.None.Contains("levels"));
    }

    [Test]
    public void A_manifest_that_is_too_large_is_broken_input()
    {
        Assert.That(Problems("large", "title = \"" + new string('x', 5 << 20) + "\"\n"),
            Has.Some.EndsWith("bytes: 4,194,304 are the most"));
    }

    [Test]
    public void A_pipe_or_a_device_is_no_module_no_manifest_and_no_stdin()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("pipes have no names in folders there");
        var pipe = _folder.Sub("pipe");
        Assert.That(Processes.Run("mkfifo", pipe), Is.Zero);
        File.CreateSymbolicLink(_folder.Sub("link"), pipe);
        foreach (var path in new[] { pipe, _folder.Sub("link"), "/dev/zero" })
        {
            Assert.That(OrdinaryFile.Obstacle(path, 1), Is.EqualTo("is no file, but a pipe, a socket or a device"));
            Assert.That(Problems("piped", Manifest(Path.GetRelativePath(_folder.Sub("modules/piped"), path), new string('0', 64), "")),
                Has.Some.EndsWith("is no file, but a pipe, a socket or a device"));
            Assert.That(Problems("fed", Manifest("none.wasm", "00", $"stdin-file = '{path}'")),
                Has.Some.EndsWith("is no file, but a pipe, a socket or a device"));
        }

        Directory.CreateDirectory(_folder.Sub("modules/itself"));
        Assert.That(Processes.Run("mkfifo", _folder.Sub("modules/itself/module.toml")), Is.Zero);
        Assert.That(() => ModuleManifestReader.Read(_folder.Sub("modules/itself/module.toml")), Throws.TypeOf<ManifestException>());
        Assert.That(OrdinaryFile.Obstacle(_folder.Write("file", ""), 1), Is.Null);
    }

    [Test]
    public void A_file_that_unpacks_to_more_than_any_module_has_is_broken_input_and_fills_nothing()
    {
        var bomb = _folder.Sub("bomb.wasm.br");
        using (var packed = new BrotliStream(File.Create(bomb), CompressionLevel.Fastest))
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 64; i++) packed.Write(zeros);
        }

        var sha256 = Convert.ToHexStringLower(SHA256.HashData(new byte[1]));
        var error = Assert.Throws<InvalidDataException>(() => CompressedFile.Unpack(bomb, sha256, 1 << 20))!;
        Assert.That(error.Message, Is.EqualTo("unpacks to more than 1,048,576 bytes"));
        Assert.That(Directory.Exists(Path.Combine(ConformanceHome.Cache, "modules", sha256))
            ? Directory.GetFiles(Path.Combine(ConformanceHome.Cache, "modules", sha256)) : [], Is.Empty);
    }

    [TestCase("PUT /../add")]
    [TestCase("PUT /%2e%2e/add")]
    [TestCase("PUT /a/./add")]
    [TestCase("PUT /a//add")]
    [TestCase("PUT //elsewhere.example/add")]
    [TestCase("PUT /..\\\\add")]
    [TestCase("PUT /add#x")]
    [TestCase("PUT http://elsewhere.example/add")]
    public void A_request_that_leaves_the_cells_counter_is_broken_input(string request) =>
        Assert.That(Problems("leaves", Manifest("none.wasm", "00", "") + $"[imports.env.f]\nrequest = \"{request}\"\n"),
            Has.Some.StartsWith("11: request \""));

    private static string Manifest(string wasm, string sha256, string scenario) => $"""
        title = "t"
        wasm = '{wasm}'
        sha256 = "{sha256}"
        kind = "wasi-command"
        toolchain = "a test"
        [[scenarios]]
        id = "only"
        expect = {"{}"}
        {scenario}

        """;

    /// <summary>All that is wrong in a manifest, each with its line.</summary>
    private IEnumerable<string> Problems(string id, string text)
    {
        var path = _folder.Write($"modules/{id}/module.toml", text);
        return Assert.Throws<ManifestException>(() => ModuleManifestReader.Read(path))!.Problems
            .Select(problem => $"{problem.Line}: {problem.Message}");
    }
}
