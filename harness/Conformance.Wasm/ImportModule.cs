using System.Collections.Immutable;
using static Conformance.Wasm.WasmEncoding;

namespace Conformance.Wasm;

/// <summary>
/// Writes modules that import and do nothing else, to ask runtimes about imports.
/// </summary>
/// <seealso href="https://webassembly.github.io/spec/core/binary/modules.html"/>
public static class ImportModule
{
    private static readonly FunctionType Nothing = new([], []);

    /// <summary>
    /// The bytes; null where a type stands for others of the module that it comes from (garbage collection's), and can't be written alone.
    /// </summary>
    /// <param name="imports">The import section.</param>
    /// <param name="enterable">True: it exports a memory and an empty <c>_start</c> too, which some hosts want of every module. Memories
    /// are dear where many modules are instantiated at once (V8 runs out of them).</param>
    public static byte[]? Write(ImmutableArray<WasmImport> imports, bool enterable)
    {
        var functions = imports.Select(import => import.Type switch
        {
            FunctionType function => function,
            TagType tag => tag.Function,
            _ => null
        }).OfType<FunctionType>();
        var types = functions.Append(Nothing).Distinct().ToList();
        if (!imports.SelectMany(import => import.Type.ValueTypes).All(Writes)) return null;

        byte[] importing =
        [
            .. Preamble,
            .. Section(1, Vector(types, type => [0x60, .. Vector(type.Parameters, Value), .. Vector(type.Results, Value)])),
            .. Section(2, Vector(imports, import => [.. Name(import.Module), .. Name(import.Name), .. Entry(import.Type, types)])),
        ];
        if (!enterable) return importing;

        var imported = imports.Count(import => import.Type.Kind == ExternKind.Func);
        var ownMemory = imports.All(import => import.Type.Kind != ExternKind.Memory);
        return
        [
            .. importing,
            .. Section(3, [1, .. Unsigned((ulong)types.IndexOf(Nothing))]),
            .. ownMemory ? Section(5, [1, 0, 1]) : [],
            .. Section(7, [2, .. Name("memory"), 2, 0, .. Name("_start"), 0, .. Unsigned((ulong)imported)]),
            .. Section(10, [1, 2, 0, 0x0b]),
        ];
    }

    private static byte[] Entry(ExternType type, List<FunctionType> types) => type switch
    {
        FunctionType function => [0x00, .. Unsigned((ulong)types.IndexOf(function))],
        TableType table => [0x01, .. Table(table)],
        MemoryType memory => [0x02, .. Memory(memory)],
        GlobalType global => [0x03, .. Global(global)],
        TagType tag => [0x04, 0x00, .. Unsigned((ulong)types.IndexOf(tag.Function))],
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an import's type"),
    };
}
