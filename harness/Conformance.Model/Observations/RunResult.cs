using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Conformance.Model.Observations;

/// <summary>What a worker saw while it ran a module: the answer to <c>run</c>.</summary>
[JsonConverter(typeof(RunResultConverter))]
public sealed record RunResult
{
    /// <summary>How it ended.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>The runtime's own words.</summary>
    public string? Text { get; init; }

    /// <summary>The exit code: of <c>proc_exit</c>, 0 where a command came back from <c>_start</c>, null where there is none.</summary>
    public int? Exit { get; init; }

    /// <summary>What the entry function returned, as decimal text; several values are separated by spaces.</summary>
    public string? Result { get; init; }

    /// <summary>Calls of host functions, in order, equal neighbours counted together.</summary>
    public ImmutableArray<HostCall> HostCalls { get; init; } = [];

    /// <summary>What the guest wrote to its stdout.</summary>
    public CapturedText Stdout { get; init; } = CapturedText.Empty;

    /// <summary>What the guest wrote to its stderr.</summary>
    public CapturedText Stderr { get; init; } = CapturedText.Empty;

    /// <summary>What the module's page showed in the end; null where it has none, or it did not get that far.</summary>
    public string? Page { get; init; }

    /// <summary>
    /// Requests to the counter that the guest's own client sent and that were answered with success, as the runtime saw them: method and
    /// path → how often. Null where the runtime can't see them, or the guest has no client.
    /// </summary>
    public ImmutableSortedDictionary<string, int>? Requests { get; init; }

    /// <summary>Files of this cell, such as a picture of its page; null where there are none.</summary>
    public ImmutableArray<Attachment>? Attachments { get; init; }

    /// <summary>How long the engine took, in milliseconds.</summary>
    public Timings TimingsMs { get; init; } = new(null, null, null);

    /// <summary>Fields of a later schema, kept as they came.</summary>
    public Dictionary<string, JsonElement>? Unknown { get; init; }

    /// <summary>A run of which nothing is known but how it failed.</summary>
    /// <param name="phase">Where.</param>
    /// <param name="code">One of <see cref="OutcomeCodes"/>.</param>
    /// <param name="text">The runtime's own words.</param>
    public static RunResult Failed(Phase phase, string code, string? text) => new() { Outcome = Outcome.Failure(phase, code), Text = text };
}

/// <summary>A file that belongs to a cell.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Path">Where it is, relative: in a worker's answer to the folder that it was given, in a report to the report.</param>
public sealed record Attachment(string Name, string Path);

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
    /// <summary>Of a guest that wrote nothing.</summary>
    public static CapturedText Empty { get; } = new("", 0, false);
}
