using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Conformance.Engine.Installing;

/// <summary>Why an archive could not be fetched.</summary>
/// <param name="message">In one line.</param>
/// <param name="isUnreachable">True where nobody answers at that host, so that others need not be asked for there.</param>
/// <param name="inner">What said so.</param>
internal sealed class DownloadException(string message, bool isUnreachable, Exception? inner = null) : Exception(message, inner)
{
    public bool IsUnreachable => isUnreachable;
}

/// <summary>Fetches one archive, on from where an earlier attempt ended, and checks its digest.</summary>
/// <param name="sha256">The digest, lower-case hex.</param>
/// <param name="part">The file; what is there is taken to be its beginning.</param>
/// <param name="progress">Is told.</param>
internal sealed class ReleaseDownload(string sha256, string part, IInstallationProgress progress)
{
    /// <summary>A server that sends nothing for so long is given up.</summary>
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(30);

    /// <summary>Whatever a server sends, however slowly.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);

    /// <summary>A connection that is cut is taken up again so often, as long as something came by it.</summary>
    private const int Resumptions = 5;

    /// <summary>No release is as large.</summary>
    private const long MostBytes = 4L << 30;

    private const int CopySize = 128 * 1024;

    /// <summary>True where the file is there whole.</summary>
    public async Task<bool> IsWholeAsync(CancellationToken cancellation) =>
        File.Exists(part) && await DigestAsync(part, cancellation).ConfigureAwait(false) == sha256;

    /// <summary>Takes a file for the archive.</summary>
    /// <returns>The digest that it has.</returns>
    /// <exception cref="IOException">It can't be read or written.</exception>
    public async Task<string> CopyAsync(string source, CancellationToken cancellation)
    {
        await using (var local = File.OpenRead(source))
        await using (var output = new FileStream(part, FileMode.Create, FileAccess.Write, FileShare.None, CopySize))
        {
            progress.OnFetching(source, local.Length, 0);
            await PumpAsync(local, output, 0, cancellation).ConfigureAwait(false);
        }

        return await DigestAsync(part, cancellation).ConfigureAwait(false);
    }

    /// <summary>Fetches the archive. What came stays, also where it ends by an exception, unless its digest is wrong.</summary>
    /// <returns>The digest that it has.</returns>
    /// <exception cref="DownloadException">It can't be fetched.</exception>
    /// <exception cref="IOException">It can't be written.</exception>
    public async Task<string> FetchAsync(Uri source, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Longest);
        using var client = new HttpClient(new SocketsHttpHandler { ConnectTimeout = SilenceLimit }) { Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            var resumed = Length() > 0;
            for (var left = Resumptions; ; left--)
            {
                var had = Length();
                try
                {
                    await FetchRestAsync(client, source, limit.Token).ConfigureAwait(false);
                    var digest = await DigestAsync(part, limit.Token).ConfigureAwait(false);
                    // What an earlier attempt left may have been of something else.
                    if (digest == sha256 || !resumed) return digest;
                    File.Delete(part);
                    resumed = false;
                }
                catch (Exception e) when (e is HttpIOException or TimeoutException && Length() > had && left > 0)
                {
                    // It was cut after some bytes: the rest is asked for.
                }
            }
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new DownloadException($"{source}: it was not here after {Longest.TotalMinutes:0} minutes", isUnreachable: false, e);
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException or TimeoutException)
        {
            var why = e is TimeoutException ? $"nothing came for {SilenceLimit.TotalSeconds:0} s" : e.Message.TrimEnd('.');
            throw new DownloadException($"{source}: {why}", e is HttpRequestException { StatusCode: null } && Length() == 0, e);
        }
    }

    /// <summary>SHA-256 of a file, lower-case hex.</summary>
    private static async Task<string> DigestAsync(string path, CancellationToken cancellation)
    {
        await using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation).ConfigureAwait(false));
    }

    private long Length() => File.Exists(part) ? new FileInfo(part).Length : 0;

    private async Task FetchRestAsync(HttpClient client, Uri source, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, source);
        var had = Length();
        if (had > 0) request.Headers.Range = new RangeHeaderValue(had, null);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation)
            .WaitAsync(SilenceLimit, cancellation).ConfigureAwait(false);
        // It is here already, or it is another file: its digest tells.
        if (had > 0 && response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable) return;
        response.EnsureSuccessStatusCode();
        if (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From is { } from && from != had)
            had = 0;
        var rest = response.Content.Headers.ContentLength;
        progress.OnFetching(source.OriginalString, rest + had, had);
        await using var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using var output = new FileStream(part, had > 0 ? FileMode.Append : FileMode.Create,
            FileAccess.Write, FileShare.None, CopySize);
        await PumpAsync(body, output, had, cancellation).ConfigureAwait(false);
    }

    private async Task PumpAsync(Stream input, FileStream output, long had, CancellationToken cancellation)
    {
        var buffer = new byte[CopySize];
        var bytes = had;
        int read;
        while ((read = await input.ReadAsync(buffer, cancellation).AsTask()
            .WaitAsync(SilenceLimit, cancellation).ConfigureAwait(false)) > 0)
        {
            output.Write(buffer, 0, read);
            progress.OnFetched(bytes += read);
            if (bytes > MostBytes) throw new IOException($"it is more than {MostBytes >> 30} GiB, which no release is");
        }
    }
}
