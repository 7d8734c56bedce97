using System.Text.RegularExpressions;
using Conformance.Model.Observations;
using Conformance.Runtimes.Hosting;

namespace Conformance.Runtimes.Wasmer;

/// <summary>Wasmer's words by the normalised codes; its traps have the names of the specification's tests, some with more after a colon.</summary>
internal static partial class WasmerErrors
{
    public static string CodeOfTrap(string text) => Trap.All.FirstOrDefault(trap => text.StartsWith(trap.Name, StringComparison.Ordinal))?.Code ?? OutcomeCodes.Unmapped;

    public static string CodeOfLinkError(string text) =>
        text.Contains("unknown import", StringComparison.Ordinal) ? OutcomeCodes.UnknownImport
        : Incompatible().Match(text) is { Success: true } types ? Unfit(types.Groups[1].Value, types.Groups[2].Value)
        : text.StartsWith("Insufficient resources", StringComparison.Ordinal) ? OutcomeCodes.ResourceExhausted
        : OutcomeCodes.Unmapped;

    /// <summary>Of two types in Wasmer's words, each begins with its kind; those that differ only in their limits are equal without them.</summary>
    private static string Unfit(string expected, string received) =>
        expected[..expected.IndexOf('(')] != received[..received.IndexOf('(')] ? OutcomeCodes.IncompatibleKind
        : Limits().Replace(expected, "") == Limits().Replace(received, "") ? OutcomeCodes.IncompatibleLimits
        : OutcomeCodes.IncompatibleType;

    [GeneratedRegex(@"incompatible import type\. Expected (\w+\(.*?\)) but received (\w+\(.*\))", RegexOptions.Singleline)]
    private static partial Regex Incompatible();

    [GeneratedRegex(@"minimum: [^,]+, maximum: [^,]+")]
    private static partial Regex Limits();

    /// <summary>A module that isn't valid, or needs what this Wasmer does not have.</summary>
    public static string CodeOfCompileError(string text) => text.StartsWith("Validation error", StringComparison.Ordinal) ? ValidatorWords.Code(text) : OutcomeCodes.Unmapped;
}
