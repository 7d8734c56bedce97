using System.Collections.Immutable;

namespace Conformance.Wasm;

/// <summary>A part of a module and the bytes that it takes, its own header in them.</summary>
public sealed record WasmPart(string Name, long Bytes);

/// <summary>What takes the space in a module.</summary>
/// <param name="Sections">In their order; all of them and the preamble's eight bytes are the whole module.</param>
/// <param name="Functions">The functions of the code section, in their order, by the name section's names, else as exports, else by
/// index.</param>
public sealed record WasmSizes(ImmutableArray<WasmPart> Sections, ImmutableArray<WasmPart> Functions);

/// <summary>Measures a module's sections and functions.</summary>
/// <seealso href="https://webassembly.github.io/spec/core/binary/modules.html#sections"/>
public static class WasmSizeReader
{
    private static readonly string[] Names = ["custom",
        "type", "import", "function", "table", "memory", "global", "export", "start", "element", "code", "data", "data count", "tag"];

    /// <exception cref="WasmFormatException">The bytes are not a well-formed core module.</exception>
    public static WasmSizes Read(ReadOnlySpan<byte> bytes)
    {
        // Also checks the preamble and the sections that are not looked into here.
        var imported = WasmInterfaceReader.Read(bytes).Imports.Count(import => import.Type.Kind == ExternKind.Func);
        var sections = ImmutableArray.CreateBuilder<WasmPart>();
        var bodies = new List<long>();
        var names = new FunctionNames();
        var cursor = new WasmCursor(bytes[8..], 8);
        while (!cursor.AtEnd)
        {
            var at = cursor.Offset;
            var id = cursor.Byte("section id");
            var section = cursor.Slice(cursor.U32("section size"), "section");
            var name = id == 0 ? $"custom {section.Name("custom section name")}" : Names[id];
            if (id == 7) names.ReadExports(ref section);
            else if (id == 10) ReadBodies(ref section, bodies);
            else if (name == "custom name") names.ReadNames(ref section);
            sections.Add(new WasmPart(name, cursor.Offset - at));
        }

        return new WasmSizes(
            sections.ToImmutable(),
            [.. bodies.Select((size, i) => new WasmPart(names.FindOrExport((uint)(imported + i)), size))]);
    }

    private static void ReadBodies(ref WasmCursor section, List<long> bodies)
    {
        for (var remaining = section.Count("function body"); remaining > 0; remaining--)
        {
            var at = section.Offset;
            section.Slice(section.U32("function body size"), "function body");
            bodies.Add(section.Offset - at);
        }
    }
}
