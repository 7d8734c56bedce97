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
    /// The proposal that brought an instruction, by its opcode; null where WebAssembly 1.0 has it, or nothing that is known here.
    /// </summary>
    /// <param name="opcode">The first byte.</param>
    /// <param name="sub">What follows 0xfb, 0xfc, 0xfd or 0xfe, where that is known.</param>
    /// <seealso href="https://webassembly.github.io/spec/core/appendix/index-instructions.html"/>
    public static string? OfOpcode(byte opcode, uint? sub) => (opcode, sub) switch
    {
        (0x06 or 0x07 or 0x09 or 0x18 or 0x19, _) => "legacy-exceptions",
        (0x08 or 0x0a or 0x1f, _) => "exception-handling",
        (0x12 or 0x13, _) => "tail-call",
        (0x14 or 0x15 or 0xd4 or 0xd5 or 0xd6, _) => "function-references",
        (0x1c or 0x25 or 0x26 or 0xd0 or 0xd1 or 0xd2, _) => "reference-types",
        (>= 0xc0 and <= 0xc4, _) => "sign-extension",
        (>= 0xe0 and <= 0xe6, _) => "stack-switching",
        (0xd3 or 0xfb, _) => "gc",
        (0xfc, <= 0x07) => "saturating-float-to-int",
        (0xfc, <= 0x0e) => "bulk-memory",
        (0xfc, <= 0x11) => "reference-types",
        (0xfc, 0x12) => "memory-control",
        (0xfc, >= 0x13 and <= 0x16) => "wide-arithmetic",
        (0xfd, >= 0x100) => "relaxed-simd",
        (0xfd, _) => "simd",
        (0xfe, _) => "threads",
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
