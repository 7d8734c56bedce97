using System.Collections.Immutable;

namespace Conformance.Model.Observations;

/// <summary>
/// Why code was stopped, by the names that the specification's own tests have (https://github.com/WebAssembly/spec, test/core).
/// </summary>
/// <param name="Name">The name, such as <c>integer divide by zero</c>.</param>
public sealed record Trap(string Name)
{
    private const string Prefix = "trap:";

    /// <summary>The instruction <c>unreachable</c>.</summary>
    public static Trap Unreachable { get; } = new("unreachable");

    /// <summary>A division or remainder of integers by zero.</summary>
    public static Trap IntegerDivideByZero { get; } = new("integer divide by zero");

    /// <summary>A quotient, or a float as an integer, that the type has no room for.</summary>
    public static Trap IntegerOverflow { get; } = new("integer overflow");

    /// <summary>A float that is no number, as an integer.</summary>
    public static Trap InvalidConversion { get; } = new("invalid conversion to integer");

    /// <summary>A load, a store or a bulk operation beyond a memory's end.</summary>
    public static Trap MemoryOutOfBounds { get; } = new("out of bounds memory access");

    /// <summary>A table's instruction beyond its end.</summary>
    public static Trap TableOutOfBounds { get; } = new("out of bounds table access");

    /// <summary>A call through an index that the table has not.</summary>
    public static Trap UndefinedElement { get; } = new("undefined element");

    /// <summary>A call through an element that is null.</summary>
    public static Trap UninitializedElement { get; } = new("uninitialized element");

    /// <summary>A call through an element of another type.</summary>
    public static Trap IndirectCallTypeMismatch { get; } = new("indirect call type mismatch");

    /// <summary>A reference that is null where one to something is needed.</summary>
    public static Trap NullReference { get; } = new("null reference");

    /// <summary>A reference to something of another type.</summary>
    public static Trap CastFailure { get; } = new("cast failure");

    /// <summary>An element beyond an array's end.</summary>
    public static Trap ArrayOutOfBounds { get; } = new("out of bounds array access");

    /// <summary>An atomic access at an address that is no multiple of its size.</summary>
    public static Trap UnalignedAtomic { get; } = new("unaligned atomic");

    /// <summary>A wait for a change of a memory that nobody else has.</summary>
    public static Trap ExpectedSharedMemory { get; } = new("expected shared memory");

    /// <summary>Calls in calls, deeper than the runtime has room for.</summary>
    public static Trap CallStackExhausted { get; } = new("call stack exhausted");

    /// <summary>
    /// The call of a function that nobody provides, in a runtime that finds that out when it is called. Ours: the specification knows no
    /// such module that runs.
    /// </summary>
    public static Trap UnlinkedImport { get; } = new("unlinked import");

    /// <summary>All of them.</summary>
    public static ImmutableArray<Trap> All { get; } =
    [
        Unreachable, IntegerDivideByZero, IntegerOverflow,
            InvalidConversion, MemoryOutOfBounds, TableOutOfBounds, UndefinedElement, UninitializedElement,
        IndirectCallTypeMismatch, NullReference, CastFailure, ArrayOutOfBounds, UnalignedAtomic, ExpectedSharedMemory,
        CallStackExhausted, UnlinkedImport,
    ];

    /// <summary>Engines' other words for them; several engines have one name where the specification has more.</summary>
    private static readonly (string Words, Trap Trap)[] OtherWords =
    [
        ("stack overflow", CallStackExhausted),
        ("atomic wait on non-shared memory", ExpectedSharedMemory),
        ("null structure reference", NullReference),
        ("null array reference", NullReference),
        ("null function reference", NullReference),
        ("null i31 reference", NullReference),
        ("uninitialized memory", MemoryOutOfBounds),
        ("data segment does not fit", MemoryOutOfBounds),
        ("elements segment does not fit", TableOutOfBounds),
        ("failed to call unlinked import function", UnlinkedImport),
    ];

    /// <summary>
    /// The trap that is named first in an engine's words, which are mostly the specification's; null where none is. They must be the
    /// engine's alone: a guest can print such words too.
    /// </summary>
    public static Trap? Named(string words) => All.Select(trap => (Words: trap.Name, Trap: trap)).Concat(OtherWords)
        .Select(named => (At: words.IndexOf(named.Words, StringComparison.Ordinal), named.Trap))
        .Where(found => found.At >= 0).OrderBy(found => found.At).FirstOrDefault().Trap;

    /// <summary>The code of an outcome, such as <c>trap:unreachable</c>.</summary>
    public string Code => Prefix + Name;
}
