using Conformance.Machine;
using Conformance.Model.Runtimes;

namespace Conformance.Engine.Installing;

/// <summary>
/// Installs the release that a runtime's manifest pins: fetched or copied, its digest checked before anything is unpacked, only what the
/// manifest keeps unpacked, and put in its place by one rename. Whatever goes wrong, nothing is installed; what was fetched until then is
/// kept for the next attempt, and a former installation stays until it is replaced. One process at a time installs a release.
/// </summary>
/// <param name="runtime">Its id is part of messages.</param>
/// <param name="release">What is pinned.</param>
/// <param name="folder">The place: <see cref="ConformanceHome.Within"/>.</param>
public sealed class ReleaseInstaller(string runtime, OfficialRelease release, string folder)
{
    /// <summary>Whether it is installed.</summary>
    public bool IsInstalled => Directory.Exists(folder);

    /// <summary>Where it is, or will be.</summary>
    public string Folder => folder;

    /// <summary>The pinned archive for this platform; null where there is none.</summary>
    public ReleaseArchive? Archive => release.ArchiveFor(Platform.Name);

    /// <summary>Installs it, unless it is there.</summary>
    /// <param name="source">Where to take the archive from; a file or an http URL.</param>
    /// <param name="again">True: it is installed anew though it is there.</param>
    /// <param name="progress">Is told.</param>
    /// <param name="cancellation">Ends it, installing nothing.</param>
    /// <exception cref="ConformanceException">What went wrong, and what to do.</exception>
    public async Task InstallAsync(string source, bool again, IInstallationProgress progress, CancellationToken cancellation)
    {
        try
        {
            await InstallOrFailAsync(source, again, progress, cancellation).ConfigureAwait(false);
        }
        catch (DownloadException e)
        {
            throw new ReleaseUnreachableException(runtime, e);
        }
    }

    /// <summary>As <see cref="InstallAsync"/>, for those who tell by themselves why a download failed.</summary>
    /// <exception cref="DownloadException">It can't be fetched.</exception>
    /// <exception cref="ConformanceException">What else went wrong, and what to do.</exception>
    internal async Task InstallOrFailAsync(string source, bool again, IInstallationProgress progress, CancellationToken cancellation)
    {
        if (Archive is not { } archive)
        {
            throw new EnvironmentException(
                $"{runtime} {release.Version} has no release for {Platform.Name}, only for {string.Join(", ", release.Archives.Keys)}");
        }

        var staging = folder + ".setup";
        var part = $"{folder}.{archive.Sha256[..16]}.part";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
            using var only = await InstallationLock.TakeAsync(folder + ".lock", $"setup {runtime}: another setup of it",
                progress.OnWaiting, cancellation).ConfigureAwait(false);
            if (IsInstalled && !again) return;
            try
            {
                // What a killed setup left unpacked: it starts over.
                Delete(staging);
                await FetchAsync(source, archive, part, progress, cancellation).ConfigureAwait(false);
                progress.OnUnpacking(new FileInfo(part).Length);
                Directory.CreateDirectory(staging);
                await UnpackAsync(source, part, staging, cancellation).ConfigureAwait(false);
                Delete(folder);
                Directory.Move(staging, folder);
                File.Delete(part);
            }
            finally
            {
                Delete(staging);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EnvironmentException($"setup {runtime}: {e.Message.TrimEnd('.')}; nothing was installed in {folder}", e);
        }
    }

    private async Task FetchAsync(string source, ReleaseArchive archive,
        string part, IInstallationProgress progress, CancellationToken cancellation)
    {
        var isFile = !IsUrl(source);
        if (isFile && !File.Exists(source)) throw new InputException($"setup {runtime}: {source}: there is no such file");
        var download = new ReleaseDownload(archive.Sha256, part, progress);
        string found;
        try
        {
            if (await download.IsWholeAsync(cancellation).ConfigureAwait(false)) return;
            found = isFile ? await download.CopyAsync(source, cancellation)
                .ConfigureAwait(false) : await download.FetchAsync(new Uri(source), cancellation).ConfigureAwait(false);
        }
        catch (IOException e) when (e is not HttpIOException)
        {
            // Such as a full disk: half an archive would fill it for nothing.
            File.Delete(part);
            throw;
        }

        if (found == archive.Sha256) return;
        File.Delete(part);
        var wrong = $"setup {runtime}: {source} is not {runtime} {release.Version} for {Platform.Name}: its SHA-256 is {found}, pinned is {archive.Sha256}; nothing was unpacked";
        throw isFile ? new InputException(wrong) : new EnvironmentException(wrong);
    }

    private async Task UnpackAsync(string source, string part, string into, CancellationToken cancellation)
    {
        try
        {
            await new ReleaseUnpacker(release.Keep, into).UnpackAsync(part, cancellation).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            // Its digest is right: fetching it again would bring the same.
            File.Delete(part);
            throw new EnvironmentException($"setup {runtime}: {source} can't be unpacked: {e.Message.TrimEnd('.')}; nothing was installed",
                e);
        }
    }

    private static bool IsUrl(string source) => source.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
        || source.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    private static void Delete(string path)
    {
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
    }
}
