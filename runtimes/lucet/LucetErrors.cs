using System.Text.RegularExpressions;
using Conformance.Model.Observations;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;

namespace Conformance.Runtimes.Lucet;

/// <summary>Lucet's words and trap codes by the normalised ones.</summary>
internal static partial class LucetErrors
{
    private static readonly ErrorTable CompileErrors = new(
        ("Unknown module for symbol|Unknown symbol|declared but not defined", OutcomeCodes.UnknownImport),
            ("nsupported", OutcomeCodes.UnsupportedFeature),
        // Its panic at a section that its validation knows and it does not: the count of data segments.
        (@"entered unreachable code', src/compiler\.rs", OutcomeCodes.Unsupported("bulk-memory")));

    private static readonly ErrorTable InstantiationErrors = new(("limits_exceeded|region_full", OutcomeCodes.ResourceExhausted));

    public static string CodeOfTrap(LucetLibrary.TrapCode trap) => trap switch
    {
        LucetLibrary.TrapCode.StackOverflow => Trap.CallStackExhausted.Code,
        LucetLibrary.TrapCode.HeapOutOfBounds or LucetLibrary.TrapCode.OutOfBounds => Trap.MemoryOutOfBounds.Code,
        LucetLibrary.TrapCode.TableOutOfBounds => Trap.UndefinedElement.Code,
        LucetLibrary.TrapCode.IndirectCallToNull => Trap.UninitializedElement.Code,
        LucetLibrary.TrapCode.BadSignature => Trap.IndirectCallTypeMismatch.Code,
        LucetLibrary.TrapCode.IntegerOverflow => Trap.IntegerOverflow.Code,
        LucetLibrary.TrapCode.IntegerDivisionByZero => Trap.IntegerDivideByZero.Code,
        LucetLibrary.TrapCode.BadConversionToInteger => Trap.InvalidConversion.Code,
        LucetLibrary.TrapCode.User => Trap.Unreachable.Code,
        _ => OutcomeCodes.Unmapped,
    };

    /// <summary>What <c>lucetc</c> says of an import where its bindings have nothing of the import's module.</summary>
    public static string UnknownModule(WasmImport import) =>
        $"Error: Lucet Module: Unknown module for symbol `{import.Module}::{import.Name}";

    /// <summary>
    /// Of a module that <c>lucetc</c> refuses. What it does not know it names by its place, where the module has what it is.
    /// </summary>
    public static string CodeOfCompileError(LucetException e)
    {
        if (!e.Message.Contains("Wasm validation", StringComparison.Ordinal)) return CompileErrors.CodeOf(e.Message);
        var code = ErrorTable.Validation.CodeOf(e.Message);
        return code == OutcomeCodes.Malformed && ProposalAt(e.Message, e.Module ?? []) is { } proposal
            ? OutcomeCodes.Unsupported(proposal) : code;
    }

    private static string? ProposalAt(string text, byte[] module)
    {
        if (text.Contains("Invalid section code", StringComparison.Ordinal)) return ModuleProposals.InSections(module);
        var match = Unknown().Match(text);
        if (!int.TryParse(match.Groups["offset"].Value, out var at) || at >= module.Length) return null;
        return match.Groups["what"].Value switch
        {
            "opcode" => Proposals.ByOpcode(module[at], at + 1 < module.Length ? module[at + 1] : null),
            "type" => Proposals.ByType(module[at]),
            _ => Proposals.ByLimits(module[at]),
        };
    }

    [GeneratedRegex(@"(Unknown (?<what>opcode)|Invalid (?<what>type)|invalid table resizable (?<what>limits) flags) \(at offset (?<offset>\d+)\)")]
    private static partial Regex Unknown();

    /// <summary>Of an instance that is not made, by the error's name.</summary>
    public static string CodeOfInstantiationError(string text) => InstantiationErrors.CodeOf(text);
}
