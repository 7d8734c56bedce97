using Conformance.Model.Observations;

namespace Conformance.Runtimes.Wamr;

/// <summary>WAMR's words by the normalised codes.</summary>
internal static class Words
{
    private const string Exception = "Exception: ";

    private static readonly (string Words, string Trap)[] Exceptions =
    [
        (Traps.Unreachable, Traps.Unreachable),
        (Traps.IntegerDivideByZero, Traps.IntegerDivideByZero),
        (Traps.IntegerOverflow, Traps.IntegerOverflow),
        (Traps.InvalidConversion, Traps.InvalidConversion),
        (Traps.MemoryOutOfBounds, Traps.MemoryOutOfBounds),
        // A guest with no memory at all.
        ("uninitialized memory", Traps.MemoryOutOfBounds),
        (Traps.UndefinedElement, Traps.UndefinedElement),
        (Traps.UninitializedElement, Traps.UninitializedElement),
        (Traps.IndirectCallTypeMismatch, Traps.IndirectCallTypeMismatch),
        ("stack overflow", Traps.CallStackExhausted),
        ("failed to call unlinked import function", Traps.UnlinkedImport),
    ];

    /// <summary>How 2.x says that the guest called <c>proc_exit</c>.</summary>
    public const string ProcExit = "wasi proc exit";

    public static string Trap(string text) => Exceptions.FirstOrDefault(trap => text.Contains(trap.Words, StringComparison.Ordinal)) is { Trap: { } name } ? OutcomeCodes.Trap(name) : OutcomeCodes.Unmapped;

    /// <summary>Whether an instantiation failed by code that ran: the start function's.</summary>
    public static bool IsExecution(string text) => text.Contains(Exception, StringComparison.Ordinal) && Trap(text) != OutcomeCodes.Unmapped;

    /// <summary>Of a module that is not loaded: not valid, or of a time after the library's, which to it is the same. Imports are looked at here too.</summary>
    public static string Load(string text) =>
        Has(text, "incompatible import type") ? OutcomeCodes.IncompatibleType
        : Has(text, "unknown import") ? OutcomeCodes.UnknownImport
        : Has(text, "must export memory") ? OutcomeCodes.NoMemory
        : Has(text, "allocate memory failed") ? OutcomeCodes.ResourceExhausted
        : OutcomeCodes.Malformed;

    public static string Instantiate(string text) => Has(text, "allocate") || Has(text, "out of memory") || Has(text, "mmap") ? OutcomeCodes.ResourceExhausted : OutcomeCodes.Unmapped;

    private static bool Has(string text, string words) => text.Contains(words, StringComparison.Ordinal);
}
