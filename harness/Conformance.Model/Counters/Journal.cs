using System.Collections.Immutable;
using Conformance.Model.Observations;

namespace Conformance.Model.Counters;

/// <summary>One request that the counter server received.</summary>
/// <param name="Order">From 1, in the order in which the counter took them.</param>
/// <param name="Method">As received on the wire: <c>put</c> and <c>PUT</c> are two methods.</param>
/// <param name="Path">Below the counter's prefix.</param>
/// <param name="Preflight">True for a CORS preflight.</param>
/// <param name="Counted">True where it incremented the counter.</param>
/// <param name="At">When it was received.</param>
public sealed record JournalEntry(int Order, string Method, string Path, bool Preflight, bool Counted, DateTimeOffset At);

/// <summary>All that a counter knows: its count, and the requests that made it.</summary>
/// <param name="Count">The counter's value.</param>
/// <param name="Entries">The first requests, up to the server's limit.</param>
/// <param name="Dropped">Requests beyond that limit: counted, not kept.</param>
public sealed record Journal(long Count, ImmutableArray<JournalEntry> Entries, long Dropped)
{
    /// <summary>Of a counter that nobody has asked for.</summary>
    public static Journal Empty { get; } = new(0, [], 0);

    /// <summary>The requests by kind.</summary>
    public JournalSummary Summarise() => new(
        Entries.Where(e => !e.Preflight)
            .GroupBy(e => $"{e.Method} {e.Path}", StringComparer.Ordinal)
            .ToImmutableSortedDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal),
        Entries.Count(e => e.Preflight),
        Entries.Count(e => e is { Preflight: true, Counted: true }));
}
