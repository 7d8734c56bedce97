using System.Text.RegularExpressions;
using Conformance.Model.Observations;
using Conformance.Wasm;

namespace Conformance.Runtimes.Wamr;

/// <summary>WAMR's words by the normalised codes.</summary>
internal static partial class WamrErrors
{
    private const string Exception = "Exception: ";

    /// <summary>How 2.x says that the guest called <c>proc_exit</c>.</summary>
    public const string ProcExit = "wasi proc exit";

    /// <summary>Its traps have the names of the specification's tests, or others that are known.</summary>
    public static string CodeOfTrap(string text) => Trap.Named(text)?.Code ?? OutcomeCodes.Unmapped;

    /// <summary>Whether an instantiation failed by code that ran, the start function's, or by a segment, which is a trap as well.</summary>
    public static bool IsExecution(string text) =>
        (Has(text, Exception) && Trap.Named(text) is not null) || Has(text, "segment does not fit");

    /// <summary>
    /// Of a module that is not loaded: not valid, or of a time after the library's. It has no names for proposals, but for what it does not
    /// know: an opcode, a type, or a section, which the module has. Imports are looked at here too.
    /// </summary>
    public static string CodeOfLoadError(WamrException e)
    {
        var (text, module) = (e.Message, e.Module ?? []);
        // It says that of an import for a type of table that it does not know, too.
        if (Has(text, "incompatible import type") && WasmInterfaceReader.TryRead(module)?.Imports.IsEmpty == false)
            return OutcomeCodes.IncompatibleType;
        if (Has(text, "unknown import")) return OutcomeCodes.UnknownImport;
        if (Has(text, "must export memory")) return OutcomeCodes.NoMemory;
        if (Has(text, "allocate memory failed")) return OutcomeCodes.ResourceExhausted;
        var proposal = Has(text, "multiple memories") ? "multi-memory"
            : Has(text, "invalid section id") ? ModuleProposals.InSections(module)
            : Has(text, "invalid type flag") ? ModuleProposals.InTypes(module)
            // It takes the flags of limits for a number of one bit.
            : Has(text, "integer too large") ? ModuleProposals.InMemories(module)
            : UnknownOpcode().Match(text) is { Success: true } opcode ? Proposal(opcode)
            : UnknownType().Match(text) is { Success: true } type ? Proposals.ByType(Convert.ToByte(type.Groups["type"].Value, 16))
            : null;
        return proposal is null ? OutcomeCodes.Malformed : OutcomeCodes.Unsupported(proposal);
    }

    private static string? Proposal(Match opcode) => Proposals.ByOpcode(Convert.ToByte(opcode.Groups["opcode"].Value, 16),
        opcode.Groups["sub"] is { Success: true } sub ? Convert.ToUInt32(sub.Value, 16) : null);

    public static string CodeOfInstantiationError(string text) =>
        Has(text, "allocate") || Has(text, "out of memory") || Has(text, "mmap") ? OutcomeCodes.ResourceExhausted : OutcomeCodes.Unmapped;

    [GeneratedRegex("unsupported opcode (?<opcode>[0-9a-f]{2})( (?<sub>[0-9a-f]{2}))?")]
    private static partial Regex UnknownOpcode();

    [GeneratedRegex("invalid local type 0x(?<type>[0-9a-f]{2})")]
    private static partial Regex UnknownType();

    private static bool Has(string text, string words) => text.Contains(words, StringComparison.Ordinal);
}
