using System.Collections.Immutable;

namespace Conformance.Model.Observations;

/// <summary>
/// Why code was stopped, by the names that the specification's own tests have (https://github.com/WebAssembly/spec, test/core).
/// </summary>
/// <param name="Name">The name, such as <c>integer divide by zero</c>.</param>
public sealed record Trap(string Name)
{
    private const string Prefix = "trap:";

    public static Trap Unreachable { get; } = new("unreachable");

    public static Trap IntegerDivideByZero { get; } = new("integer divide by zero");

    public static Trap IntegerOverflow { get; } = new("integer overflow");

    public static Trap InvalidConversion { get; } = new("invalid conversion to integer");

    public static Trap MemoryOutOfBounds { get; } = new("out of bounds memory access");

    public static Trap TableOutOfBounds { get; } = new("out of bounds table access");

    /// <summary>A call through an index that the table has not.</summary>
    public static Trap UndefinedElement { get; } = new("undefined element");

    /// <summary>A call through an element that is null.</summary>
    public static Trap UninitializedElement { get; } = new("uninitialized element");

    public static Trap IndirectCallTypeMismatch { get; } = new("indirect call type mismatch");

    public static Trap CallStackExhausted { get; } = new("call stack exhausted");

    /// <summary>
    /// The call of a function that nobody provides, in a runtime that finds that out when it is called. Ours: the specification knows no
    /// such module that runs.
    /// </summary>
    public static Trap UnlinkedImport { get; } = new("unlinked import");

    public static ImmutableArray<Trap> All { get; } =
    [
        Unreachable, IntegerDivideByZero, IntegerOverflow,
            InvalidConversion, MemoryOutOfBounds, TableOutOfBounds, UndefinedElement, UninitializedElement,
        IndirectCallTypeMismatch, CallStackExhausted, UnlinkedImport,
    ];

    /// <summary>The code of an outcome, such as <c>trap:unreachable</c>.</summary>
    public string Code => Prefix + Name;
}
