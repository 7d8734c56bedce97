using static Conformance.Wasm.WasmEncoding;

namespace Conformance.Wasm;

/// <summary>A module as its sections, to change some and leave the rest as it is, byte for byte.</summary>
/// <seealso href="https://webassembly.github.io/spec/core/binary/modules.html#sections"/>
internal sealed class WasmSections
{
    public const byte Types = 1;
    public const byte Functions = 3;
    public const byte Tables = 4;
    public const byte Memories = 5;
    public const byte Globals = 6;
    public const byte Exports = 7;
    public const byte Start = 8;
    public const byte Elements = 9;
    public const byte Code = 10;
    public const byte Data = 11;
    public const byte DataCount = 12;
    public const byte Tags = 13;

    /// <summary>The order that sections stand in; custom ones, 0, may be anywhere.</summary>
    private static readonly byte[] Order = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

    private readonly List<(byte Id, byte[] Content)> _sections = [];

    /// <exception cref="WasmFormatException">The bytes are not a well-formed core module.</exception>
    public WasmSections(byte[] module)
    {
        if (!module.AsSpan().StartsWith(Preamble)) throw new WasmFormatException("not a core module", 0);
        var cursor = new WasmCursor(module.AsSpan(Preamble.Length), Preamble.Length);
        while (!cursor.AtEnd)
        {
            var id = cursor.Byte("section id");
            var size = cursor.U32("section size");
            var start = (int)cursor.Offset;
            cursor.Slice(size, "section");
            _sections.Add((id, module[start..(int)cursor.Offset]));
        }
    }

    /// <summary>Of all sections, in their order.</summary>
    public IEnumerable<byte> Ids => _sections.Select(section => section.Id);

    /// <summary>What a section holds; null where it is not there, which is what setting it to null makes of it.</summary>
    public byte[]? this[byte id]
    {
        get => _sections.Find(section => section.Id == id).Content;
        set
        {
            var at = _sections.FindIndex(section => section.Id == id);
            if (at >= 0) _sections.RemoveAt(at);
            if (value is null) return;
            if (at < 0)
            {
                var place = Array.IndexOf(Order, id);
                at = _sections.FindIndex(section => Array.IndexOf(Order, section.Id) > place);
                if (at < 0) at = _sections.Count;
            }

            _sections.Insert(at, (id, value));
        }
    }

    /// <summary>One more item at the end of a section that is a vector.</summary>
    /// <returns>How many there were.</returns>
    public uint Append(byte id, byte[] item)
    {
        var old = this[id] ?? [0];
        var cursor = new WasmCursor(old);
        var count = cursor.U32("count");
        this[id] = [.. Unsigned(count + 1UL), .. old.AsSpan((int)cursor.Offset), .. item];
        return count;
    }

    /// <summary>The export section without some of its entries.</summary>
    public void RemoveExports(Func<string, bool> isRemoved)
    {
        if (this[Exports] is not { } old) return;
        var section = new WasmCursor(old);
        var kept = new List<byte[]>();
        for (var remaining = section.Count("export"); remaining > 0; remaining--)
        {
            var at = (int)section.Offset;
            var name = section.Name("export name");
            section.Byte("export kind");
            section.U32("export index");
            if (!isRemoved(name)) kept.Add(old[at..(int)section.Offset]);
        }

        this[Exports] = Vector(kept, export => export);
    }

    public void RemoveCustom() => _sections.RemoveAll(section => section.Id == 0);

    public byte[] Write()
    {
        // Megabytes: nothing is enumerated byte by byte.
        using var module = new MemoryStream(Preamble.Length + _sections.Sum(section => section.Content.Length + 8));
        module.Write(Preamble);
        foreach (var (id, content) in _sections)
        {
            module.WriteByte(id);
            module.Write(Unsigned((ulong)content.Length));
            module.Write(content);
        }

        return module.ToArray();
    }
}
