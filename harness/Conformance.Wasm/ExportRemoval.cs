using static Conformance.Wasm.WasmEncoding;

namespace Conformance.Wasm;

/// <summary>Takes exports away from a module.</summary>
/// <seealso href="https://webassembly.github.io/spec/core/binary/modules.html#export-section"/>
public static class ExportRemoval
{
    private const byte ExportSection = 7;

    /// <summary>A module without the exports of some names; everything else is as it was.</summary>
    /// <exception cref="WasmFormatException">The bytes are not a well-formed core module.</exception>
    public static byte[] Without(byte[] module, params IReadOnlyCollection<string> names)
    {
        var cursor = new WasmCursor(module.AsSpan(Preamble.Length), Preamble.Length);
        while (!cursor.AtEnd)
        {
            var start = (int)cursor.Offset;
            var id = cursor.Byte("section id");
            var section = cursor.Slice(cursor.U32("section size"), "section");
            if (id != ExportSection) continue;

            var kept = new List<byte[]>();
            for (var remaining = section.Count("export"); remaining > 0; remaining--)
            {
                var at = (int)section.Offset;
                var exported = section.Name("export name");
                section.Byte("export kind");
                section.U32("export index");
                if (!names.Contains(exported)) kept.Add(module[at..(int)section.Offset]);
            }

            return [.. module.AsSpan(0, start), .. Section(ExportSection, Vector(kept, export => export)),
                .. module.AsSpan((int)cursor.Offset)];
        }

        return module;
    }
}
