namespace Conformance.Engine.Workers;

/// <summary>
/// A worker's stdout, guarded: a line that never ends would fill the harness's memory, so reading stops with an error when a line is longer
/// than any message can be. Also keeps an excerpt, to show what was written instead of a message.
/// </summary>
internal sealed class LineGuardStream(Stream inner) : Stream
{
    /// <summary>Two outputs of 1 MiB as JSON strings, each byte six characters at worst, and room for the rest.</summary>
    private const int LongestLine = 16 * 1024 * 1024;

    private const int ExcerptLength = 200;

    private readonly byte[] _latest = new byte[ExcerptLength];
    private int _latestLength;
    private long _lineLength;

    /// <summary>How the latest piece that was read begins.</summary>
    public string Latest => System.Text.Encoding.UTF8.GetString(_latest, 0, _latestLength).Trim();

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        var read = inner.Read(buffer);
        Follow(buffer[..read]);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() => inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private void Follow(ReadOnlySpan<byte> read)
    {
        if (read.IsEmpty) return;
        _latestLength = Math.Min(read.Length, ExcerptLength);
        read[.._latestLength].CopyTo(_latest);
        var newline = read.LastIndexOf((byte)'\n');
        _lineLength = newline < 0 ? _lineLength + read.Length : read.Length - newline - 1;
        if (_lineLength > LongestLine) throw new IOException($"a line of more than {LongestLine >> 20} MiB");
    }
}
