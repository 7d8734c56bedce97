using Conformance.Model.Observations;
using Wasmtime;

namespace Conformance.Runtimes.Wasmtime;

/// <summary>Wasmtime's trap codes by the names that the specification's tests give the traps.</summary>
internal static class TrapCodes
{
    public static string Code(TrapCode code) => code switch
    {
        TrapCode.Unreachable => OutcomeCodes.Trap("unreachable"),
        TrapCode.StackOverflow => OutcomeCodes.Trap("call stack exhausted"),
        TrapCode.MemoryOutOfBounds => OutcomeCodes.Trap("out of bounds memory access"),
        TrapCode.TableOutOfBounds => OutcomeCodes.Trap("undefined element"),
        TrapCode.IndirectCallToNull => OutcomeCodes.Trap("uninitialized element"),
        TrapCode.BadSignature => OutcomeCodes.Trap("indirect call type mismatch"),
        TrapCode.IntegerOverflow => OutcomeCodes.Trap("integer overflow"),
        TrapCode.IntegerDivisionByZero => OutcomeCodes.Trap("integer divide by zero"),
        TrapCode.BadConversionToInteger => OutcomeCodes.Trap("invalid conversion to integer"),
        _ => OutcomeCodes.Unmapped,
    };
}

/// <summary>Wasmtime's link errors by what they begin with.</summary>
internal static class LinkCodes
{
    public static string Code(string text) =>
        text.Contains("unknown import", StringComparison.Ordinal) ? OutcomeCodes.UnknownImport
        : text.Contains("incompatible import type", StringComparison.Ordinal) || text.Contains("types incompatible", StringComparison.Ordinal) ? OutcomeCodes.IncompatibleType
        : OutcomeCodes.Unmapped;
}
