using Conformance.Engine.Planning;

namespace Conformance.Testing;

/// <summary>Where the checkout is that these tests were built from.</summary>
public static class Repository
{
    private static readonly Installation Installation = Installation.Find();

    public static string Root => Installation.Root;

    public static string Modules => Installation.Modules;

    public static string Runtimes => Installation.Runtimes;

    /// <summary>What a program of the repository was built to, in the configuration of these tests.</summary>
    public static string Built(string assembly)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.Combine(here.Parent!.Parent!.FullName, assembly, here.Name, assembly + ".dll");
    }
}
