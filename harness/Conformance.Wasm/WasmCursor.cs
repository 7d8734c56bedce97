using System.Buffers.Binary;
using System.Text;

namespace Conformance.Wasm;

/// <summary>A reading position in wasm bytes; every read is bounded and fails with the offset it began at.</summary>
internal ref struct WasmCursor(ReadOnlySpan<byte> bytes, long start = 0)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;

    public readonly long Offset => start + _position;

    public readonly bool AtEnd => _position >= _bytes.Length;

    public readonly byte Peek(string what) => AtEnd ? throw End(what) : _bytes[_position];

    public byte Byte(string what) => AtEnd ? throw End(what) : _bytes[_position++];

    public bool Flag(string what)
    {
        var at = Offset;
        var flag = Byte(what);
        return flag <= 1 ? flag == 1 : throw new WasmFormatException($"malformed {what}", at);
    }

    public uint Fixed32(string what) => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, what));

    public uint U32(string what) => (uint)Unsigned(32, what);

    public ulong U64(string what) => Unsigned(64, what);

    public long S33(string what) => Signed(33, what);

    public long S64(string what) => Signed(64, what);

    /// <summary>
    /// The length of a vector. Each element takes at least a byte, so a count beyond the bytes left is refused before anything is made for
    /// it.
    /// </summary>
    public int Count(string what)
    {
        var at = Offset;
        var count = U32($"{what} count");
        return count <= _bytes.Length - _position
            ? (int)count : throw new WasmFormatException($"{what} count {count} is more than the bytes left", at);
    }

    public WasmCursor Slice(uint length, string what)
    {
        var at = Offset;
        return new WasmCursor(Take(length, what), at);
    }

    public string Name(string what)
    {
        var length = U32($"{what} length");
        var at = Offset;
        try
        {
            return StrictUtf8.GetString(Take(length, what));
        }
        catch (DecoderFallbackException)
        {
            throw new WasmFormatException($"{what} is not UTF-8", at);
        }
    }

    private ReadOnlySpan<byte> Take(uint length, string what)
    {
        if (length > _bytes.Length - _position) throw End(what);
        var taken = _bytes.Slice(_position, (int)length);
        _position += (int)length;
        return taken;
    }

    private ulong Unsigned(int bits, string what)
    {
        var at = Offset;
        ulong value = 0;
        for (var shift = 0; shift < bits; shift += 7)
        {
            var b = Byte(what);
            if (bits - shift < 7 && (b & 0x7f) >> (bits - shift) != 0) throw new WasmFormatException($"{what}: integer too large", at);
            value |= (ulong)(b & 0x7f) << shift;
            if ((b & 0x80) == 0) return value;
        }

        throw new WasmFormatException($"{what}: integer representation too long", at);
    }

    private long Signed(int bits, string what)
    {
        var at = Offset;
        long value = 0;
        for (var shift = 0; shift < bits; shift += 7)
        {
            var b = Byte(what);
            value |= (long)(b & 0x7f) << shift;
            if ((b & 0x80) != 0) continue;
            var used = bits - shift;
            if (used < 7)
            {
                // The bits past the width must repeat the sign bit.
                var rest = (sbyte)(b << 1) >> used;
                if (rest is not (0 or -1)) throw new WasmFormatException($"{what}: integer too large", at);
            }

            var width = Math.Min(shift + 7, 64);
            return width == 64 ? value : value << (64 - width) >> (64 - width);
        }

        throw new WasmFormatException($"{what}: integer representation too long", at);
    }

    private readonly WasmFormatException End(string what) => new($"unexpected end: {what} expected", Offset);
}
