using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Conformance.Model.Observations;

/// <summary>What a worker saw while it ran a module: the answer to <c>run</c>.</summary>
public record RunResult
{
    /// <summary>The last phase reached, or the one that failed.</summary>
    public required Phase Phase { get; init; }

    /// <summary>The normalised outcome where it is not a plain success; see <see cref="OutcomeCodes"/>.</summary>
    public required string? Code { get; init; }

    /// <summary>The runtime's own words.</summary>
    public required string? Text { get; init; }

    /// <summary>The exit code: of <c>proc_exit</c>, 0 where a command came back from <c>_start</c>, null where there is none.</summary>
    public required int? Exit { get; init; }

    /// <summary>What the entry function returned, as decimal text.</summary>
    public required string? Result { get; init; }

    /// <summary>Calls of host functions, in order, equal neighbours counted together.</summary>
    public required ImmutableArray<HostCall> HostCalls { get; init; }

    public required CapturedText Stdout { get; init; }

    public required CapturedText Stderr { get; init; }

    /// <summary>What the module's page showed in the end; null where it has none, or it did not get that far.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Page { get; init; }

    /// <summary>
    /// Requests to the counter that the guest's own client sent and that were answered with success, as the runtime saw them: method and path → how often. Null where the runtime
    /// can't see them, or the guest has no client.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableSortedDictionary<string, int>? Requests { get; init; }

    /// <summary>Files of this cell, such as a picture of its page; null where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<Attachment>? Attachments { get; init; }

    /// <summary>Milliseconds per step: <c>compile</c>, <c>link</c>, <c>run</c>.</summary>
    public required Timings TimingsMs { get; init; }

    /// <summary>Fields of a later schema, kept as they came.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }

    /// <summary>A run of which nothing is known but how it ended.</summary>
    public static RunResult Ended(Phase phase, string code, string? text) => new()
    {
        Phase = phase,
        Code = code,
        Text = text,
        Exit = null,
        Result = null,
        HostCalls = [],
        Stdout = CapturedText.Empty,
        Stderr = CapturedText.Empty,
        TimingsMs = new Timings(null, null, null),
    };
}

/// <summary>A file that belongs to a cell.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Path">Where it is, relative: in a worker's answer to the folder that it was given, in a report to the report.</param>
public sealed record Attachment(string Name, string Path);

/// <summary>What happened in a cell: the worker's account, and what the harness and the counter server add to it.</summary>
public record Observation : RunResult
{
    public Observation()
    {
    }

    [SetsRequiredMembers]
    public Observation(RunResult result)
        : base(result)
    {
        Counts = new Counts(null, null, null);
        Ledger = [];
        Journal = JournalSummary.Empty;
    }

    public required Counts Counts { get; init; }

    public required ImmutableArray<LedgerRow> Ledger { get; init; }

    /// <summary>What the counter server received from this cell.</summary>
    public required JournalSummary Journal { get; init; }

    /// <summary>The last that the worker wrote to its stderr while a cell crashed or timed out.</summary>
    public required string? WorkerStderr { get; init; }
}

/// <summary>Milliseconds of engine time; null where a step was not reached or not needed.</summary>
/// <param name="Compile">Compiling, or loading what was compiled before: told with the first cell of a module in a worker.</param>
/// <param name="Link">Resolving imports and instantiating.</param>
/// <param name="Run">From the call of the entry to its return.</param>
public sealed record Timings(double? Compile, double? Link, double? Run);

/// <summary>Calls of one host function, one after another with the same answer.</summary>
/// <param name="Module">The import's module.</param>
/// <param name="Name">The import's name.</param>
/// <param name="Times">How many calls in a row.</param>
/// <param name="Returned">What the guest was given, as decimal text; null where it asks for no result.</param>
/// <param name="Error">Why the request failed; such calls are not counted as sent.</param>
public sealed record HostCall(string Module, string Name, int Times, string? Returned, string? Error);

/// <summary>Output of a guest, cut at the run's limit.</summary>
/// <param name="Text">UTF-8, with replacement characters for what isn't.</param>
/// <param name="Bytes">How many bytes it wrote in all.</param>
/// <param name="Truncated">True where <paramref name="Text"/> holds only the first of them.</param>
public sealed record CapturedText(string Text, long Bytes, bool Truncated)
{
    public static CapturedText Empty { get; } = new("", 0, false);
}

/// <summary>The three accounts of how often the counter was incremented; null where an account does not exist.</summary>
/// <param name="Guest">What the guest read.</param>
/// <param name="Host">The increments that the host functions sent.</param>
/// <param name="Server">The increments in the server's journal.</param>
public sealed record Counts(long? Guest, long? Host, long? Server)
{
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
    public static JournalSummary Empty { get; } = new(ImmutableSortedDictionary<string, int>.Empty.WithComparers(StringComparer.Ordinal), 0, 0);
}
