using Conformance.Machine;
using Conformance.Model.Runtimes;

namespace Conformance.Engine.Installing;

/// <summary>
/// Brings packages of Debian: those of the machine's own suite as root, all others into a folder of their own. One at a time: apt is one.
/// </summary>
internal sealed class DebianInstallation
{
    /// <summary>The Debian whose archive is known to have the other suites beside it.</summary>
    private const string Known = "bookworm";

    private bool _updated;

    /// <summary>Why they can't be had here, and what to type; null where they can.</summary>
    public static string? Obstacle(DebianPackages packages)
    {
        var names = string.Join(' ', packages.Packages);
        if (Programs.Find("apt-get") is null) return $"missing: {names} (Debian's names), and this is no Debian: install them its way";
        if (packages.Suite is { } suite)
            return CodeName() == Known ? null : $"missing: {names} of Debian {suite}, which is fetched on Debian 12 only";
        return Environment.IsPrivilegedProcess || packages.Program is not null ? null
            : $"missing: {names}; as root: {Command(packages)}";
    }

    /// <returns>Where they are, or how they were installed.</returns>
    /// <exception cref="EnvironmentException">They can't be had.</exception>
    public async Task<string> InstallAsync(Installable item, DebianPackages packages,
        IInstallationProgress progress, CancellationToken cancellation)
    {
        if (Obstacle(packages) is { } obstacle) throw new EnvironmentException(obstacle);
        var place = item.DebianFolder;
        if (packages.Program is { } there && File.Exists(UnpackedProgram.Script(there))) return "";
        try
        {
            using var only = await InstallationLock.TakeAsync(ConformanceHome.Within("apt.lock"), $"setup {item.Id}: another use of apt",
                () => progress.OnCommand("waiting for what apt is bringing now"), cancellation).ConfigureAwait(false);
            if (packages.Suite is null && Environment.IsPrivilegedProcess)
            {
                progress.OnCommand(Command(packages));
                await UpdateAsync(item, cancellation).ConfigureAwait(false);
                await RunAsync(item, ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-q", "--no-install-recommends",
                    .. packages.Packages], cancellation).ConfigureAwait(false);
                return $"the system, as Debian's {string.Join(", ", packages.Packages)}";
            }

            progress.OnCommand($"{string.Join(' ', packages.Packages)} of Debian {packages.Suite ?? Known}, unpacked into {place}");
            await UnpackAsync(item, packages, place, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EnvironmentException($"setup {item.Id}: {e.Message.TrimEnd('.')}; nothing was installed", e);
        }

        SearchPath.AddInstalled([]);
        return place;
    }

    private static string Command(DebianPackages packages) =>
        $"apt-get update && apt-get install -y --no-install-recommends {string.Join(' ', packages.Packages)}";

    private async Task UpdateAsync(Installable item, CancellationToken cancellation)
    {
        if (_updated) return;
        await RunAsync(item, ["apt-get", "update", "-q"], cancellation).ConfigureAwait(false);
        _updated = true;
    }

    /// <summary>
    /// Fetches the packages (those of the machine's suite with what they depend on and the machine has not) with lists of their own, and
    /// unpacks them.
    /// </summary>
    private static async Task UnpackAsync(Installable item, DebianPackages packages, string place, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("conformance-apt-").FullName;
        var staging = place + ".unpacked";
        try
        {
            var archives = Path.Combine(folder, "cache", "archives");
            Directory.CreateDirectory(Path.Combine(folder, "lists", "partial"));
            Directory.CreateDirectory(Path.Combine(archives, "partial"));
            string[] apt = ["env", $"--chdir={archives}", "apt-get", "-q", "-o", "Debug::NoLocking=1",
                "-o", $"Dir::State::Lists={folder}/lists", "-o", $"Dir::Cache={folder}/cache", "-o",
                $"APT::Sandbox::User={Environment.UserName}"];
            if (packages.Suite is { } suite)
            {
                var sources = Path.Combine(folder, "sources.list");
                await File.WriteAllTextAsync(sources,
                    $"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {await MirrorAsync(item, cancellation).ConfigureAwait(false)} {suite} main\n",
                    cancellation).ConfigureAwait(false);
                apt = [.. apt, "-o", $"Dir::Etc::SourceList={sources}", "-o", "Dir::Etc::SourceParts=/dev/null"];
            }

            await RunAsync(item, [.. apt, "update"], cancellation).ConfigureAwait(false);
            string[] fetch = packages.Suite is null ? ["install", "-d", "-y", "--no-install-recommends"] : ["download"];
            await RunAsync(item, [.. apt, .. fetch, .. packages.Packages], cancellation).ConfigureAwait(false);
            Delete(staging);
            Directory.CreateDirectory(staging);
            foreach (var package in Directory.GetFiles(archives, "*.deb"))
                await RunAsync(item, ["dpkg-deb", "-x", package, staging], cancellation).ConfigureAwait(false);
            Delete(place);
            Directory.Move(staging, place);
            if (packages.Program is { } program) UnpackedProgram.Write(place, program, packages);
        }
        finally
        {
            Delete(staging);
            Delete(folder);
        }
    }

    /// <summary>The archive that the machine itself takes its packages from: it has the other suites too.</summary>
    private static async Task<string> MirrorAsync(Installable item, CancellationToken cancellation)
    {
        var lines = await RunAsync(item, ["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME)", "Created-By: Packages"],
            cancellation).ConfigureAwait(false);
        return lines.Split('\n').Select(line => line.Split(' ')).FirstOrDefault(words => words is [_, Known])?[0]
            ?? throw new EnvironmentException($"setup {item.Id}: apt has no source of Debian {Known}");
    }

    private static async Task<string> RunAsync(Installable item, string[] command, CancellationToken cancellation)
    {
        var run = await ToolRun.StartAsync(command[0], command[1..], cancellation).ConfigureAwait(false);
        if (run.Exit == 0) return run.Words;
        var word = command.First(word => word.StartsWith("apt", StringComparison.Ordinal) || word == "dpkg-deb");
        throw new EnvironmentException($"setup {item.Id}: {word} failed: {run.LastLine}");
    }

    private static string? CodeName() => File.Exists("/etc/os-release")
        ? File.ReadLines("/etc/os-release").FirstOrDefault(line => line.StartsWith("VERSION_CODENAME=", StringComparison.Ordinal))?.Split('=')[1].Trim('"')
        : null;

    private static void Delete(string path)
    {
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
    }
}
