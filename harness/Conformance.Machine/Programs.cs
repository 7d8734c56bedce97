namespace Conformance.Machine;

/// <summary>Programs of this machine by name.</summary>
public static class Programs
{
    /// <summary>The first file of that name in the folders of PATH; null where there is none.</summary>
    public static string? Find(string name)
    {
        string[] names = OperatingSystem.IsWindows() ? [name + ".exe", name + ".cmd", name] : [name];
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => names.Select(file => Path.Combine(folder, file))).FirstOrDefault(File.Exists);
    }

    /// <summary>Whether PATH has a program of that name.</summary>
    public static bool IsOnPath(string name) => Find(name) is not null;
}
