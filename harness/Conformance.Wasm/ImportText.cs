using System.Globalization;

namespace Conformance.Wasm;

/// <summary>Imports in WebAssembly's text format.</summary>
/// <seealso href="https://webassembly.github.io/spec/core/text/modules.html#imports"/>
public static class ImportText
{
    /// <summary>One import, such as <c>(import "env" "main.getCount" (func (param i32) (result i32)))</c>.</summary>
    public static string Write(WasmImport import) => $"(import {Quoted(import.Module)} {Quoted(import.Name)} {Write(import.Type)})";

    private static string Write(ExternType type) => type switch
    {
        FunctionType function => $"(func{Signature(function)})",
        TableType table => $"(table{(table.Shared ? " shared" : "")} {Write(table.Limits)} {table.Element})",
        MemoryType memory => $"(memory {Write(memory.Limits)}{(memory.Shared ? " shared" : "")}{(memory.PageSizeLog2 == 16 ? "" : $" (pagesize {1UL << (int)memory.PageSizeLog2})")})",
        GlobalType global => $"(global {(global.Mutable || global.Shared ? $"({(global.Shared ? "shared " : "")}{(global.Mutable ? "mut " : "")}{global.Value})" : global.Value)})",
        TagType tag => $"(tag{Signature(tag.Function)})",
        _ => type.ToString()!,
    };

    private static string Signature(FunctionType type) =>
        (type.Parameters.IsEmpty ? "" : $" (param {string.Join(' ', type.Parameters)})")
            + (type.Results.IsEmpty ? "" : $" (result {string.Join(' ', type.Results)})");

    private static string Write(Limits limits) =>
        (limits.Is64Bit ? "i64 " : "") + limits.Minimum.ToString(CultureInfo.InvariantCulture)
            + (limits.Maximum is { } maximum ? " " + maximum.ToString(CultureInfo.InvariantCulture) : "");

    /// <summary>A name as a string of the text format: anything that isn't plain is escaped by its bytes.</summary>
    private static string Quoted(string name)
    {
        var text = new System.Text.StringBuilder("\"");
        foreach (var rune in name.EnumerateRunes())
        {
            if (rune.Value is >= 0x20 and not ('"' or '\\' or 0x7f)) text.Append(rune.ToString());
            else text.Append(CultureInfo.InvariantCulture, $"\\{rune.Value:x2}");
        }

        return text.Append('"').ToString();
    }
}
