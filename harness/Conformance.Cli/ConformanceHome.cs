namespace Conformance.Cli;

/// <summary>Where things are kept between runs: <c>CONFORMANCE_HOME</c>, else the user's data folder.</summary>
internal static class ConformanceHome
{
    public static string Folder => Environment.GetEnvironmentVariable("CONFORMANCE_HOME") is { Length: > 0 } home
        ? Path.GetFullPath(home)
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "conformance");

    /// <summary>For compiled modules.</summary>
    public static string Cache => Path.Combine(Folder, "cache");
}
