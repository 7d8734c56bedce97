using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Conformance.Model.Observations;

namespace Conformance.Model.Reports;

/// <summary>A <see cref="CellLine"/> as <c>report.jsonl</c> has it: one object with all that was observed.</summary>
internal sealed record FlatCell : FlatObservation
{
    public FlatCell()
    {
    }

    [SetsRequiredMembers]
    public FlatCell(CellLine line)
        : base(line.Observation)
    {
        (Module, Scenario, Runtime, Verdict) = (line.Module, line.Scenario, line.Runtime, line.Verdict);
        (Attempts, Departures) = (line.Attempts, line.Departures);
        Other = line.Other is { } other ? new FlatOther(other.Attempt, other.Verdict, new FlatObservation(other.Observation)) : null;
        (Reason, Link, Remedy, Repro) = (line.Reason, line.Link, line.Remedy, line.Repro);
    }

    [JsonPropertyOrder(-5)]
    public string Type { get; init; } = ReportLineTypes.Cell;

    [JsonPropertyOrder(-4)]
    public required string Module { get; init; }

    [JsonPropertyOrder(-3)]
    public required string Scenario { get; init; }

    [JsonPropertyOrder(-2)]
    public required string Runtime { get; init; }

    [JsonPropertyOrder(-1)]
    public required Verdict Verdict { get; init; }

    public int Attempts { get; init; } = 1;

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FlatOther? Other { get; init; }

    public required ImmutableArray<Departure> Departures { get; init; }

    public required string? Reason { get; init; }

    public required string? Link { get; init; }

    public required string? Remedy { get; init; }

    public required string Repro { get; init; }

    public CellLine ToCellLine() => new()
    {
        Id = new CellId(Module, Scenario, Runtime),
        Verdict = Verdict,
        Observation = ToObservation(),
        Attempts = Attempts,
        Other = Other is { } other ? new OtherObservation(other.Attempt, other.Verdict, other.Observation.ToObservation()) : null,
        Departures = Departures,
        Reason = Reason,
        Link = Link,
        Remedy = Remedy,
        Repro = Repro,
    };
}

/// <summary>An <see cref="OtherObservation"/>, likewise.</summary>
internal sealed record FlatOther(int Attempt, Verdict Verdict, FlatObservation Observation);

/// <summary>The JSON of <see cref="CellLine"/>.</summary>
public sealed class CellLineConverter : JsonConverter<CellLine>
{
    /// <inheritdoc/>
    public override CellLine Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        MissingValue.Checked(JsonSerializer.Deserialize(ref reader, FlatJson.Default.FlatCell)).ToCellLine();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, CellLine value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, new FlatCell(value), FlatJson.Default.FlatCell);
}
