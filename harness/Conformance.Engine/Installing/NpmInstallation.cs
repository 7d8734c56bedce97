using Conformance.Machine;
using Conformance.Model.Runtimes;

namespace Conformance.Engine.Installing;

/// <summary>
/// Installs packages of npm by a folder's <c>package.json</c> and lock file, with the machine's npm or the one that was installed for this
/// project.
/// </summary>
internal static class NpmInstallation
{
    /// <summary>What was installed; written last.</summary>
    private const string Stamp = "installed.json";

    private static readonly string[] Inputs = ["package.json", "package-lock.json", ".npmrc"];

    /// <summary>Whether what the folder asks for is there.</summary>
    public static bool IsInstalled(NpmPackages npm) => Path.Combine(Place(npm), Stamp) is var stamp && File.Exists(stamp)
        && File.ReadAllBytes(stamp).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(npm.Folder, Inputs[0])));

    /// <param name="item">What it is part of.</param>
    /// <param name="npm">The packages.</param>
    /// <param name="release">The folder of npm's own release, where the machine has no npm; null where there is none.</param>
    /// <param name="progress">Is told.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="EnvironmentException">It can't be installed.</exception>
    public static async Task<string> InstallAsync(Installable item, NpmPackages npm,
        string? release, IInstallationProgress progress, CancellationToken cancellation)
    {
        var place = Place(npm);
        progress.OnCommand($"npm install, in {place}");
        Directory.CreateDirectory(place);
        foreach (var input in Inputs.Where(file => File.Exists(Path.Combine(npm.Folder, file))))
            if (place != npm.Folder) File.Copy(Path.Combine(npm.Folder, input), Path.Combine(place, input), overwrite: true);
        // Not npm ci: it wants packages of other platforms in the lock file, which not every registry has.
        string[] arguments = ["install", "--prefix", place, "--no-progress", "--loglevel=error"];
        var run = Programs.IsOnPath("npm") || release is null
            ? await ToolRun.StartAsync("npm", arguments, cancellation).ConfigureAwait(false)
            : await ToolRun.StartAsync("node", [Path.Combine(release, "bin", "npm-cli.js"), .. arguments], cancellation).ConfigureAwait(false);
        if (run.Exit != 0) throw new EnvironmentException($"setup {item.Id}: npm install failed: {run.LastLine}");
        File.Copy(Path.Combine(npm.Folder, Inputs[0]), Path.Combine(place, Stamp), overwrite: true);
        return place;
    }

    private static string Place(NpmPackages npm) => npm.Into is null ? npm.Folder : ConformanceHome.Within(npm.Into);
}
