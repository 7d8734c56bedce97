using System.Text;

namespace Conformance.Tests.Wasm;

/// <summary>Writes sections as the binary format has them.</summary>
internal sealed class WasmBuilder
{
    private readonly List<byte> _bytes = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

    public WasmBuilder Section(byte id, params byte[] content)
    {
        _bytes.Add(id);
        _bytes.AddRange(Unsigned((ulong)content.Length));
        _bytes.AddRange(content);
        return this;
    }

    public byte[] ToArray() => [.. _bytes];

    public static byte[] Name(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        return [.. Unsigned((ulong)utf8.Length), .. utf8];
    }

    public static byte[] Vector<T>(IReadOnlyCollection<T> items, Func<T, byte[]> write) => [.. Unsigned((ulong)items.Count), .. items.SelectMany(write)];

    public static byte[] Unsigned(ulong value)
    {
        var bytes = new List<byte>();
        do
        {
            var low = (byte)(value & 0x7f);
            value >>= 7;
            bytes.Add(value == 0 ? low : (byte)(low | 0x80));
        }
        while (value != 0);
        return [.. bytes];
    }
}
