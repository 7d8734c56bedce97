using static Conformance.Wasm.WasmEncoding;

namespace Conformance.Wasm;

/// <summary>A memory, a table, or a global with its value.</summary>
/// <param name="Type">Not a function's or a tag's.</param>
/// <param name="Value">What a global of numbers holds at first; one of references holds null.</param>
public sealed record Definition(ExternType Type, long Value = 0);

/// <summary>
/// Writes a module that defines one thing and exports it: so a host provides it in every runtime alike, whatever its API has for it. (One
/// for several would need the multi-memory proposal.)
/// </summary>
/// <seealso href="https://webassembly.github.io/spec/core/binary/modules.html"/>
public static class DefinitionModule
{
    /// <summary>The name of its one export.</summary>
    public const string Export = "defined";

    /// <exception cref="ArgumentException">The definition is of a function or a tag.</exception>
    public static byte[] Write(Definition definition)
    {
        var (id, content) = definition.Type switch
        {
            TableType table => ((byte)4, Table(table)),
            MemoryType memory => ((byte)5, Memory(memory)),
            GlobalType global => ((byte)6, Initialised(global, definition.Value)),
            _ => throw new ArgumentException($"a {definition.Type.Kind} is not defined by its type alone", nameof(definition)),
        };
        return [.. Preamble, .. Section(id, [1, .. content]), .. Section(7, [1, .. Name(Export), (byte)definition.Type.Kind, 0])];
    }

    private static byte[] Initialised(GlobalType type, long value)
    {
        byte[] constant = type.Value switch
        {
            "i32" => [0x41, .. Signed((int)value)],
            "i64" => [0x42, .. Signed(value)],
            "f32" => [0x43, .. LittleEndian(BitConverter.GetBytes((float)value))],
            "f64" => [0x44, .. LittleEndian(BitConverter.GetBytes((double)value))],
            _ => [0xd0, .. Value(type.Value)],
        };
        return [.. Global(type), .. constant, 0x0b];
    }

    private static byte[] LittleEndian(byte[] number) => BitConverter.IsLittleEndian ? number : [.. number.Reverse()];
}
