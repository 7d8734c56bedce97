using System.Text;
using Conformance.Model.Wasm;

namespace Conformance.Tests.Wasm;

/// <summary>Writes modules as the binary format has them: the other half of what the reader is tested with.</summary>
internal sealed class WasmBuilder
{
    private static readonly Dictionary<string, byte> Codes = new(StringComparer.Ordinal)
    {
        ["i32"] = 0x7f,
        ["i64"] = 0x7e,
        ["f32"] = 0x7d,
        ["f64"] = 0x7c,
        ["v128"] = 0x7b,
        ["funcref"] = 0x70,
        ["externref"] = 0x6f,
    };

    private readonly List<byte> _bytes = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

    public static byte[] Module(IReadOnlyList<WasmImport> imports)
    {
        var types = imports.Select(i => i.Type switch { FunctionType f => f, TagType t => t.Function, _ => null }).OfType<FunctionType>().Distinct().ToList();
        var builder = new WasmBuilder();
        builder.Section(1, Vector(types, type => [0x60, .. Vector(type.Parameters, p => [Codes[p]]), .. Vector(type.Results, r => [Codes[r]])]));
        builder.Section(2, Vector(imports, i => [.. Name(i.Module), .. Name(i.Name), .. Entry(i.Type, types)]));
        return builder.ToArray();
    }

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

    private static byte[] Entry(ExternType type, List<FunctionType> types) => type switch
    {
        FunctionType function => [0x00, .. Unsigned((ulong)types.IndexOf(function))],
        TableType table => [0x01, Codes[table.Element], .. Limits(table.Limits, table.Shared, 16)],
        MemoryType memory => [0x02, .. Limits(memory.Limits, memory.Shared, memory.PageSizeLog2)],
        GlobalType global => [0x03, Codes[global.Value], (byte)((global.Mutable ? 1 : 0) | (global.Shared ? 2 : 0))],
        TagType tag => [0x04, 0x00, .. Unsigned((ulong)types.IndexOf(tag.Function))],
        _ => throw new InvalidOperationException(),
    };

    private static byte[] Limits(Limits limits, bool shared, uint pageSize) =>
    [
        (byte)((limits.Maximum is null ? 0 : 1) | (shared ? 2 : 0) | (limits.Is64Bit ? 4 : 0) | (pageSize == 16 ? 0 : 8)),
        .. Unsigned(limits.Minimum),
        .. limits.Maximum is { } maximum ? Unsigned(maximum) : [],
        .. pageSize == 16 ? [] : Unsigned(pageSize),
    ];
}
