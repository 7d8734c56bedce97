using System.Buffers;
using System.Text;
using Conformance.Model.Observations;

namespace Conformance.Runtimes.Hosting;

/// <summary>Keeps the first bytes of a guest's output and counts the rest.</summary>
public sealed class OutputBuffer(int limit)
{
    private readonly ArrayBufferWriter<byte> _kept = new();
    private long _bytes;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        _bytes += bytes.Length;
        _kept.Write(bytes[..(int)Math.Min(bytes.Length, limit - _kept.WrittenCount)]);
    }

    public CapturedText Text => _bytes == 0
        ? CapturedText.Empty
        : new CapturedText(Encoding.UTF8.GetString(_kept.WrittenSpan), _bytes, _bytes > _kept.WrittenCount);
}
