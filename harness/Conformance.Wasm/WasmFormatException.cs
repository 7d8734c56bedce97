namespace Conformance.Wasm;

/// <summary>The one error that reading a wasm binary can give: the bytes break the binary format at a known place.</summary>
public sealed class WasmFormatException(string problem, long offset)
    : FormatException($"{problem} (at offset 0x{offset:x})")
{
    /// <summary>What is wrong, without the place.</summary>
    public string Problem { get; } = problem;

    /// <summary>Byte offset from the start of the file.</summary>
    public long Offset { get; } = offset;
}
