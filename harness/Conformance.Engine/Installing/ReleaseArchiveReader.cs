using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;
using SharpCompress.Compressors.Xz;

namespace Conformance.Engine.Installing;

/// <summary>Reads the archives that releases come in, told by their first bytes: <c>.tar.gz</c>, <c>.tar.xz</c> and <c>.zip</c>.</summary>
internal static class ReleaseArchiveReader
{
    /// <summary>So much may come out of the smallest archive.</summary>
    private const long LeastBomb = 64L << 20;

    /// <summary>Programs shrink to a third or a fifth when they are compressed. What shrinks a hundredfold is none.</summary>
    private const int BombRatio = 100;

    private const int ExecutableByOwner = 0b001_000_000;

    private static ReadOnlySpan<byte> Gzip => [0x1f, 0x8b];

    private static ReadOnlySpan<byte> Xz => [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0];

    private static ReadOnlySpan<byte> Zip => "PK"u8;

    /// <summary>The entries, in their order.</summary>
    /// <exception cref="InvalidDataException">It is no such archive, is damaged, or unpacks to more than any release would.</exception>
    public static IAsyncEnumerable<ReleaseEntry> ReadAsync(FileStream file, CancellationToken cancellation)
    {
        var start = new byte[Xz.Length];
        var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        var most = Math.Max(LeastBomb, file.Length * BombRatio);
        return start.AsSpan(0, read).StartsWith(Gzip)
            ? ReadTarAsync(new BoundedStream(new GZipStream(file, CompressionMode.Decompress), most), cancellation)
            : start.AsSpan(0, read).StartsWith(Xz) ? ReadTarAsync(new BoundedStream(new XZStream(file), most), cancellation)
            : start.AsSpan(0, read).StartsWith(Zip) ? ReadZipAsync(file, most)
            : throw new InvalidDataException("it is no .tar.gz, .tar.xz or .zip");
    }

    private static async IAsyncEnumerable<ReleaseEntry> ReadTarAsync(Stream plain, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var tar = new TarReader(plain);
        while (await tar.GetNextEntryAsync(copyData: false, cancellation).ConfigureAwait(false) is { } entry)
        {
            var kind = entry.EntryType switch
            {
                TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile => ReleaseEntryKind.File,
                TarEntryType.Directory => ReleaseEntryKind.Folder,
                TarEntryType.SymbolicLink or TarEntryType.HardLink => ReleaseEntryKind.Link,
                TarEntryType.GlobalExtendedAttributes => (ReleaseEntryKind?)null,
                _ => ReleaseEntryKind.Special,
            };
            if (kind is null) continue;
            // A symbolic link leads on from its own folder, a hard one from the archive's root.
            var target = entry.EntryType == TarEntryType.SymbolicLink ? Beside(entry.Name, entry.LinkName) : entry.LinkName;
            yield return new ReleaseEntry(entry.Name, kind.Value,
                target, ((int)entry.Mode & ExecutableByOwner) != 0, kind == ReleaseEntryKind.File ? entry.DataStream ?? Stream.Null : null);
        }
    }

    private static async IAsyncEnumerable<ReleaseEntry> ReadZipAsync(FileStream file, long most)
    {
        const int FileKinds = 0b1111 << 12, Regular = 0b1000 << 12, Folder = 0b0100 << 12, Symbolic = 0b1010 << 12;
        const int LongestPath = 4096;
        await using var zip = new ZipArchive(file, ZipArchiveMode.Read);
        var left = most;
        foreach (var entry in zip.Entries)
        {
            // Made on Unix, the upper half is what the file system says; made elsewhere, it is 0.
            var mode = (int)((uint)entry.ExternalAttributes >> 16);
            var kind = entry.FullName.EndsWith('/') ? ReleaseEntryKind.Folder : (mode & FileKinds) switch
            {
                0 or Regular =>
                ReleaseEntryKind.File,
                Folder => ReleaseEntryKind.Folder,
                Symbolic => ReleaseEntryKind.Link,
                _ => ReleaseEntryKind.Special
            };
            await using var content = new BoundedStream(await entry.OpenAsync().ConfigureAwait(false), left);
            string? target = null;
            if (kind == ReleaseEntryKind.Link)
            {
                var bytes = new byte[LongestPath];
                target = Beside(entry.FullName, Encoding.UTF8.GetString(bytes,
                    0, await content.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false).ConfigureAwait(false)));
            }

            yield return new ReleaseEntry(entry.FullName, kind,
                target, (mode & ExecutableByOwner) != 0, kind == ReleaseEntryKind.File ? content : null);
            left -= content.Total;
        }
    }

    /// <summary>A path from a file's folder as one from the root.</summary>
    private static string Beside(string name, string target) =>
        target.StartsWith('/') ? target : name.LastIndexOf('/') is >= 0 and var slash ? $"{name[..slash]}/{target}" : target;

    /// <summary>A stream that ends with an error where it is longer than it may be.</summary>
    private sealed class BoundedStream(Stream inner, long most) : Stream
    {
        public long Total { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => Total;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Counted(inner.Read(buffer, offset, count));

        public override int Read(Span<byte> buffer) => Counted(inner.Read(buffer));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Counted(await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }

        private int Counted(int read) => (Total += read) <= most
            ? read : throw new InvalidDataException($"it unpacks to more than {most >> 20} MiB, which no release of its size does");
    }
}
