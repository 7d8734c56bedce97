using System.Diagnostics.CodeAnalysis;

namespace Conformance.Machine;

/// <summary>Where things are kept between runs: <c>CONFORMANCE_HOME</c>, else the user's data folder.</summary>
public static class ConformanceHome
{
    /// <summary>
    /// An absolute path; the folder need not be there yet. A user without a home has one in the temporary folder, by the user's name.
    /// </summary>
    public static string Folder => Environment.GetEnvironmentVariable("CONFORMANCE_HOME") is { Length: > 0 } home ? Path.GetFullPath(home)
        : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData,
            Environment.SpecialFolderOption.DoNotVerify) is { Length: > 0 } data && Path.IsPathRooted(data) ? Path.Combine(data, "conformance")
        : Path.Combine(Path.GetTempPath(), $"conformance-{Environment.UserName}");

    /// <summary>For compiled modules.</summary>
    public static string Cache => Path.Combine(Folder, "cache");

    /// <summary>The path of something in <see cref="Folder"/>; null for null.</summary>
    [return: NotNullIfNotNull(nameof(name))]
    public static string? Within(string? name) => name is null ? null : Path.Combine(Folder, name);
}
