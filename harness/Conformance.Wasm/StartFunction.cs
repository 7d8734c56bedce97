using static Conformance.Wasm.WasmEncoding;

namespace Conformance.Wasm;

/// <summary>Makes a module's start function one that its host calls itself, or nobody.</summary>
/// <seealso href="https://webassembly.github.io/spec/core/binary/modules.html#start-section"/>
public static class StartFunction
{
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
        var sections = new WasmSections(module);
        if (sections[WasmSections.Start] is not { } start) return module;
        sections[WasmSections.Start] = null;
        sections.Append(WasmSections.Exports, [.. Name(name), Function, .. start]);
        return sections.Write();
    }

    /// <summary>
    /// A module of which nothing runs: without its start function, and with a <c>_start</c> that does nothing. It compiles and links as it
    /// did before.
    /// </summary>
    /// <param name="module">A core module.</param>
    /// <exception cref="WasmFormatException">The bytes are not a well-formed core module.</exception>
    public static byte[] Idle(byte[] module)
    {
        var its = WasmInterfaceReader.ReadWithLayout(module).Layout;
        var sections = new WasmSections(module) { [WasmSections.Start] = null };
        // Groups of recursive types are one item each: the new type's index is not their number.
        sections.Append(WasmSections.Types, [0x60, 0, 0]);
        sections.Append(WasmSections.Functions, Unsigned((ulong)its.TypeCount));
        sections.Append(WasmSections.Code, [2, 0, 0x0b]);
        sections.RemoveExports(name => name is "_start" or "_initialize");
        sections.Append(WasmSections.Exports, [.. Name("_start"), Function, .. Unsigned((ulong)its.FunctionCount)]);
        return sections.Write();
    }
}
