using System.IO.Compression;
using Conformance.Wasmer;

namespace Conformance.Tests.Bindings;

/// <summary>The binding as a package of its own.</summary>
[TestFixture]
public sealed class PackageTests
{
    [Test]
    public void It_packs_with_its_readme_and_documentation()
    {
        using var folder = new TemporaryFolder();
        var project = Path.Combine(Repository.Root, "runtimes", "Conformance.Wasmer");
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)).Name;
        Assert.That(Processes.Run("dotnet", "pack", project, "-c", configuration, "--no-build", "-o", folder.Path, "--nologo"), Is.Zero);
        using var package = ZipFile.OpenRead(Directory.GetFiles(folder.Path, "Conformance.Wasmer.*.nupkg").Single());
        var names = package.Entries.Select(entry => entry.FullName).ToList();
        Assert.That(names,
            Is.SupersetOf(new[] { "README.md", "lib/net10.0/Conformance.Wasmer.dll", "lib/net10.0/Conformance.Wasmer.xml" }));
        using var reader = new StreamReader(
            package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open());
        Assert.That(reader.ReadToEnd(), Does.Contain("<readme>README.md</readme>").And.Contain("MIT").And.Not.Contain("<dependency "));
    }

    [Test]
    public void It_knows_nothing_of_the_harness() =>
        Assert.That(typeof(Module).Assembly.GetReferencedAssemblies().Select(assembly => assembly.Name),
            Has.None.StartsWith("Conformance"));
}
