using System.Collections.Immutable;
using static Conformance.Wasm.WasmEncoding;

namespace Conformance.Wasm;

/// <summary>
/// The proposals that came after WebAssembly 1.0, by the names that the proposals' own repositories have, each with a small command that
/// uses it and does nothing else: a runtime that refuses to compile that has not got the proposal.
/// </summary>
/// <seealso href="https://webassembly.org/features/"/>
public static class Proposals
{
    private static readonly byte[] Drop = [0x1a];

    private static readonly byte[] ZeroVector = [0xfd, 0x0c, .. new byte[16]];

    private static readonly ImmutableSortedDictionary<string, byte[]> Modules = new Dictionary<string, byte[]>
    {
        ["bulk-memory"] = Command([0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0b, 0]), // memory.fill
        ["exception-handling"] = Command([0x1f, 0x40, 0, 0x0b]), // try_table
        ["extended-const"] = Command([], globals: [1, 0x7f, 0, 0x41, 1, 0x41, 1, 0x6a, 0x0b]), // a global that begins with 1 + 1
        ["function-references"] = Command([], locals: [1, 1, 0x63, 0]), // a local of type (ref null 0)
        ["gc"] = Command([0xfb, 1, 1, .. Drop], types: [[0x5f, 0]]), // struct.new_default
        ["memory64"] = Command([], memories: [[0x04, 1]]),
        ["multi-memory"] = Command([], memories: [[0, 1], [0, 1]]),
        ["multi-value"] = Command([0x02, 1, 0x41, 0, 0x41, 0, 0x0b, .. Drop, .. Drop], types: [[0x60, 0, 2, 0x7f, 0x7f]]),
        // a block of type () -> (i32, i32)
        ["mutable-globals"] = Command([], globals: [1, 0x7f, 1, 0x41, 0, 0x0b], exportsGlobal: true),
        ["reference-types"] = Command([0xd0, 0x6f, .. Drop]), // ref.null extern
        ["relaxed-simd"] = Command([.. ZeroVector, .. ZeroVector, 0xfd, 0x80, 0x02, .. Drop]), // i8x16.relaxed_swizzle
        ["saturating-float-to-int"] = Command([0x43, 0, 0, 0, 0, 0xfc, 0, .. Drop]), // i32.trunc_sat_f32_s
        ["sign-extension"] = Command([0x41, 0, 0xc0, .. Drop]), // i32.extend8_s
        ["simd"] = Command([.. ZeroVector, .. Drop]),
        ["tail-call"] = Command([0x12, 1]), // return_call of the other function
        ["threads"] = Command([0x41, 0, 0xfe, 0x10, 2, 0, .. Drop], memories: [[0x03, 1, 1]]), // i32.atomic.load of a shared memory
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>Names that engines have for proposals, in small letters with hyphens, where they are not the proposals' own.</summary>
    private static readonly ImmutableSortedDictionary<string, string> Aliases = new Dictionary<string, string>
    {
        ["atomics"] = "threads",
        ["bulk-memory-operations"] = "bulk-memory",
        ["eh"] = "exception-handling",
        ["exceptions"] = "exception-handling",
        ["exnref"] = "exception-handling",
        ["legacy-eh"] = "legacy-exceptions",
        ["multiple-memories"] = "multi-memory",
        ["mutable-global"] = "mutable-globals",
        ["mv"] = "multi-value",
        ["nontrapping-float-to-int-conversion"] = "saturating-float-to-int",
        ["nontrapping-float-to-int"] = "saturating-float-to-int",
        ["reftypes"] = "reference-types",
        ["return-call"] = "tail-call",
        ["sat-f2i-conversions"] = "saturating-float-to-int",
        ["saturating-float-to-int-conversions"] = "saturating-float-to-int",
        ["se"] = "sign-extension",
        ["shared-memory"] = "threads",
        ["sign-extension-operations"] = "sign-extension",
        ["sign-extension-ops"] = "sign-extension",
        ["stringref"] = "function-references", // V8 11's word for what it takes a typed reference to be
        ["tail-calls"] = "tail-call",
        ["typed-funcref"] = "function-references",
        ["wasmfx"] = "stack-switching",
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>The names of those that there is a command for, sorted.</summary>
    public static ImmutableArray<string> Names { get; } = [.. Modules.Keys];

    /// <summary>All names that an engine's words may be about, sorted: some proposals are not asked about.</summary>
    public static ImmutableArray<string> Known { get; } = [.. Modules.Keys.Concat(["compact-imports", "custom-descriptors",
        "custom-page-sizes", "legacy-exceptions", "memory-control", "shared-everything-threads", "stack-switching", "wide-arithmetic"])
        .Order(StringComparer.Ordinal)];

    /// <summary>Every name that a proposal has, in small letters with hyphens, and the proposal.</summary>
    public static ImmutableSortedDictionary<string, string> ByName { get; } = Aliases.AddRange(Known.ToDictionary(name => name));

    /// <summary>The proposal that an engine has some name for, such as <c>bulk memory</c>, or null.</summary>
    public static string? Named(string words) =>
        ByName.GetValueOrDefault(words.Trim().ToLowerInvariant().Replace(' ', '-').Replace('_', '-'));

    /// <summary>
    /// The proposals that brought instructions: the first and the last opcode of each row. Of those of two parts, the first is in the upper
    /// sixteen bits.
    /// </summary>
    /// <seealso href="https://webassembly.github.io/spec/core/appendix/index-instructions.html"/>
    public static ImmutableArray<(uint First, uint Last, string Proposal)> Opcodes { get; } =
    [
        (0x06, 0x07, "legacy-exceptions"), (0x08, 0x08, "exception-handling"), (0x09, 0x09, "legacy-exceptions"),
        (0x0a, 0x0a, "exception-handling"), (0x12, 0x13, "tail-call"), (0x14, 0x15, "function-references"),
        (0x18, 0x19, "legacy-exceptions"), (0x1c, 0x1c, "reference-types"), (0x1f, 0x1f, "exception-handling"),
        (0x25, 0x26, "reference-types"), (0xc0, 0xc4, "sign-extension"), (0xd0, 0xd2, "reference-types"), (0xd3, 0xd3, "gc"),
        (0xd4, 0xd6, "function-references"), (0xe0, 0xe6, "stack-switching"), (0xfb_0000, 0xfb_ffff, "gc"),
        (0xfc_0000, 0xfc_0007, "saturating-float-to-int"), (0xfc_0008, 0xfc_000e, "bulk-memory"),
        (0xfc_000f, 0xfc_0011, "reference-types"), (0xfc_0012, 0xfc_0012, "memory-control"), (0xfc_0013, 0xfc_0016, "wide-arithmetic"),
        (0xfd_0000, 0xfd_00ff, "simd"), (0xfd_0100, 0xfd_ffff, "relaxed-simd"), (0xfe_0000, 0xfe_ffff, "threads"),
    ];

    /// <summary>
    /// The proposal that brought an instruction; null where WebAssembly 1.0 has it, or nothing that is known here.
    /// </summary>
    /// <param name="opcode">The opcode's first byte.</param>
    /// <param name="sub">The second part of those that have one; null where it is not known.</param>
    public static string? ByOpcode(byte opcode, uint? sub)
    {
        var hasParts = opcode is >= 0xfb and <= 0xfe;
        if (hasParts && (sub > 0xffff || (sub is null && opcode == 0xfc))) return null;
        var number = hasParts ? ((uint)opcode << 16) | (sub ?? 0) : opcode;
        return Opcodes.FirstOrDefault(row => row.First <= number && number <= row.Last).Proposal;
    }

    /// <summary>The proposal that has a bit in the flags of a memory's or a table's limits; null where they are of none.</summary>
    /// <seealso href="https://webassembly.github.io/spec/core/binary/types.html#limits"/>
    public static string? ByLimits(byte flags) => flags > 0x0f ? null
        : (flags & 8) != 0 ? "custom-page-sizes" : (flags & 4) != 0 ? "memory64" : (flags & 2) != 0 ? "threads" : null;

    /// <summary>The proposal that brought a type, by the byte that it begins with; null where WebAssembly 1.0 has it.</summary>
    /// <seealso href="https://webassembly.github.io/spec/core/binary/types.html"/>
    public static string? ByType(byte type) => type switch
    {
        0x7b => "simd",
        0x6f or 0x70 => "reference-types",
        0x63 or 0x64 => "function-references",
        0x69 or 0x74 => "exception-handling",
        0x4e or 0x4f or 0x50 or 0x5e or 0x5f or 0x77 or 0x78 or (>= 0x6a and <= 0x6e) or (>= 0x71 and <= 0x73) => "gc",
        0x5d or 0x68 or 0x75 => "stack-switching",
        0x4c or 0x4d or 0x62 => "custom-descriptors",
        _ => null,
    };

    /// <summary>The bytes of a command that uses one proposal; it exports <c>_start</c> and a memory, and imports nothing.</summary>
    /// <exception cref="KeyNotFoundException">There is no such name.</exception>
    public static byte[] ModuleThatUses(string proposal) => Modules[proposal];

    /// <summary>A module with two functions of type () -> (): <c>_start</c>, with a body, and one that does nothing.</summary>
    private static byte[] Command(byte[] body, byte[][]? types = null,
        byte[][]? memories = null, byte[]? globals = null, byte[]? locals = null, bool exportsGlobal = false)
    {
        byte[] code = [.. locals ?? [0], .. body, 0x0b];
        return
        [
            .. Preamble,
            .. Section(1, Vector([[0x60, 0, 0], .. types ?? []], type => type)),
            .. Section(3, [2, 0, 0]),
            .. Section(5, Vector(memories ?? [[0, 1]], memory => memory)),
            .. globals is null ? [] : Section(6, globals),
            .. Section(7, [(byte)(exportsGlobal ? 3 : 2), .. Name("memory"),
                2, 0, .. Name("_start"), 0, 0, .. exportsGlobal ? (byte[])[.. Name("global"), 3, 0] : []]),
            .. Section(10, [2, .. Unsigned((ulong)code.Length), .. code, 2, 0, 0x0b]),
        ];
    }
}
