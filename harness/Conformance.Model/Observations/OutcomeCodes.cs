using System.Collections.Immutable;
using Conformance.Wasm;

namespace Conformance.Model.Observations;

/// <summary>
/// The normalised outcomes that are not a plain success. A runtime's text that nobody has mapped is <see cref="Unmapped"/>, never guessed.
/// </summary>
public static class OutcomeCodes
{
    /// <summary>An import that nobody provides.</summary>
    public const string UnknownImport = "unknown-import";

    /// <summary>An import that is provided with another type.</summary>
    public const string IncompatibleType = "incompatible-type";

    /// <summary>An import that is provided as something of another kind: a function for a global.</summary>
    public const string IncompatibleKind = "incompatible-kind";

    /// <summary>An import that is provided with a memory or table that is too small, or may grow too large.</summary>
    public const string IncompatibleLimits = "incompatible-limits";

    /// <summary>An import from a module of which the runtime has nothing.</summary>
    public const string UnknownModule = "unknown-module";

    /// <summary>In a ledger: the import links, and the runtime does not look at its type.</summary>
    public const string Unchecked = "unchecked";

    /// <summary>Bytes that the runtime refuses to validate.</summary>
    public const string Malformed = "malformed";

    /// <summary>
    /// Bytes of a proposal that the runtime has not switched on or does not know, with the proposal's name where that is known:
    /// <see cref="Unsupported"/>. It is known by the runtime's words, or since the runtime refuses the smallest module that uses it.
    /// </summary>
    public const string UnsupportedFeature = "unsupported-feature";

    /// <summary>The module has no export of the entry's name, or not a function.</summary>
    public const string NoEntry = "no-entry";

    /// <summary>A WASI guest that exports no memory: WASI's functions have nothing to read or write.</summary>
    public const string NoMemory = "no-memory";

    /// <summary>The runtime refuses the number that <c>proc_exit</c> was called with.</summary>
    public const string InvalidExit = "invalid-exit";

    /// <summary>The runtime does not run modules of this kind: one that runs commands only, given a module without <c>_start</c>.</summary>
    public const string UnsupportedKind = "unsupported-kind";

    /// <summary>
    /// What the manifest provides can't be given to this runtime, or not with this module: the text says what stands in the way.
    /// </summary>
    public const string Unprovidable = "unprovidable";

    /// <summary>The memory that a module declares is not to be had: it is more than the run's limit, or than there is.</summary>
    public const string ResourceExhausted = "resource-exhausted";

    /// <summary>A host function could not reach the counter server.</summary>
    public const string HostCallFailed = "host-call-failed";

    /// <summary>The guest threw an exception, and nobody caught it.</summary>
    public const string UncaughtException = "uncaught-exception";

    /// <summary>The runtime's WASI ended the guest, where others give it an error number.</summary>
    public const string WasiFault = "wasi-fault";

    /// <summary>The worker's process ended.</summary>
    public const string Crashed = "crashed";

    /// <summary>The cell's time was up and its worker was killed.</summary>
    public const string TimedOut = "timed-out";

    /// <summary>The worker answered with something that is not the protocol.</summary>
    public const string ProtocolError = "protocol-error";

    /// <summary>The runtime is not on this machine.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>Not run, by declaration.</summary>
    public const string Skipped = "skipped";

    /// <summary>The machine failed, not the runtime: a full disk, a lost counter server.</summary>
    public const string NotRun = "not-run";

    /// <summary>A failure in words that no rule knows yet.</summary>
    public const string Unmapped = "unmapped";

    /// <summary>All but traps and exits.</summary>
    public static ImmutableArray<string> All { get; } =
    [
        UnknownImport, IncompatibleType, IncompatibleKind,
            IncompatibleLimits, UnknownModule, Unchecked, Malformed, UnsupportedFeature, NoEntry,
        NoMemory, InvalidExit, UnsupportedKind, Unprovidable,
            ResourceExhausted, HostCallFailed, UncaughtException, WasiFault, Crashed, TimedOut, ProtocolError, Unavailable,
        Skipped, NotRun, Unmapped,
    ];

    /// <summary>Whether a text is a code: one of <see cref="All"/>, of a proposal or of a trap that there is.</summary>
    public static bool IsCode(string text) => All.Contains(text) || Trap.All.Any(trap => trap.Code == text)
        || Proposals.Known.Any(proposal => Unsupported(proposal) == text);

    /// <summary><see cref="UnsupportedFeature"/> with the proposal, such as <c>unsupported-feature memory64</c>.</summary>
    /// <param name="proposal">Its name; null where the runtime's words don't tell.</param>
    public static string Unsupported(string? proposal) => proposal is null ? UnsupportedFeature : $"{UnsupportedFeature} {proposal}";

    /// <summary>Whether a code is <see cref="UnsupportedFeature"/>, of whatever proposal.</summary>
    public static bool IsUnsupported(string? code) =>
        code == UnsupportedFeature || (code?.StartsWith($"{UnsupportedFeature} ", StringComparison.Ordinal) ?? false);

    /// <summary>Whether an outcome is what a code stands for: the same, or <see cref="UnsupportedFeature"/> of some proposal.</summary>
    public static bool Covers(string declared, string? code) =>
        declared == code || (declared == UnsupportedFeature && IsUnsupported(code));

    /// <summary>A command that ended with another exit code than 0, such as <c>exit:1</c>.</summary>
    public static string Exit(int code) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"exit:{code}");
}
