using Conformance.Model.Observations;

namespace Conformance.Runtimes.Wamr;

/// <summary>WAMR's words by the normalised codes.</summary>
internal static class WamrErrors
{
    private const string Exception = "Exception: ";

    private static readonly (string Words, Trap Trap)[] Exceptions =
    [
        (Trap.Unreachable.Name, Trap.Unreachable),
        (Trap.IntegerDivideByZero.Name, Trap.IntegerDivideByZero),
        (Trap.IntegerOverflow.Name, Trap.IntegerOverflow),
        (Trap.InvalidConversion.Name, Trap.InvalidConversion),
        (Trap.MemoryOutOfBounds.Name, Trap.MemoryOutOfBounds),
        // A guest with no memory at all.
        ("uninitialized memory", Trap.MemoryOutOfBounds),
        (Trap.UndefinedElement.Name, Trap.UndefinedElement),
        (Trap.UninitializedElement.Name, Trap.UninitializedElement),
        (Trap.IndirectCallTypeMismatch.Name, Trap.IndirectCallTypeMismatch),
        ("stack overflow", Trap.CallStackExhausted),
        ("failed to call unlinked import function", Trap.UnlinkedImport),
    ];

    /// <summary>How 2.x says that the guest called <c>proc_exit</c>.</summary>
    public const string ProcExit = "wasi proc exit";

    public static string CodeOfTrap(string text) =>
        Exceptions.FirstOrDefault(trap => text.Contains(trap.Words, StringComparison.Ordinal)).Trap?.Code ?? OutcomeCodes.Unmapped;

    /// <summary>Whether an instantiation failed by code that ran: the start function's.</summary>
    public static bool IsExecution(string text) =>
        text.Contains(Exception, StringComparison.Ordinal) && CodeOfTrap(text) != OutcomeCodes.Unmapped;

    /// <summary>
    /// Of a module that is not loaded: not valid, or of a time after the library's, which to it is the same. Imports are looked at here
    /// too.
    /// </summary>
    public static string CodeOfLoadError(string text) =>
        Has(text, "incompatible import type") ? OutcomeCodes.IncompatibleType
        : Has(text, "unknown import") ? OutcomeCodes.UnknownImport
        : Has(text, "must export memory") ? OutcomeCodes.NoMemory
        : Has(text, "allocate memory failed") ? OutcomeCodes.ResourceExhausted
        : OutcomeCodes.Malformed;

    public static string CodeOfInstantiationError(string text) =>
        Has(text, "allocate") || Has(text, "out of memory") || Has(text, "mmap") ? OutcomeCodes.ResourceExhausted : OutcomeCodes.Unmapped;

    private static bool Has(string text, string words) => text.Contains(words, StringComparison.Ordinal);
}
