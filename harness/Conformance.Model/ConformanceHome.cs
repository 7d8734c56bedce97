using Conformance.Model.Runtimes;

namespace Conformance.Model;

/// <summary>Where things are kept between runs: <c>CONFORMANCE_HOME</c>, else the user's data folder.</summary>
public static class ConformanceHome
{
    public static string Folder => Environment.GetEnvironmentVariable("CONFORMANCE_HOME") is { Length: > 0 } home
        ? Path.GetFullPath(home)
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "conformance");

    /// <summary>For compiled modules.</summary>
    public static string Cache => Path.Combine(Folder, "cache");

    /// <summary>Where <c>setup</c> puts a runtime's release; null where the runtime has none.</summary>
    public static string? Release(RuntimeManifest runtime) => runtime.Release is { } release ? Path.Combine(Folder, $"{runtime.Id}-{release.Version}") : null;
}
