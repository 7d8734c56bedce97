namespace Conformance.Model.Runtimes;

/// <summary>A file that is part of a runtime, by name, with its SHA-256 in lower-case hex.</summary>
public sealed record LibraryHash(string Name, string Sha256);

/// <summary>Why a runtime can't be used here, and what to do about it.</summary>
/// <param name="Reason">What is missing.</param>
/// <param name="Remedy">What to do; null where the runtime's manifest says it.</param>
public sealed record Unavailability(string Reason, string? Remedy);
