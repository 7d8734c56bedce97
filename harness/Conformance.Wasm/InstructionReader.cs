namespace Conformance.Wasm;

/// <summary>Reads code as far as calls need: the length of every instruction, and which function some of them name.</summary>
/// <seealso href="https://webassembly.github.io/spec/core/appendix/index-instructions.html"/>
internal static class InstructionReader
{
    /// <summary>The next instruction.</summary>
    /// <returns>The function that it calls, or takes a reference to; null for any other.</returns>
    /// <exception cref="WasmFormatException">No such instruction is known.</exception>
    public static uint? Read(ref WasmCursor code)
    {
        var at = code.Offset;
        switch (code.Byte("instruction"))
        {
            case 0x10 or 0x12 or 0xd2: // call, return_call, ref.func
                return code.U32("function index");
            case 0x02 or 0x03 or 0x04 or 0x06 or 0xd0: // block, loop, if, try, ref.null
                code.S33("type");
                break;
            case 0x07 or 0x08 or 0x09 or 0x0c or 0x0d or 0x14 or 0x15 or 0x18 or (>= 0x20 and <= 0x26) or 0x3f or 0x40 or 0xd5 or 0xd6:
                code.U32("index");
                break;
            case 0x11 or 0x13: // call_indirect, return_call_indirect
                Skip(ref code, 2);
                break;
            case 0x0e:
                for (var labels = code.Count("label"); labels >= 0; labels--) code.U32("label");
                break;
            case 0x1c:
                for (var types = code.Count("type"); types > 0; types--) SkipValueType(ref code);
                break;
            case 0x1f: // try_table
                code.S33("type");
                for (var clauses = code.Count("catch"); clauses > 0; clauses--) Skip(ref code, code.Byte("catch kind") < 2 ? 2 : 1);
                break;
            case >= 0x28 and <= 0x3e:
                SkipMemoryArgument(ref code);
                break;
            case 0x41: code.S33("i32.const"); break;
            case 0x42: code.S64("i64.const"); break;
            case 0x43: code.Slice(4, "f32.const"); break;
            case 0x44: code.Slice(8, "f64.const"); break;
            case 0xfb: SkipGarbageCollection(ref code); break;
            case 0xfc:
                Skip(ref code, code.U32("instruction") switch { <= 7 or (>= 19 and <= 22) => 0, 8 or 10 or 12 or 14 => 2, _ => 1 });
                break;
            case 0xfd: SkipVector(ref code); break;
            case 0xfe:
                if (code.U32("atomic instruction") == 3) code.Byte("reserved");
                else SkipMemoryArgument(ref code);
                break;
            case 0x00 or 0x01 or 0x05 or 0x0a or 0x0b or 0x0f or 0x19 or 0x1a or 0x1b or (>= 0x45 and <= 0xc4) or 0xd1 or 0xd3 or 0xd4:
                break;
            case var unknown: throw new WasmFormatException($"unknown instruction 0x{unknown:x2}", at);
        }

        return null;
    }

    private static void Skip(ref WasmCursor code, int indices)
    {
        for (; indices > 0; indices--) code.U32("index");
    }

    private static void SkipMemoryArgument(ref WasmCursor code)
    {
        // With several memories, a bit of the alignment says that an index follows.
        if ((code.U32("alignment") & 0x40) != 0) code.U32("memory index");
        code.U64("offset");
    }

    /// <summary>The declarations of locals that a function's code begins with.</summary>
    public static void SkipLocals(ref WasmCursor code)
    {
        for (var locals = code.Count("local"); locals > 0; locals--)
        {
            code.U32("local count");
            SkipValueType(ref code);
        }
    }

    /// <summary>A value type, of any form.</summary>
    public static void SkipValueType(ref WasmCursor code)
    {
        if (code.Peek("type") is 0x63 or 0x64) code.Byte("reference type");
        code.S33("type");
    }

    private static void SkipVector(ref WasmCursor code)
    {
        switch (code.U32("vector instruction"))
        {
            case <= 11 or 92 or 93:
                SkipMemoryArgument(ref code);
                break;
            case 12 or 13:
                code.Slice(16, "lanes");
                break;
            case >= 21 and <= 34:
                code.Byte("lane");
                break;
            case >= 84 and <= 91:
                SkipMemoryArgument(ref code);
                code.Byte("lane");
                break;
        }
    }

    private static void SkipGarbageCollection(ref WasmCursor code)
    {
        switch (code.U32("instruction"))
        {
            case 15 or (>= 26 and <= 30): break;
            case (>= 2 and <= 5) or 8 or 9 or 10 or (>= 17 and <= 19):
                Skip(ref code, 2);
                break;
            case >= 20 and <= 23:
                code.S33("heap type");
                break;
            case 24 or 25:
                code.Byte("cast flags");
                code.U32("label");
                code.S33("heap type");
                code.S33("heap type");
                break;
            default:
                code.U32("index");
                break;
        }
    }
}
