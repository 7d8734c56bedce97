using System.Collections.Immutable;

namespace Conformance.Wasm;

/// <summary>
/// Which proposals a module uses, each once, in the order in which an engine meets them: what came after WebAssembly 1.0 in its types,
/// imports, sections and code. As far as the bytes can be read.
/// </summary>
/// <seealso href="https://webassembly.github.io/spec/core/binary/modules.html"/>
public static class UsedProposals
{
    private const byte Function = 0x60;

    private const byte End = 0x0b;

    /// <summary>Of those, what a runtime can be asked about, and a manifest can name: see <see cref="Proposals"/>.</summary>
    /// <param name="module">A core module, whole or damaged.</param>
    public static ImmutableArray<string> Known(byte[] module) => [.. Find(module).Where(Proposals.Names.Contains)];

    /// <param name="module">A core module, whole or damaged.</param>
    public static ImmutableArray<string> Find(byte[] module)
    {
        var used = new OrderedSet();
        try
        {
            var sections = new WasmSections(module);
            AddTypes(sections[WasmSections.Types], used);
            AddInterface(module, used);
            AddTables(sections[WasmSections.Tables], used);
            used.Add(ModuleProposals.InMemories(module));
            if (sections[WasmSections.Memories] is { } memories && new WasmCursor(memories).Count("memory") > 1) used.Add("multi-memory");
            if (sections[WasmSections.Tags] is not null) used.Add("exception-handling");
            AddGlobals(sections[WasmSections.Globals], used);
            AddElements(sections[WasmSections.Elements], used);
            if (sections[WasmSections.DataCount] is not null) used.Add("bulk-memory");
            AddCode(sections[WasmSections.Code], used);
            AddData(sections[WasmSections.Data], used);
        }
        catch (WasmFormatException)
        {
            // What stands after it is not known.
        }

        return used.ToImmutable();
    }

    private static void AddTypes(byte[]? content, OrderedSet used)
    {
        if (content is null) return;
        var section = new WasmCursor(content);
        for (var remaining = section.Count("type"); remaining > 0; remaining--)
        {
            var form = section.Byte("type");
            if (form != Function)
            {
                // The others have forms of their own.
                used.Add(Proposals.ByType(form));
                return;
            }

            for (var parameters = section.Count("parameter"); parameters > 0; parameters--) AddValueType(ref section, used);
            var results = section.Count("result");
            if (results > 1) used.Add("multi-value");
            for (; results > 0; results--) AddValueType(ref section, used);
        }
    }

    /// <summary>Imports of memories are told with the other memories.</summary>
    private static void AddInterface(byte[] module, OrderedSet used)
    {
        if (WasmInterfaceReader.TryRead(module) is not { } read) return;
        foreach (var import in read.Imports)
        {
            used.Add(import.Type switch
            {
                GlobalType { Mutable: true } => "mutable-globals",
                TableType { Element: not "funcref" } => "reference-types",
                TagType => "exception-handling",
                _ => null,
            });
        }

        if (read.Exports.Any(export => export.Type is GlobalType { Mutable: true })) used.Add("mutable-globals");
    }

    private static void AddTables(byte[]? content, OrderedSet used)
    {
        if (content is null) return;
        var section = new WasmCursor(content);
        var count = section.Count("table");
        // Of one, an element of another type than funcref is as new as a second table.
        if (count > 1 || (count == 1 && section.Peek("element type") != 0x70)) used.Add("reference-types");
    }

    private static void AddGlobals(byte[]? content, OrderedSet used)
    {
        if (content is null) return;
        var section = new WasmCursor(content);
        for (var remaining = section.Count("global"); remaining > 0; remaining--)
        {
            AddValueType(ref section, used);
            section.Byte("mutability");
            AddConstant(ref section, used);
        }
    }

    private static void AddElements(byte[]? content, OrderedSet used)
    {
        if (content is null) return;
        var section = new WasmCursor(content);
        for (var remaining = section.Count("element segment"); remaining > 0; remaining--)
        {
            var flags = section.U32("element segment flags");
            if (flags != 0)
            {
                // The table's index, passive and declared ones came with bulk memory, expressions with references.
                used.Add(flags < 4 ? "bulk-memory" : "reference-types");
                return;
            }

            AddConstant(ref section, used);
            for (var functions = section.Count("function"); functions > 0; functions--) section.U32("function index");
        }
    }

    private static void AddData(byte[]? content, OrderedSet used)
    {
        if (content is null) return;
        var section = new WasmCursor(content);
        for (var remaining = section.Count("data segment"); remaining > 0; remaining--)
        {
            var flags = section.U32("data segment flags");
            if (flags != 0) used.Add("bulk-memory");
            if (flags == 2 && section.U32("memory index") != 0) used.Add("multi-memory");
            if (flags != 1) AddConstant(ref section, used);
            section.Slice((uint)section.Count("byte"), "data");
        }
    }

    private static void AddCode(byte[]? content, OrderedSet used)
    {
        if (content is null) return;
        var section = new WasmCursor(content);
        for (var remaining = section.Count("function"); remaining > 0; remaining--)
        {
            var body = section.Slice(section.U32("function size"), "function");
            for (var locals = body.Count("local"); locals > 0; locals--)
            {
                body.U32("local count");
                AddValueType(ref body, used);
            }

            while (!body.AtEnd) AddInstruction(ref body, used);
        }
    }

    /// <summary>An expression that is known before there is an instance.</summary>
    private static void AddConstant(ref WasmCursor code, OrderedSet used)
    {
        while (code.Peek("instruction") is var opcode and not End)
        {
            // Sums, differences and products.
            if (opcode is >= 0x6a and <= 0x6c or >= 0x7c and <= 0x7e) used.Add("extended-const");
            AddInstruction(ref code, used);
        }

        code.Byte("end");
    }

    private static void AddInstruction(ref WasmCursor code, OrderedSet used)
    {
        var ahead = code;
        var opcode = ahead.Byte("instruction");
        used.Add(Proposals.ByOpcode(opcode, opcode is >= 0xfb and <= 0xfe ? ahead.U32("instruction") : null));
        InstructionReader.Read(ref code);
    }

    private static void AddValueType(ref WasmCursor code, OrderedSet used)
    {
        used.Add(Proposals.ByType(code.Peek("value type")));
        InstructionReader.SkipValueType(ref code);
    }

    private sealed class OrderedSet
    {
        private readonly List<string> _names = [];

        public void Add(string? name)
        {
            if (name is not null && !_names.Contains(name)) _names.Add(name);
        }

        public ImmutableArray<string> ToImmutable() => [.. _names];
    }
}
