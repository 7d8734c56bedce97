using Conformance.Model.Observations;
using Conformance.Runtimes.Hosting;

namespace Conformance.Runtimes.Lucet;

/// <summary>Lucet's words and trap codes by the normalised ones.</summary>
internal static class Words
{
    public static string Trap(LucetLibrary.TrapCode trap) => trap switch
    {
        LucetLibrary.TrapCode.StackOverflow => OutcomeCodes.Trap(Traps.CallStackExhausted),
        LucetLibrary.TrapCode.HeapOutOfBounds or LucetLibrary.TrapCode.OutOfBounds => OutcomeCodes.Trap(Traps.MemoryOutOfBounds),
        LucetLibrary.TrapCode.TableOutOfBounds => OutcomeCodes.Trap(Traps.UndefinedElement),
        LucetLibrary.TrapCode.IndirectCallToNull => OutcomeCodes.Trap(Traps.UninitializedElement),
        LucetLibrary.TrapCode.BadSignature => OutcomeCodes.Trap(Traps.IndirectCallTypeMismatch),
        LucetLibrary.TrapCode.IntegerOverflow => OutcomeCodes.Trap(Traps.IntegerOverflow),
        LucetLibrary.TrapCode.IntegerDivisionByZero => OutcomeCodes.Trap(Traps.IntegerDivideByZero),
        LucetLibrary.TrapCode.BadConversionToInteger => OutcomeCodes.Trap(Traps.InvalidConversion),
        LucetLibrary.TrapCode.User => OutcomeCodes.Trap(Traps.Unreachable),
        _ => OutcomeCodes.Unmapped,
    };

    /// <summary>Of a module that <c>lucetc</c> refuses.</summary>
    public static string Compile(string text) =>
        Has(text, "Unknown module for symbol") || Has(text, "Unknown symbol") || Has(text, "declared but not defined") ? OutcomeCodes.UnknownImport
        : Has(text, "Wasm validation") ? ValidatorWords.Code(text)
        : Has(text, "nsupported") ? OutcomeCodes.UnsupportedFeature
        : OutcomeCodes.Unmapped;

    /// <summary>Of an instance that is not made, by the error's name.</summary>
    public static string Instantiate(string text) => Has(text, "limits_exceeded") || Has(text, "region_full") ? OutcomeCodes.ResourceExhausted : OutcomeCodes.Unmapped;

    private static bool Has(string text, string words) => text.Contains(words, StringComparison.Ordinal);
}
