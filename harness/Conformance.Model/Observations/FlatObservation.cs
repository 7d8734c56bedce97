using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Conformance.Model.Observations;

/// <summary>A <see cref="RunResult"/> as the worker protocol has it: one object, in which the outcome is two fields.</summary>
internal record FlatRunResult
{
    public FlatRunResult()
    {
    }

    [SetsRequiredMembers]
    public FlatRunResult(RunResult run)
    {
        (Phase, Code) = (run.Outcome.Phase, run.Outcome.Code);
        (Text, Exit, Result) = (run.Text, run.Exit, run.Result);
        (HostCalls, Stdout, Stderr) = (run.HostCalls, run.Stdout, run.Stderr);
        (Page, Requests, Attachments) = (run.Page, run.Requests, run.Attachments);
        (TimingsMs, Unknown) = (run.TimingsMs, run.Unknown);
    }

    public required Phase Phase { get; init; }

    public required string? Code { get; init; }

    public required string? Text { get; init; }

    public required int? Exit { get; init; }

    public required string? Result { get; init; }

    public required ImmutableArray<HostCall> HostCalls { get; init; }

    public required CapturedText Stdout { get; init; }

    public required CapturedText Stderr { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Page { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableSortedDictionary<string, int>? Requests { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<Attachment>? Attachments { get; init; }

    public required Timings TimingsMs { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }

    public RunResult ToRunResult() => new()
    {
        Outcome = new Outcome(Phase, Code),
        Text = Text,
        Exit = Exit,
        Result = Result,
        HostCalls = HostCalls,
        Stdout = Stdout,
        Stderr = Stderr,
        Page = Page,
        Requests = Requests,
        Attachments = Attachments,
        TimingsMs = TimingsMs,
        Unknown = Unknown,
    };
}

/// <summary>An <see cref="Observation"/> as reports have it: one object with its run's fields.</summary>
internal record FlatObservation : FlatRunResult
{
    public FlatObservation()
    {
    }

    [SetsRequiredMembers]
    public FlatObservation(Observation observation)
        : base(observation.Run) =>
        (Counts, Ledger, Journal, WorkerStderr) = (observation.Counts, observation.Ledger, observation.Journal, observation.WorkerStderr);

    public required Counts Counts { get; init; }

    public required ImmutableArray<LedgerRow> Ledger { get; init; }

    public required JournalSummary Journal { get; init; }

    public required string? WorkerStderr { get; init; }

    public Observation ToObservation() =>
        new(ToRunResult()) { Counts = Counts, Ledger = Ledger, Journal = Journal, WorkerStderr = WorkerStderr };
}

/// <summary>The JSON of <see cref="RunResult"/>: the answer to <c>run</c>.</summary>
public sealed class RunResultConverter : JsonConverter<RunResult>
{
    /// <inheritdoc/>
    public override RunResult Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        MissingValue.Checked(JsonSerializer.Deserialize(ref reader, FlatJson.Default.FlatRunResult)).ToRunResult();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, RunResult value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, new FlatRunResult(value), FlatJson.Default.FlatRunResult);
}

/// <summary>The JSON of <see cref="Observation"/> in reports.</summary>
public sealed class ObservationConverter : JsonConverter<Observation>
{
    /// <inheritdoc/>
    public override Observation Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        MissingValue.Checked(JsonSerializer.Deserialize(ref reader, FlatJson.Default.FlatObservation)).ToObservation();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Observation value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, new FlatObservation(value), FlatJson.Default.FlatObservation);
}
