using static Conformance.Wasm.WasmEncoding;

namespace Conformance.Wasm;

/// <summary>Makes a module's start function one that its host calls itself.</summary>
/// <seealso href="https://webassembly.github.io/spec/core/binary/modules.html#start-section"/>
public static class StartFunction
{
    private const byte ExportSection = 7;
    private const byte StartSection = 8;
    private const byte Function = 0;

    /// <summary>
    /// A module without its start section, and with the function exported, last of all: a host that calls it first thing, once, does what
    /// instantiating did. As it was where it has none.
    /// </summary>
    /// <param name="module">A core module.</param>
    /// <param name="name">The export's; nothing else may have it.</param>
    /// <exception cref="WasmFormatException">The bytes are not a well-formed core module.</exception>
    public static byte[] AsExport(byte[] module, string name)
    {
        var cursor = new WasmCursor(module.AsSpan(Preamble.Length), Preamble.Length);
        List<byte[]> exports = [];
        Range? old = null;
        while (!cursor.AtEnd)
        {
            var start = (int)cursor.Offset;
            var id = cursor.Byte("section id");
            var section = cursor.Slice(cursor.U32("section size"), "section");
            if (id == ExportSection)
            {
                old = start..(int)cursor.Offset;
                for (var remaining = section.Count("export"); remaining > 0; remaining--)
                {
                    var at = (int)section.Offset;
                    section.Name("export name");
                    section.Byte("export kind");
                    section.U32("export index");
                    exports.Add(module[at..(int)section.Offset]);
                }
            }

            if (id != StartSection) continue;
            exports.Add([.. Name(name), Function, .. Unsigned(section.U32("start function"))]);
            byte[] all = Section(ExportSection, Vector(exports, export => export));
            var rest = (int)cursor.Offset;
            // Custom sections may stand between the two.
            return old is { } range
                ? [.. module.AsSpan(..range.Start), .. all, .. module.AsSpan(range.End.Value..start), .. module.AsSpan(rest)]
                : [.. module.AsSpan(0, start), .. all, .. module.AsSpan(rest)];
        }

        return module;
    }
}
