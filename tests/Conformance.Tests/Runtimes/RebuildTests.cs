using System.Diagnostics;
using System.Security.Cryptography;
using Conformance.Model.Manifests;

namespace Conformance.Tests.Runtimes;

/// <summary>Every committed guest is what its source and recipe give.</summary>
[TestFixture]
public sealed class RebuildTests
{
    /// <summary>What a shell says of a program that is not there, and what the recipes say of a toolchain that is not.</summary>
    private const int NotFound = 127, NoToolchain = 3;

    [TestCaseSource(nameof(Modules))]
    public async Task Builds_to_the_committed_bytes_in_another_folder(string id)
    {
        using var folder = new TemporaryFolder();
        var source = Path.Combine(Repository.Modules, id);
        foreach (var file in Directory.GetFiles(source).Where(f => Path.GetExtension(f) != ".wasm")) File.Copy(file, folder.Sub(Path.GetFileName(file)));
        var output = folder.Sub("built.wasm");
        var start = new ProcessStartInfo(folder.Sub("build.sh"), [output]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var build = Process.Start(start)!;
        var words = await Task.WhenAll(build.StandardOutput.ReadToEndAsync(), build.StandardError.ReadToEndAsync());
        await build.WaitForExitAsync();
        if (build.ExitCode is NotFound or NoToolchain) Requirement.Missing(Engine.Running.Requirements.Toolchains, string.Concat(words).Trim());
        Assert.That(build.ExitCode, Is.Zero, string.Concat(words));
        var manifest = ModuleManifestReader.Read(Path.Combine(source, ModuleManifestReader.FileName));
        Assert.That(Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(output))), Is.EqualTo(manifest.Sha256));
    }

    private static IEnumerable<string> Modules() => ModuleManifestReader.ReadAll(Repository.Modules).Select(m => m.Id);
}
