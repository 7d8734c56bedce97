using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Conformance.Machine;

/// <summary>Where things are kept between runs: <c>CONFORMANCE_HOME</c>, else the user's data folder.</summary>
public static class ConformanceHome
{
    /// <summary>
    /// An absolute path; the folder need not be there yet. A user without a home has one in the temporary folder, by the user's name.
    /// </summary>
    public static string Folder => Environment.GetEnvironmentVariable("CONFORMANCE_HOME") is { Length: > 0 } home ? Path.GetFullPath(home)
        : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData,
            Environment.SpecialFolderOption.DoNotVerify) is { Length: > 0 } data && HasHome ? Path.Combine(data, "conformance")
        : Path.Combine(Path.GetTempPath(), $"conformance-{Environment.UserName}");

    /// <summary>Without one, .NET takes the root for it, which is root's only.</summary>
    private static bool HasHome => OperatingSystem.IsWindows() || Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 }
        || Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify) is { Length: > 1 };

    /// <summary>For what is made anew where it is missing, such as compiled modules: see <see cref="CacheInventory"/>.</summary>
    public static string Cache => Path.Combine(Folder, "cache");

    /// <summary>How much the cache may have in bytes, by <c>CONFORMANCE_CACHE_LIMIT</c> in MiB; 2 GiB where that is not set.</summary>
    public static long CacheLimit => long.TryParse(Environment.GetEnvironmentVariable("CONFORMANCE_CACHE_LIMIT"),
        NumberStyles.None, CultureInfo.InvariantCulture, out var mebibytes) && mebibytes < long.MaxValue >> 20 ? mebibytes << 20 : 2L << 30;

    /// <summary>The path of something in <see cref="Folder"/>; null for null.</summary>
    [return: NotNullIfNotNull(nameof(name))]
    public static string? Within(string? name) => name is null ? null : Path.Combine(Folder,
        InnerPath.IsInner(name) ? name : throw new ArgumentException($"'{name}' leads out of {Folder}", nameof(name)));
}
