using System.Text;

namespace Conformance.Wasm;

/// <summary>The pieces that modules are written of.</summary>
/// <seealso href="https://webassembly.github.io/spec/core/binary/conventions.html"/>
public static class WasmEncoding
{
    private static readonly Dictionary<string, byte> Values = new(StringComparer.Ordinal)
    {
        ["i32"] = 0x7f,
        ["i64"] = 0x7e,
        ["f32"] = 0x7d,
        ["f64"] = 0x7c,
        ["v128"] = 0x7b,
    };

    /// <summary>The heap types that stand for no type of a module, by their names.</summary>
    /// <seealso href="https://webassembly.github.io/spec/core/binary/types.html#heap-types"/>
    private static readonly Dictionary<string, byte> Heaps = new(StringComparer.Ordinal)
    {
        ["func"] = 0x70,
        ["extern"] = 0x6f,
        ["any"] = 0x6e,
        ["eq"] = 0x6d,
        ["i31"] = 0x6c,
        ["struct"] = 0x6b,
        ["array"] = 0x6a,
        ["exn"] = 0x69,
        ["null"] = 0x71,
        ["nullextern"] = 0x72,
        ["nullfunc"] = 0x73,
        ["nullexn"] = 0x74,
    };

    /// <summary>What every core module begins with.</summary>
    public static ReadOnlySpan<byte> Preamble => [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

    /// <summary>A section, with its size.</summary>
    public static byte[] Section(byte id, byte[] content) => [id, .. Unsigned((ulong)content.Length), .. content];

    /// <summary>A vector: its length, then its items.</summary>
    public static byte[] Vector<T>(IReadOnlyCollection<T> items, Func<T, byte[]> write) =>
        [.. Unsigned((ulong)items.Count), .. items.SelectMany(write)];

    /// <summary>A name: the length of its UTF-8, then that.</summary>
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

    /// <summary>LEB128 with a sign.</summary>
    public static byte[] Signed(long value)
    {
        var bytes = new List<byte>();
        while (true)
        {
            var low = (byte)(value & 0x7f);
            value >>= 7;
            if ((value, low & 0x40) is (0, 0) or (-1, 0x40)) return [.. bytes, low];
            bytes.Add((byte)(low | 0x80));
        }
    }

    /// <summary>Whether a value's type can be written: those that stand for another type of their module can't.</summary>
    public static bool Writes(string valueType) => Encode(valueType) is not null;

    /// <summary>A value's type.</summary>
    /// <exception cref="ArgumentException">It can't be written.</exception>
    public static byte[] Value(string valueType) =>
        Encode(valueType) ?? throw new ArgumentException($"{valueType} can't be written", nameof(valueType));

    private static byte[]? Encode(string type) => Values.TryGetValue(type, out var value) ? [value]
        : type.EndsWith("ref", StringComparison.Ordinal) && Heaps.TryGetValue(type[..^3], out var heap) ? [heap]
        : Referenced(type, "(ref null ") is { } nullable ? [0x63, nullable]
        : Referenced(type, "(ref ") is { } strict ? [0x64, strict] : null;

    private static byte? Referenced(string type, string form) => type.StartsWith(form, StringComparison.Ordinal)
        && Heaps.TryGetValue(type[form.Length..^1], out var heap) ? heap : null;

    /// <summary>A memory's type.</summary>
    public static byte[] Memory(MemoryType type) => Limits(type.Limits, type.Shared, type.PageSizeLog2);

    /// <summary>A table's type.</summary>
    public static byte[] Table(TableType type) => [.. Value(type.Element), .. Limits(type.Limits, type.Shared, 16)];

    /// <summary>A global's type.</summary>
    public static byte[] Global(GlobalType type) => [.. Value(type.Value), (byte)((type.Mutable ? 1 : 0) | (type.Shared ? 2 : 0))];

    private static byte[] Limits(Limits limits, bool shared, uint pageSize) =>
    [
        (byte)((limits.Maximum is null ? 0 : 1) | (shared ? 2 : 0) | (limits.Is64Bit ? 4 : 0) | (pageSize == 16 ? 0 : 8)),
        .. Unsigned(limits.Minimum),
        .. limits.Maximum is { } maximum ? Unsigned(maximum) : [],
        .. pageSize == 16 ? [] : Unsigned(pageSize),
    ];
}
