using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Conformance.Model.Observations;

/// <summary>What happened in a cell: the worker's account, and what the harness and the counter server add to it.</summary>
/// <param name="Run">What the worker saw.</param>
[JsonConverter(typeof(ObservationConverter))]
public sealed record Observation(RunResult Run)
{
    /// <summary>How it ended.</summary>
    public Outcome Outcome => Run.Outcome;

    /// <summary>The three accounts of the count.</summary>
    public Counts Counts { get; init; } = new(null, null, null);

    /// <summary>Who provides each import; empty where the runtime was not asked.</summary>
    public ImmutableArray<LedgerRow> Ledger { get; init; } = [];

    /// <summary>What the counter server received from this cell.</summary>
    public JournalSummary Journal { get; init; } = JournalSummary.Empty;

    /// <summary>The last that the worker wrote to its stderr while a cell crashed or timed out.</summary>
    public string? WorkerStderr { get; init; }
}

/// <summary>The three accounts of how often the counter was incremented; null where an account does not exist.</summary>
/// <param name="Guest">What the guest read.</param>
/// <param name="Host">The increments that the host functions sent.</param>
/// <param name="Server">The increments in the server's journal.</param>
public sealed record Counts(long? Guest, long? Host, long? Server)
{
    /// <summary>One number where all agree, else the three.</summary>
    public override string ToString() => Guest == Host && Host == Server
        ? Guest?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"
        : $"guest {Show(Guest)}, host {Show(Host)}, server {Show(Server)}";

    private static string Show(long? count) => count?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none";
}

/// <summary>A cell's part of the server's journal, by kind of request.</summary>
/// <param name="Requests">Method as received and path → how often, preflights apart.</param>
/// <param name="Preflights">CORS preflights received.</param>
/// <param name="CountedPreflights">Those of them that the server counted as increments.</param>
public sealed record JournalSummary(ImmutableSortedDictionary<string, int> Requests, int Preflights, int CountedPreflights)
{
    /// <summary>Of no requests.</summary>
    public static JournalSummary Empty { get; } = new(ImmutableSortedDictionary<string, int>.Empty.WithComparers(StringComparer.Ordinal),
        0, 0);
}
