namespace Conformance.Wasm;

/// <summary>
/// Makes functions ones that an engine reads and validates whole, and compiles nothing of: a compiler takes minutes for what a validator
/// reads in a second.
/// </summary>
/// <seealso href="https://webassembly.github.io/spec/core/valid/instructions.html"/>
public static class UnreachableCode
{
    /// <summary>
    /// A block that never ends: what stands after it is never reached, and validated as if it was, since after the end of a block the
    /// operand stack is what its type says.
    /// </summary>
    private static ReadOnlySpan<byte> NeverEnding => [0x02, 0x40, 0x00, 0x0b];

    /// <summary>
    /// A module of the same types, imports, exports and segments, which is valid where the other is, in which no function gets anywhere.
    /// Custom sections are left out: some are about places in the code.
    /// </summary>
    /// <param name="module">A core module.</param>
    /// <exception cref="WasmFormatException">The bytes are not a well-formed core module.</exception>
    public static byte[] Write(byte[] module)
    {
        var sections = new WasmSections(module);
        sections.RemoveCustom();
        if (sections[WasmSections.Code] is not { } code) return sections.Write();
        var section = new WasmCursor(code);
        using var written = new MemoryStream(code.Length + (code.Length / 8));
        var count = section.Count("function");
        written.Write(WasmEncoding.Unsigned((ulong)count));
        for (; count > 0; count--)
        {
            var size = section.U32("function size");
            var body = section.Slice(size, "function");
            var end = (int)section.Offset;
            var start = end - (int)size;
            InstructionReader.SkipLocals(ref body);
            written.Write(WasmEncoding.Unsigned(size + (ulong)NeverEnding.Length));
            written.Write(code.AsSpan(start, (int)body.Offset - start));
            written.Write(NeverEnding);
            written.Write(code.AsSpan((int)body.Offset, end - (int)body.Offset));
        }

        sections[WasmSections.Code] = written.ToArray();
        return sections.Write();
    }
}
