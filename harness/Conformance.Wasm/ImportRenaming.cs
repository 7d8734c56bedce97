using static Conformance.Wasm.WasmEncoding;

namespace Conformance.Wasm;

/// <summary>Gives imports of a module other names, by their place: names need not tell them apart, for two may have one.</summary>
/// <seealso href="https://webassembly.github.io/spec/core/binary/modules.html#import-section"/>
public static class ImportRenaming
{
    private const byte ImportSection = 2;

    /// <summary>A module with other names in its import section; everything else is as it was, byte for byte.</summary>
    /// <param name="module">A core module.</param>
    /// <param name="rename">Another name for the import at a place of the section; null where it keeps its own.</param>
    /// <exception cref="WasmFormatException">The bytes are not a well-formed core module.</exception>
    public static byte[] Rename(byte[] module, Func<int, (string Module, string Name)?> rename)
    {
        var (its, layout) = WasmInterfaceReader.ReadWithLayout(module);
        if (layout.Section is not { } section) return module;
        byte[] Entry(int i)
        {
            var name = rename(i) ?? (its.Imports[i].Module, its.Imports[i].Name);
            return [.. Name(name.Module), .. Name(name.Name), .. module.AsSpan(layout.Types[i])];
        }

        return [.. module.AsSpan(..section.Start), .. Section(ImportSection, Vector([.. Enumerable.Range(0, its.Imports.Length)], Entry)),
            .. module.AsSpan(section.End..)];
    }
}
