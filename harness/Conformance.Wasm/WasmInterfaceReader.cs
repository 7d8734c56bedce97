using System.Collections.Immutable;

namespace Conformance.Wasm;

/// <summary>
/// Reads the imports and exports, with their full types, out of a core module's bytes. It reads types as far as names need
/// (GC and typed-reference forms included) and does not validate code: an engine does that.
/// </summary>
/// <seealso href="https://webassembly.github.io/spec/core/binary/modules.html"/>
public static class WasmInterfaceReader
{
    private const byte OfOneModule = 0x7f;

    private const byte OfOneType = 0x7e;

    /// <exception cref="WasmFormatException">The bytes are not a well-formed core module; no other exception is thrown, whatever the
    /// bytes.</exception>
    public static WasmInterface Read(ReadOnlySpan<byte> bytes) => ReadWithLayout(bytes).Interface;

    /// <summary>The same; null where the bytes are not a well-formed core module, which is for an engine to say.</summary>
    public static WasmInterface? TryRead(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Read(bytes);
        }
        catch (WasmFormatException)
        {
            return null;
        }
    }

    /// <summary>The same, and where its imports stand.</summary>
    internal static (WasmInterface Interface, ImportLayout Layout) ReadWithLayout(ReadOnlySpan<byte> bytes)
    {
        var cursor = new WasmCursor(bytes);
        ReadPreamble(ref cursor);
        var index = new IndexSpaces();
        while (!cursor.AtEnd)
        {
            var at = cursor.Offset;
            var id = cursor.Byte("section id");
            var size = cursor.U32("section size");
            var section = cursor.Slice(size, "section");
            switch (id)
            {
                case 1: ReadTypes(ref section, index); break;
                case 2:
                    index.ImportSection = (int)at..(int)cursor.Offset;
                    ReadImports(ref section, index);
                    break;
                case 3: ReadFunctions(ref section, index); break;
                case 4: ReadTables(ref section, index); break;
                case 5: ReadMemories(ref section, index); break;
                case 6: ReadGlobals(ref section, index); break;
                case 7: ReadExports(ref section, index); break;
                case 13: ReadTags(ref section, index); break;
                case 0: section.Name("custom section name"); continue;
                case 8: index.HasStart = true; continue;
                case 9 or 10 or 11 or 12: continue;
                default: throw new WasmFormatException($"unknown section id {id}", at);
            }

            if (!section.AtEnd) throw new WasmFormatException($"section {id} is longer than what it holds", section.Offset);
        }

        return (new WasmInterface(index.Imports.ToImmutable(), index.Exports.ToImmutable(), index.HasStart, index.HasMemory),
            new ImportLayout(index.ImportSection, index.ImportTypes, index.Types.Count, index.FunctionCount));
    }

    private static void ReadPreamble(ref WasmCursor cursor)
    {
        ReadOnlySpan<byte> magic = "\0asm"u8;
        foreach (var expected in magic)
        {
            var at = cursor.Offset;
            if (cursor.AtEnd || cursor.Byte("magic") != expected)
                throw new WasmFormatException("not a wasm module: the magic header \\0asm is missing", at);
        }

        var version = cursor.Fixed32("version");
        if (version == 0x0001_000d) throw new WasmFormatException("this is a component, not a core module", 4);
        if (version != 1) throw new WasmFormatException($"unknown binary version {version}", 4);
    }

    private static void ReadTypes(ref WasmCursor section, IndexSpaces index)
    {
        for (var remaining = section.Count("type"); remaining > 0; remaining--)
        {
            if (section.Peek("type form") == 0x4e)
            {
                section.Byte("rec");
                for (var group = section.Count("rec type"); group > 0; group--) index.Types.Add(ReadSubType(ref section));
            }
            else
            {
                index.Types.Add(ReadSubType(ref section));
            }
        }
    }

    /// <summary>
    /// A sub type; the function type in it, or null for the forms that nothing imported can be called by (struct, array, cont).
    /// </summary>
    private static FunctionType? ReadSubType(ref WasmCursor section)
    {
        if (section.Peek("type form") is 0x50 or 0x4f)
        {
            section.Byte("sub");
            for (var supers = section.Count("supertype"); supers > 0; supers--) section.U32("supertype index");
        }

        while (section.Peek("type form") is 0x4c or 0x4d)
        {
            // custom descriptors: describes / descriptor clauses
            section.Byte("descriptor clause");
            section.U32("descriptor type index");
        }

        if (section.Peek("type form") == 0x65) section.Byte("shared");
        var at = section.Offset;
        switch (section.Byte("type form"))
        {
            case 0x60:
                return new FunctionType(ReadValueTypes(ref section), ReadValueTypes(ref section));
            case 0x5f:
                for (var fields = section.Count("field"); fields > 0; fields--) ReadField(ref section);
                return null;
            case 0x5e:
                ReadField(ref section);
                return null;
            case 0x5d:
                section.S33("continuation type");
                return null;
            case var form:
                throw new WasmFormatException($"unknown type form 0x{form:x2}", at);
        }
    }

    private static void ReadField(ref WasmCursor section)
    {
        if (section.Peek("field type") is 0x78 or 0x77) section.Byte("packed type");
        else ReadValueType(ref section);
        section.Flag("field mutability");
    }

    private static ImmutableArray<string> ReadValueTypes(ref WasmCursor section)
    {
        var count = section.Count("value type");
        var types = ImmutableArray.CreateBuilder<string>(Math.Min(count, 64));
        for (; count > 0; count--) types.Add(ReadValueType(ref section));
        return types.ToImmutable();
    }

    private static string ReadValueType(ref WasmCursor section)
    {
        var at = section.Offset;
        switch (section.Peek("value type"))
        {
            case 0x7f: section.Byte("i32"); return "i32";
            case 0x7e: section.Byte("i64"); return "i64";
            case 0x7d: section.Byte("f32"); return "f32";
            case 0x7c: section.Byte("f64"); return "f64";
            case 0x7b: section.Byte("v128"); return "v128";
            case 0x63: section.Byte("ref null"); return $"(ref null {ReadHeapType(ref section)})";
            case 0x64: section.Byte("ref"); return $"(ref {ReadHeapType(ref section)})";
            case var code when AbstractHeapType(code) is { } heap: section.Byte("reference type"); return $"{heap}ref";
            case 0x65:
                return $"(ref null {ReadHeapType(ref section)})";
            case var code: throw new WasmFormatException($"unknown value type 0x{code:x2}", at);
        }
    }

    private static string ReadHeapType(ref WasmCursor section)
    {
        var at = section.Offset;
        var first = section.Peek("heap type");
        if (first == 0x65)
        {
            // Only abstract heap types are marked shared this way, so this never nests.
            section.Byte("shared");
            var abstractType = AbstractHeapType(section.Byte("shared heap type"));
            return abstractType is null ? throw new WasmFormatException("unknown shared heap type", at) : $"(shared {abstractType})";
        }

        if (first == 0x62)
        {
            section.Byte("exact");
            return $"(exact {section.U32("heap type index")})";
        }

        if (AbstractHeapType(first) is { } heap)
        {
            section.Byte("heap type");
            return heap;
        }

        var type = section.S33("heap type");
        return type >= 0 ? type.ToString(
            System.Globalization.CultureInfo.InvariantCulture) : throw new WasmFormatException("unknown heap type", at);
    }

    /// <summary>Abstract heap types, named so that <c>name + "ref"</c> is the shorthand of the text format.</summary>
    /// <seealso href="https://webassembly.github.io/spec/core/binary/types.html#heap-types"/>
    private static string? AbstractHeapType(byte code) => code switch
    {
        0x70 => "func",
        0x6f => "extern",
        0x6e => "any",
        0x6d => "eq",
        0x6c => "i31",
        0x6b => "struct",
        0x6a => "array",
        0x69 => "exn",
        0x68 => "cont",
        0x71 => "null",
        0x72 => "nullextern",
        0x73 => "nullfunc",
        0x74 => "nullexn",
        0x75 => "nullcont",
        _ => null,
    };

    /// <summary>
    /// Imports one by one, or several under one module's name, or those of one type too, which stand where a nameless import would.
    /// </summary>
    /// <seealso href="https://github.com/WebAssembly/compact-import-section/blob/main/proposals/compact-import-section/Overview.md"/>
    private static void ReadImports(ref WasmCursor section, IndexSpaces index)
    {
        for (var remaining = section.Count("import"); remaining > 0; remaining--)
        {
            var module = section.Name("import module");
            var name = section.Name("import name");
            switch (name.Length == 0 ? section.Peek("import kind") : (byte)0)
            {
                case OfOneModule:
                    section.Byte("import group");
                    for (var names = section.Count("import"); names > 0; names--)
                    {
                        name = section.Name("import name");
                        index.Import(module, name, ReadImportType(ref section, index, out var own), own);
                    }

                    break;
                case OfOneType:
                    section.Byte("import group");
                    var type = ReadImportType(ref section, index, out var shared);
                    for (var names = section.Count("import"); names > 0; names--)
                        index.Import(module, section.Name("import name"), type, shared);
                    break;
                default:
                    var only = ReadImportType(ref section, index, out var place);
                    index.Import(module, name, only, place);
                    break;
            }
        }
    }

    /// <param name="section">At the kind of an import.</param>
    /// <param name="index">What it may refer to.</param>
    /// <param name="place">Where kind and type stand.</param>
    private static ExternType ReadImportType(ref WasmCursor section, IndexSpaces index, out Range place)
    {
        var at = section.Offset;
        ExternType type = section.Byte("import kind") switch
        {
            0x00 => index.FunctionAt(section.U32("type index"), at),
            0x20 => index.FunctionAt(section.U32("exact type index"), at),
            0x01 => ReadTableType(ref section),
            0x02 => ReadMemoryType(ref section),
            0x03 => ReadGlobalType(ref section),
            0x04 => ReadTagType(ref section, index),
            var kind => throw new WasmFormatException($"unknown import kind 0x{kind:x2}", at),
        };
        place = (int)at..(int)section.Offset;
        return type;
    }

    private static void ReadFunctions(ref WasmCursor section, IndexSpaces index)
    {
        for (var remaining = section.Count("function"); remaining > 0; remaining--)
        {
            var at = section.Offset;
            index.Define(index.FunctionAt(section.U32("type index"), at));
        }
    }

    private static void ReadTables(ref WasmCursor section, IndexSpaces index)
    {
        for (var remaining = section.Count("table"); remaining > 0; remaining--)
        {
            if (section.Peek("table type") != 0x40)
            {
                index.Define(ReadTableType(ref section));
                continue;
            }

            section.Byte("table with initializer");
            section.Byte("reserved");
            index.Define(ReadTableType(ref section));
            SkipConstantExpression(ref section);
        }
    }

    private static void ReadMemories(ref WasmCursor section, IndexSpaces index)
    {
        for (var remaining = section.Count("memory"); remaining > 0; remaining--) index.Define(ReadMemoryType(ref section));
    }

    private static void ReadGlobals(ref WasmCursor section, IndexSpaces index)
    {
        for (var remaining = section.Count("global"); remaining > 0; remaining--)
        {
            index.Define(ReadGlobalType(ref section));
            SkipConstantExpression(ref section);
        }
    }

    private static void ReadTags(ref WasmCursor section, IndexSpaces index)
    {
        for (var remaining = section.Count("tag"); remaining > 0; remaining--) index.Define(ReadTagType(ref section, index));
    }

    private static void ReadExports(ref WasmCursor section, IndexSpaces index)
    {
        for (var remaining = section.Count("export"); remaining > 0; remaining--)
        {
            var name = section.Name("export name");
            var at = section.Offset;
            var kind = section.Byte("export kind");
            if (kind > (byte)ExternKind.Tag) throw new WasmFormatException($"unknown export kind 0x{kind:x2}", at);
            index.Exports.Add(new WasmExport(name, index.At((ExternKind)kind, section.U32("export index"), at)));
        }
    }

    private static TableType ReadTableType(ref WasmCursor section)
    {
        var element = ReadValueType(ref section);
        var (limits, shared, _) = ReadLimits(ref section, customPages: false);
        return new TableType(element, limits, shared);
    }

    private static MemoryType ReadMemoryType(ref WasmCursor section)
    {
        var (limits, shared, pageSize) = ReadLimits(ref section, customPages: true);
        return new MemoryType(limits, shared, pageSize);
    }

    private static GlobalType ReadGlobalType(ref WasmCursor section)
    {
        var value = ReadValueType(ref section);
        var at = section.Offset;
        var flags = section.Byte("global mutability");
        if (flags > 3) throw new WasmFormatException("malformed mutability", at);
        return new GlobalType(value, (flags & 1) != 0, (flags & 2) != 0);
    }

    private static TagType ReadTagType(ref WasmCursor section, IndexSpaces index)
    {
        var at = section.Offset;
        if (section.Byte("tag attribute") != 0) throw new WasmFormatException("unknown tag attribute", at);
        return new TagType(index.FunctionAt(section.U32("tag type index"), at));
    }

    private static (Limits Limits, bool Shared, uint PageSizeLog2) ReadLimits(ref WasmCursor section, bool customPages)
    {
        var at = section.Offset;
        var flags = section.Byte("limits flags");
        if (flags > (customPages ? 0x0f : 0x07)) throw new WasmFormatException($"unknown limits flags 0x{flags:x2}", at);
        var wide = (flags & 4) != 0;
        var minimum = wide ? section.U64("limits minimum") : section.U32("limits minimum");
        ulong? maximum = (flags & 1) == 0 ? null : wide ? section.U64("limits maximum") : section.U32("limits maximum");
        var pageSize = (flags & 8) != 0 ? section.U32("page size") : 16;
        return (new Limits(minimum, maximum, wide), (flags & 2) != 0, pageSize);
    }

    /// <seealso href="https://webassembly.github.io/spec/core/valid/instructions.html#constant-expressions"/>
    private static void SkipConstantExpression(ref WasmCursor section)
    {
        while (true)
        {
            var at = section.Offset;
            switch (section.Byte("instruction"))
            {
                case 0x0b: return;
                case 0x41: section.S33("i32.const"); break;
                case 0x42: section.S64("i64.const"); break;
                case 0x43: section.Slice(4, "f32.const"); break;
                case 0x44: section.Slice(8, "f64.const"); break;
                case 0x23 or 0xd2: section.U32("index"); break;
                case 0xd0: ReadHeapType(ref section); break;
                case 0x6a or 0x6b or 0x6c or 0x7c or 0x7d or 0x7e: break;
                case 0xfb: SkipGcInstruction(ref section); break;
                case 0xfd:
                    if (section.U32("vector instruction") != 12) throw new WasmFormatException("not a constant vector instruction", at);
                    section.Slice(16, "v128.const");
                    break;
                case var opcode: throw new WasmFormatException($"instruction 0x{opcode:x2} is not constant", at);
            }
        }
    }

    private static void SkipGcInstruction(ref WasmCursor section)
    {
        var at = section.Offset;
        switch (section.U32("gc instruction"))
        {
            case 0 or 1 or 6 or 7 or 32
                or 33: // struct.new, struct.new_default, array.new, array.new_default, struct.new_desc, struct.new_default_desc
                section.U32("type index");
                break;
            case 8: // array.new_fixed
                section.U32("type index");
                section.U32("length");
                break;
            case 26 or 27 or 28: // any.convert_extern, extern.convert_any, ref.i31
                break;
            case var opcode:
                throw new WasmFormatException($"gc instruction {opcode} is not constant", at);
        }
    }

    /// <summary>Where a module's imports stand in its bytes.</summary>
    /// <param name="Section">The whole section, with its id and size; null where there is none.</param>
    /// <param name="Types">What each imports: its kind and type.</param>
    /// <param name="TypeCount">How many types the module has.</param>
    /// <param name="FunctionCount">How many functions, imported ones first.</param>
    internal sealed record ImportLayout(Range? Section, IReadOnlyList<Range> Types, int TypeCount, int FunctionCount);

    /// <summary>The index spaces that exports point into: imports first, then definitions, as the format orders them.</summary>
    private sealed class IndexSpaces
    {
        private readonly List<ExternType>[] _spaces = [[], [], [], [], []];

        public List<FunctionType?> Types { get; } = [];

        public ImmutableArray<WasmImport>.Builder Imports { get; } = ImmutableArray.CreateBuilder<WasmImport>();

        public Range? ImportSection { get; set; }

        /// <summary>Where the types of <see cref="Imports"/> stand.</summary>
        public List<Range> ImportTypes { get; } = [];

        public ImmutableArray<WasmExport>.Builder Exports { get; } = ImmutableArray.CreateBuilder<WasmExport>();

        public bool HasStart { get; set; }

        public int FunctionCount => _spaces[(int)ExternKind.Func].Count;

        public bool HasMemory => _spaces[(int)ExternKind.Memory].Count > 0;

        /// <param name="module">The import's module.</param>
        /// <param name="name">Its name.</param>
        /// <param name="type">Its type.</param>
        /// <param name="place">Where that stands.</param>
        public void Import(string module, string name, ExternType type, Range place)
        {
            Imports.Add(new WasmImport(module, name, type));
            ImportTypes.Add(place);
            Define(type);
        }

        public void Define(ExternType type) => _spaces[(int)type.Kind].Add(type);

        public FunctionType FunctionAt(uint type, long at) =>
            type >= Types.Count ? throw new WasmFormatException($"unknown type {type}", at)
            : Types[(int)type] ?? throw new WasmFormatException($"type {type} is not a function type", at);

        public ExternType At(ExternKind kind, uint i, long at)
        {
            var space = _spaces[(int)kind];
            return i < space.Count ? space[(int)i] : throw new WasmFormatException($"unknown {kind.ToString().ToLowerInvariant()} {i}", at);
        }
    }
}
