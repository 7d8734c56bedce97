namespace Conformance.Wasm;

/// <summary>Takes exports away from a module.</summary>
/// <seealso href="https://webassembly.github.io/spec/core/binary/modules.html#export-section"/>
public static class ExportRemoval
{
    /// <summary>A module without the exports of some names; everything else is as it was.</summary>
    /// <exception cref="WasmFormatException">The bytes are not a well-formed core module.</exception>
    public static byte[] Without(byte[] module, params IReadOnlyCollection<string> names)
    {
        var sections = new WasmSections(module);
        sections.RemoveExports(names.Contains);
        return sections.Write();
    }
}
