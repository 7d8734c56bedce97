using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Conformance.Reporting.Jsonl;

/// <summary>A line of a file, good until the next is asked for.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Position">Where it begins, in bytes.</param>
/// <param name="Length">How long it is, in bytes, without its end.</param>
/// <param name="Bytes">What it holds; of a long line, its beginning.</param>
/// <param name="File">Where it is.</param>
internal readonly record struct WholeLine(int Number, long Position, int Length, ReadOnlyMemory<byte> Bytes, Stream File)
{
    /// <summary>Whether <see cref="Bytes"/> are all.</summary>
    public bool IsHeld => Bytes.Length == Length;

    /// <summary>What it says as JSON.</summary>
    /// <exception cref="JsonException">It says something else.</exception>
    public T? Read<T>(JsonTypeInfo<T> type)
    {
        if (IsHeld) return JsonSerializer.Deserialize(Bytes.Span, type);
        using var line = new PartStream(File, Position, Length);
        return JsonSerializer.Deserialize(line, type);
    }

    /// <summary>A part of a file.</summary>
    private sealed class PartStream(Stream file, long begin, long length) : Stream
    {
        private long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position
        {
            get => _read;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            file.Position = begin + _read;
            var read = file.Read(buffer, offset, (int)Math.Min(count, length - _read));
            _read += read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

/// <summary>The lines of a file of UTF-8, one after another, however many there are and however long.</summary>
internal static class WholeLines
{
    private const int ReadSize = 64 * 1024;

    /// <summary>A line that is longer is not held: the last of a large report has all its rows.</summary>
    private const int MostHeld = 1 << 20;

    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>Every line that has its end: the last may be one that a killed writer left.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    public static IEnumerable<WholeLine> Of(Stream file)
    {
        var buffer = new byte[ReadSize];
        var (number, begin, end, position) = (1, 0, 0, 0L);
        while (true)
        {
            if (end == buffer.Length && begin > 0)
            {
                buffer.AsSpan(begin, end - begin).CopyTo(buffer);
                (begin, end) = (0, end - begin);
            }

            if (end == buffer.Length && end >= MostHeld)
            {
                if (Rest(file) is not { } rest) yield break;
                yield return new WholeLine(number++, position, end + rest, buffer, file);
                position += end + rest + 1;
                file.Position = position;
                (begin, end) = (0, 0);
            }
            else if (end == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }

            var read = file.Read(buffer, end, buffer.Length - end);
            if (read == 0) yield break;
            end += read;
            if (number == 1 && position == 0 && buffer.AsSpan(0, end).StartsWith(Mark)) (begin, position) = (Mark.Length, Mark.Length);
            int length;
            while ((length = buffer.AsSpan(begin, end - begin).IndexOf((byte)'\n')) >= 0)
            {
                yield return new WholeLine(number++, position, length, buffer.AsMemory(begin, length), file);
                begin += length + 1;
                position += length + 1;
            }
        }
    }

    /// <summary>How much more a line has from here on; null where it has no end.</summary>
    private static int? Rest(Stream file)
    {
        var (rest, bytes) = (0, new byte[ReadSize]);
        for (int read; (read = file.Read(bytes, 0, bytes.Length)) > 0; rest += read)
        {
            if (bytes.AsSpan(0, read).IndexOf((byte)'\n') is >= 0 and var end) return rest + end;
        }

        return null;
    }
}
