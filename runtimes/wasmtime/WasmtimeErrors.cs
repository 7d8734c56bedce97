using System.Text.RegularExpressions;
using Conformance.Model.Observations;
using Wasmtime;

namespace Conformance.Runtimes.Wasmtime;

/// <summary>Wasmtime's words and trap codes by the normalised ones; traps have the names of the specification's tests.</summary>
internal static partial class WasmtimeErrors
{
    public static string CodeOfTrap(TrapException trap) => trap.Type switch
    {
        TrapCode.Unreachable => Trap.Unreachable.Code,
        TrapCode.StackOverflow => Trap.CallStackExhausted.Code,
        TrapCode.MemoryOutOfBounds => Trap.MemoryOutOfBounds.Code,
        TrapCode.TableOutOfBounds => Trap.UndefinedElement.Code,
        TrapCode.IndirectCallToNull => Trap.UninitializedElement.Code,
        TrapCode.BadSignature => Trap.IndirectCallTypeMismatch.Code,
        TrapCode.IntegerOverflow => Trap.IntegerOverflow.Code,
        TrapCode.IntegerDivisionByZero => Trap.IntegerDivideByZero.Code,
        TrapCode.BadConversionToInteger => Trap.InvalidConversion.Code,
        _ => CodeOfRunError(trap.Message),
    };

    public static string CodeOfLinkError(string text) =>
        Has(text, "unknown import") ? OutcomeCodes.UnknownImport
        : Kind().IsMatch(text) ? OutcomeCodes.IncompatibleKind
        : Limits().IsMatch(text) ? OutcomeCodes.IncompatibleLimits
        : Has(text, "incompatible import type") || Has(text, "types incompatible") ? OutcomeCodes.IncompatibleType
        : Has(text, "exceeds memory limits") ? OutcomeCodes.ResourceExhausted
        : OutcomeCodes.Unmapped;

    /// <summary>What WASI's functions refuse.</summary>
    public static string CodeOfRunError(string text) =>
        Has(text, "exit with invalid exit status") ? OutcomeCodes.InvalidExit
        : Has(text, "missing required memory export") ? OutcomeCodes.NoMemory
        : OutcomeCodes.Unmapped;

    [GeneratedRegex(@"expected (func|global|memory|table|tag), but found")]
    private static partial Regex Kind();

    [GeneratedRegex(@"expected (memory|table) limits \(")]
    private static partial Regex Limits();

    private static bool Has(string text, string words) => text.Contains(words, StringComparison.Ordinal);
}
