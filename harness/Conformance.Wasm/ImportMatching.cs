namespace Conformance.Wasm;

/// <summary>Whether what is given fulfils an import.</summary>
/// <seealso href="https://webassembly.github.io/spec/core/valid/matching.html"/>
public static class ImportMatching
{
    /// <param name="given">What is provided under the import's name.</param>
    /// <param name="wanted">What the module declares.</param>
    public static bool Fits(ExternType given, ExternType wanted) => (given, wanted) switch
    {
        (MemoryType memory, MemoryType want) => Fits(memory.Limits, want.Limits)
            && (memory.Shared, memory.PageSizeLog2) == (want.Shared, want.PageSizeLog2),
        (TableType table, TableType want) => Fits(table.Limits, want.Limits)
            && (table.Element, table.Shared) == (want.Element, want.Shared),
        _ => given == wanted,
    };

    /// <summary>As large as is asked for, and never larger than is allowed.</summary>
    private static bool Fits(Limits given, Limits wanted) =>
        given.Is64Bit == wanted.Is64Bit && given.Minimum >= wanted.Minimum && (wanted.Maximum is not { } most || given.Maximum <= most);
}
