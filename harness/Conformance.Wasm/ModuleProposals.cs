namespace Conformance.Wasm;

/// <summary>
/// Which proposal a module uses, where an engine says only what it stopped at: in the first section, memory or type that WebAssembly 1.0
/// has not. Null where there is none, and where the bytes can't be read.
/// </summary>
/// <seealso href="https://webassembly.github.io/spec/core/binary/modules.html"/>
public static class ModuleProposals
{
    private const byte Function = 0x60;

    /// <summary>By the number of a section.</summary>
    public static string? InSections(byte[] module) => Read(module, sections =>
        sections.Ids.FirstOrDefault(id => id > WasmSections.Data) switch
        {
            WasmSections.DataCount => "bulk-memory",
            WasmSections.Tags => "exception-handling",
            _ => null,
        });

    /// <summary>By the flags of a memory's limits, imported or its own.</summary>
    public static string? InMemories(byte[] module) =>
        WasmInterfaceReader.TryRead(module)?.Imports.Select(import => import.Type).OfType<MemoryType>().Select(ByMemory)
            .FirstOrDefault(proposal => proposal is not null)
        ?? Read(module, sections =>
        {
            if (sections[WasmSections.Memories] is not { } content) return null;
            var section = new WasmCursor(content);
            // Of several, the others are a proposal by themselves.
            return section.Count("memory") == 0 ? null : Proposals.ByLimits(section.Byte("limits flags"));
        });

    /// <summary>By what a type begins with.</summary>
    public static string? InTypes(byte[] module) => Read(module, sections =>
    {
        if (sections[WasmSections.Types] is not { } content) return null;
        var section = new WasmCursor(content);
        for (var remaining = section.Count("type"); remaining > 0; remaining--)
        {
            var form = section.Byte("type");
            if (form != Function) return Proposals.ByType(form);
            for (var part = 0; part < 2; part++)
            {
                for (var values = section.Count("value type"); values > 0; values--) InstructionReader.SkipValueType(ref section);
            }
        }

        return null;
    });

    private static string? ByMemory(MemoryType memory) => memory switch
    {
        { PageSizeLog2: not 16 } => "custom-page-sizes",
        { Limits.Is64Bit: true } => "memory64",
        { Shared: true } => "threads",
        _ => null,
    };

    private static string? Read(byte[] module, Func<WasmSections, string?> find)
    {
        try
        {
            return find(new WasmSections(module));
        }
        catch (WasmFormatException)
        {
            return null;
        }
    }
}
