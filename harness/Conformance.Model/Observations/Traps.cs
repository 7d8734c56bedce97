using System.Collections.Immutable;

namespace Conformance.Model.Observations;

/// <summary>The names of traps, as the specification's own tests have them (https://github.com/WebAssembly/spec, test/core); <see cref="OutcomeCodes.Trap"/> makes codes of them.</summary>
public static class Traps
{
    public const string Unreachable = "unreachable";

    public const string IntegerDivideByZero = "integer divide by zero";

    public const string IntegerOverflow = "integer overflow";

    public const string InvalidConversion = "invalid conversion to integer";

    public const string MemoryOutOfBounds = "out of bounds memory access";

    public const string TableOutOfBounds = "out of bounds table access";

    /// <summary>A call through an index that the table has not.</summary>
    public const string UndefinedElement = "undefined element";

    /// <summary>A call through an element that is null.</summary>
    public const string UninitializedElement = "uninitialized element";

    public const string IndirectCallTypeMismatch = "indirect call type mismatch";

    public const string CallStackExhausted = "call stack exhausted";

    /// <summary>The call of a function that nobody provides, in a runtime that finds that out when it is called. Ours: the specification knows no such module that runs.</summary>
    public const string UnlinkedImport = "unlinked import";

    public static ImmutableArray<string> All { get; } =
    [
        Unreachable, IntegerDivideByZero, IntegerOverflow, InvalidConversion, MemoryOutOfBounds, TableOutOfBounds, UndefinedElement, UninitializedElement, IndirectCallTypeMismatch,
        CallStackExhausted, UnlinkedImport,
    ];
}
