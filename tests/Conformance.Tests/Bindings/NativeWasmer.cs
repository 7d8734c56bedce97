using Conformance.Machine;
using Conformance.Manifests;
using Conformance.Wasmer;
using WasmerEngine = Conformance.Wasmer.Engine;

namespace Conformance.Tests.Bindings;

/// <summary>The library under test, in this process.</summary>
internal static class NativeWasmer
{
    /// <summary>The folder of the release, with its headers; a test that needs one is inconclusive without.</summary>
    public static string Headers => Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(WasmerLibrary.LoadedFrom!))!, "include");

    public static WasmerEngine Start()
    {
        try
        {
            WasmerLibrary.Load(Path.Combine(ConformanceRelease(), "lib"));
        }
        catch (DllNotFoundException e)
        {
            Requirement.Missing("wasmer", e.Message);
        }

        return new WasmerEngine();
    }

    private static string ConformanceRelease() => ConformanceHome.Within(
        Repository.Runtime("wasmer").ReleaseName)!;
}
