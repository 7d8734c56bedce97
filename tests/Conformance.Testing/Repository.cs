using System.Collections.Concurrent;
using Conformance.Engine.Planning;
using Conformance.Manifests;
using Conformance.Model.Modules;
using Conformance.Model.Runtimes;

namespace Conformance.Testing;

/// <summary>Where the checkout is that these tests were built from.</summary>
public static class Repository
{
    private static readonly Installation Installation = Installation.Find();
    private static readonly ConcurrentDictionary<string, RuntimeManifest> RuntimeManifests = [];

    public static string Root => Installation.Root;

    public static string Modules => Installation.Modules;

    public static string Runtimes => Installation.Runtimes;

    /// <summary>The manifest of one of the repository's guests.</summary>
    public static ModuleManifest Module(string id) => ModuleManifestReader.Read(Path.Combine(Modules, id, ModuleManifestReader.FileName));

    /// <summary>The manifest of one of its runtimes: the same one, whoever asks.</summary>
    public static RuntimeManifest Runtime(string id) => RuntimeManifests.GetOrAdd(id,
        _ => RuntimeManifestReader.Read(Path.Combine(Runtimes, id, RuntimeManifestReader.FileName)));

    /// <summary>What a program of the repository was built to, in the configuration of these tests.</summary>
    public static string Built(string assembly)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.Combine(here.Parent!.Parent!.FullName, assembly, here.Name, assembly + ".dll");
    }
}
