using Conformance.Model.Observations;
using Conformance.Runtimes.Hosting;

namespace Conformance.Runtimes.Wasmer;

/// <summary>Wasmer's words by the normalised codes; its traps have the names of the specification's tests, some with more after a colon.</summary>
internal static class Words
{
    private static readonly string[] Traps =
    [
        "unreachable",
        "integer divide by zero",
        "integer overflow",
        "invalid conversion to integer",
        "out of bounds memory access",
        "undefined element",
        "uninitialized element",
        "indirect call type mismatch",
        "call stack exhausted",
    ];

    public static string Trap(string text) => Traps.FirstOrDefault(trap => text.StartsWith(trap, StringComparison.Ordinal)) is { } trap ? OutcomeCodes.Trap(trap) : OutcomeCodes.Unmapped;

    public static string Link(string text) =>
        text.Contains("unknown import", StringComparison.Ordinal) ? OutcomeCodes.UnknownImport
        : text.Contains("incompatible import type", StringComparison.Ordinal) ? OutcomeCodes.IncompatibleType
        : OutcomeCodes.Unmapped;

    /// <summary>A module that isn't valid, or needs what this Wasmer does not have.</summary>
    public static string Compile(string text) => text.StartsWith("Validation error", StringComparison.Ordinal) ? ValidatorWords.Code(text) : OutcomeCodes.Unmapped;
}
