using System.Text;

namespace Conformance.Model.Wasm;

/// <summary>The pieces that modules are written of.</summary>
/// <seealso href="https://webassembly.github.io/spec/core/binary/conventions.html"/>
public static class WasmEncoding
{
    /// <summary>What every core module begins with.</summary>
    public static ReadOnlySpan<byte> Preamble => [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

    public static byte[] Section(byte id, byte[] content) => [id, .. Unsigned((ulong)content.Length), .. content];

    public static byte[] Vector<T>(IReadOnlyCollection<T> items, Func<T, byte[]> write) => [.. Unsigned((ulong)items.Count), .. items.SelectMany(write)];

    public static byte[] Name(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        return [.. Unsigned((ulong)utf8.Length), .. utf8];
    }

    /// <summary>LEB128.</summary>
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
