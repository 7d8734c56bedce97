using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using Conformance.Model.Runtimes;

namespace Conformance.Engine.Releases;

/// <summary>Is told how far an installation is.</summary>
public interface IInstallationProgress
{
    /// <param name="source">The URL or file.</param>
    /// <param name="bytes">Its size, where known.</param>
    void OnFetching(string source, long? bytes);

    /// <param name="bytes">How much is here.</param>
    void OnFetched(long bytes);

    void OnUnpacking(long bytes);
}

/// <summary>
/// Installs the release that a runtime's manifest pins: fetched or copied, its digest checked before anything is unpacked, only what the manifest keeps unpacked, and put in
/// its place by one rename. Whatever goes wrong, nothing is left behind; a former installation stays until it is replaced.
/// </summary>
/// <param name="runtime">Its id is part of messages.</param>
/// <param name="release">What is pinned.</param>
/// <param name="folder">The place: <see cref="ConformanceHome.Release"/>.</param>
public sealed class ReleaseInstaller(string runtime, RuntimeRelease release, string folder)
{
    /// <summary>A server that sends nothing for so long is given up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private const int CopySize = 128 * 1024;

    /// <param name="from">A file or URL to take instead of the published one; null takes that.</param>
    /// <param name="progress">Is told.</param>
    /// <param name="cancellation">Ends it, leaving nothing.</param>
    /// <exception cref="ConformanceException">What went wrong, and what to do.</exception>
    public async Task InstallAsync(string? from, IInstallationProgress progress, CancellationToken cancellation)
    {
        if (!release.Archives.TryGetValue(RuntimeRelease.Platform, out var archive))
        {
            throw new ConformanceException(
                ExitCode.Environment, $"{runtime} {release.Version} has no release for {RuntimeRelease.Platform}, only for {string.Join(", ", release.Archives.Keys)}");
        }

        var staging = folder + ".setup";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
            using var only = Lock(staging + ".lock");
            try
            {
                // What a killed setup left: it starts over.
                Delete(staging);
                Directory.CreateDirectory(staging);
                var file = Path.Combine(staging, "archive.tar.gz");
                var source = from ?? archive.Url;
                await FetchAsync(source, file, progress, cancellation).ConfigureAwait(false);
                await CheckAsync(source, file, archive.Sha256, from is not null, cancellation).ConfigureAwait(false);
                progress.OnUnpacking(new FileInfo(file).Length);
                var unpacked = Directory.CreateDirectory(Path.Combine(staging, "unpacked")).FullName;
                await UnpackAsync(source, file, unpacked, cancellation).ConfigureAwait(false);
                Delete(folder);
                Directory.Move(unpacked, folder);
            }
            finally
            {
                Delete(staging);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConformanceException(ExitCode.Environment, $"setup {runtime}: {e.Message.TrimEnd('.')}; nothing was installed in {folder}", e);
        }
    }

    private async Task FetchAsync(string source, string file, IInstallationProgress progress, CancellationToken cancellation)
    {
        if (!IsUrl(source))
        {
            if (!File.Exists(source)) throw new ConformanceException(ExitCode.WrongUsage, $"--from {source}: there is no such file");
            await using var local = File.OpenRead(source);
            await CopyAsync(local, local.Length).ConfigureAwait(false);
            return;
        }

        try
        {
            using var client = new HttpClient(new SocketsHttpHandler { ConnectTimeout = Patience }) { Timeout = Timeout.InfiniteTimeSpan };
            using var response = await client.GetAsync(source, HttpCompletionOption.ResponseHeadersRead, cancellation).WaitAsync(Patience, cancellation).ConfigureAwait(false);
            response.EnsureSuccessStatusCode();
            await using var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            await CopyAsync(body, response.Content.Headers.ContentLength).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException or TimeoutException)
        {
            var why = e is TimeoutException ? $"nothing came for {Patience.TotalSeconds:0} s" : e.Message.TrimEnd('.');
            throw new ConformanceException(ExitCode.Environment, $"setup {runtime}: {source}: {why}; nothing was installed; --from takes a mirror's URL or a file", e);
        }

        async Task CopyAsync(Stream input, long? length)
        {
            progress.OnFetching(source, length);
            await using var output = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, CopySize, useAsync: false);
            var buffer = new byte[CopySize];
            long bytes = 0;
            int read;
            while ((read = await input.ReadAsync(buffer, cancellation).AsTask().WaitAsync(Patience, cancellation).ConfigureAwait(false)) > 0)
            {
                output.Write(buffer, 0, read);
                progress.OnFetched(bytes += read);
            }
        }
    }

    private async Task CheckAsync(string source, string file, string expected, bool given, CancellationToken cancellation)
    {
        await using var stream = File.OpenRead(file);
        var found = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation).ConfigureAwait(false));
        if (found == expected) return;
        throw new ConformanceException(
            given ? ExitCode.WrongUsage : ExitCode.Environment,
            $"setup {runtime}: {source} is not {runtime} {release.Version} for {RuntimeRelease.Platform}: its SHA-256 is {found}, pinned is {expected}; nothing was unpacked");
    }

    private async Task UnpackAsync(string source, string file, string into, CancellationToken cancellation)
    {
        try
        {
            await using var compressed = File.OpenRead(file);
            await using var plain = new GZipStream(compressed, CompressionMode.Decompress);
            await using var tar = new TarReader(plain);
            while (await tar.GetNextEntryAsync(copyData: false, cancellation).ConfigureAwait(false) is { } entry)
            {
                var name = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
                var target = Path.GetFullPath(Path.Combine(into, name));
                if (!Inside(target, into)) throw new InvalidDataException($"an entry's path climbs out of the folder: {entry.Name}");
                if (!IsKept(name)) continue;
                switch (entry.EntryType)
                {
                    case TarEntryType.RegularFile or TarEntryType.V7RegularFile:
                        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                        await entry.ExtractToFileAsync(target, overwrite: false, cancellation).ConfigureAwait(false);
                        break;
                    case TarEntryType.SymbolicLink or TarEntryType.HardLink:
                        throw new InvalidDataException($"an entry is a link: {entry.Name}");
                }
            }
        }
        catch (InvalidDataException e)
        {
            throw new ConformanceException(ExitCode.Environment, $"setup {runtime}: {source} can't be unpacked: {e.Message.TrimEnd('.')}; nothing was installed", e);
        }

        if (!Directory.EnumerateFileSystemEntries(into).Any())
            throw new ConformanceException(ExitCode.Environment, $"setup {runtime}: {source} holds none of {string.Join(", ", release.Keep)}; nothing was installed");
    }

    private bool IsKept(string name) => release.Keep.Any(kept => kept.EndsWith('/') ? name.StartsWith(kept, StringComparison.Ordinal) : name == kept);

    private FileStream Lock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new ConformanceException(ExitCode.Environment, $"setup {runtime}: another setup of it is running", e);
        }
    }

    private static bool Inside(string path, string folder) => path == folder || path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static bool IsUrl(string source) => source.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || source.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    private static void Delete(string path)
    {
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
    }
}
