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
    /// Of a module that is not loaded: not valid, or of a time after the library's, which to it is the same. Imports are looked at here
    /// too.
    /// </summary>
    /// <param name="text">The words.</param>
    /// <param name="imports">Whether the module has any: for a type of table that it does not know, WAMR says that of an import.</param>
    public static string CodeOfLoadError(string text, bool imports) =>
        Has(text, "incompatible import type") && imports ? OutcomeCodes.IncompatibleType
        : Has(text, "unknown import") ? OutcomeCodes.UnknownImport
        : Has(text, "must export memory") ? OutcomeCodes.NoMemory
        : Has(text, "allocate memory failed") ? OutcomeCodes.ResourceExhausted
        : UnknownOpcode().Match(text) is { Success: true } opcode && Proposal(opcode) is { } proposal ? OutcomeCodes.Unsupported(proposal)
        : OutcomeCodes.Malformed;

    private static string? Proposal(Match opcode) => Proposals.OfOpcode(Convert.ToByte(opcode.Groups["opcode"].Value, 16),
        opcode.Groups["sub"] is { Success: true } sub ? Convert.ToUInt32(sub.Value, 16) : null);

    public static string CodeOfInstantiationError(string text) =>
        Has(text, "allocate") || Has(text, "out of memory") || Has(text, "mmap") ? OutcomeCodes.ResourceExhausted : OutcomeCodes.Unmapped;

    [GeneratedRegex("unsupported opcode (?<opcode>[0-9a-f]{2})( (?<sub>[0-9a-f]{2}))?")]
    private static partial Regex UnknownOpcode();

    private static bool Has(string text, string words) => text.Contains(words, StringComparison.Ordinal);
}
