namespace Conformance.Machine;

/// <summary>Programs of this machine by name.</summary>
public static class Programs
{
    private static readonly string[] Folders = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

    /// <summary>The first file of that name in the folders of PATH; null where there is none.</summary>
    public static string? Find(string name)
    {
        string[] names = OperatingSystem.IsWindows() ? [name + ".exe", name + ".cmd", name] : [name];
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => names.Select(file => Path.Combine(folder, file))).FirstOrDefault(File.Exists);
    }

    /// <summary>As <see cref="Find"/>, and where programs for root are on Linux.</summary>
    public static string? FindForRoot(string name) => Find(name)
        ?? Folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Whether PATH has a program of that name.</summary>
    public static bool IsOnPath(string name) => Find(name) is not null;
}
