using Conformance.Engine;

namespace Conformance.Cli;

/// <summary>The folders that the command works with.</summary>
/// <param name="Repository">The checkout that this command was built from.</param>
internal sealed record Workspace(string Repository)
{
    public string Modules => Path.Combine(Repository, "modules");

    public string Runtimes => Path.Combine(Repository, "runtimes");

    /// <summary>Where things are kept between runs: <c>CONFORMANCE_HOME</c>, else the user's data folder.</summary>
    public static string Home => Environment.GetEnvironmentVariable("CONFORMANCE_HOME") is { Length: > 0 } home
        ? Path.GetFullPath(home)
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "conformance");

    public static string Cache => Path.Combine(Home, "cache");

    /// <summary>The names in <c>CONFORMANCE_REQUIRE</c>: runtimes, and <c>docker</c> for a container engine.</summary>
    public static IReadOnlySet<string> Required =>
        (Environment.GetEnvironmentVariable("CONFORMANCE_REQUIRE") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);

    /// <exception cref="ConformanceException">The command does not stand in a checkout.</exception>
    public static Workspace Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Conformance.sln"))) return new Workspace(folder.FullName);
        }

        throw new ConformanceException(ExitCode.Environment, $"no Conformance.sln above {AppContext.BaseDirectory}: run the command from the checkout it was built in");
    }
}
