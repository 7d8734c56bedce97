using System.Text.RegularExpressions;
using Conformance.Model.Observations;
using Wasmtime;

namespace Conformance.Runtimes.Wasmtime;

/// <summary>Wasmtime's words and trap codes by the normalised ones; traps have the names of the specification's tests.</summary>
internal static partial class Words
{
    public static string Trap(TrapException trap) => trap.Type switch
    {
        TrapCode.Unreachable => OutcomeCodes.Trap(Traps.Unreachable),
        TrapCode.StackOverflow => OutcomeCodes.Trap(Traps.CallStackExhausted),
        TrapCode.MemoryOutOfBounds => OutcomeCodes.Trap(Traps.MemoryOutOfBounds),
        TrapCode.TableOutOfBounds => OutcomeCodes.Trap(Traps.UndefinedElement),
        TrapCode.IndirectCallToNull => OutcomeCodes.Trap(Traps.UninitializedElement),
        TrapCode.BadSignature => OutcomeCodes.Trap(Traps.IndirectCallTypeMismatch),
        TrapCode.IntegerOverflow => OutcomeCodes.Trap(Traps.IntegerOverflow),
        TrapCode.IntegerDivisionByZero => OutcomeCodes.Trap(Traps.IntegerDivideByZero),
        TrapCode.BadConversionToInteger => OutcomeCodes.Trap(Traps.InvalidConversion),
        _ => Run(trap.Message),
    };

    public static string Link(string text) =>
        Has(text, "unknown import") ? OutcomeCodes.UnknownImport
        : Kind().IsMatch(text) ? OutcomeCodes.IncompatibleKind
        : Limits().IsMatch(text) ? OutcomeCodes.IncompatibleLimits
        : Has(text, "incompatible import type") || Has(text, "types incompatible") ? OutcomeCodes.IncompatibleType
        : Has(text, "exceeds memory limits") ? OutcomeCodes.ResourceExhausted
        : OutcomeCodes.Unmapped;

    /// <summary>What WASI's functions refuse.</summary>
    public static string Run(string text) =>
        Has(text, "exit with invalid exit status") ? OutcomeCodes.InvalidExit
        : Has(text, "missing required memory export") ? OutcomeCodes.NoMemory
        : OutcomeCodes.Unmapped;

    [GeneratedRegex(@"expected (func|global|memory|table|tag), but found")]
    private static partial Regex Kind();

    [GeneratedRegex(@"expected (memory|table) limits \(")]
    private static partial Regex Limits();

    private static bool Has(string text, string words) => text.Contains(words, StringComparison.Ordinal);
}
