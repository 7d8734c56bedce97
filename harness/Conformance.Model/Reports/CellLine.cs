using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Conformance.Model.Observations;

namespace Conformance.Model.Reports;

/// <summary>One cell: what was observed, and how it stands to what was expected.</summary>
[JsonConverter(typeof(CellLineConverter))]
public sealed record CellLine
{
    /// <summary>Which cell.</summary>
    public required CellId Id { get; init; }

    /// <summary>How its observation stands to what was expected.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>What was seen; of a flaky cell, what was seen first.</summary>
    public required Observation Observation { get; init; }

    /// <summary>The module's id.</summary>
    public string Module => Id.Row.Module;

    /// <summary>The scenario's id.</summary>
    public string Scenario => Id.Row.Scenario;

    /// <summary>The runtime's id.</summary>
    public string Runtime => Id.Runtime;

    /// <summary>What the worker saw.</summary>
    public RunResult Run => Observation.Run;

    /// <summary>How it ended.</summary>
    public Outcome Outcome => Observation.Outcome;

    /// <summary>
    /// True where the runtime can't take the module, or can't be given what its manifest provides: <see cref="Reason"/> says what stands in
    /// the way, and nothing is compared.
    /// </summary>
    public bool IsInapplicable => Verdict == Verdict.Skipped && Outcome.Code != OutcomeCodes.Skipped;

    /// <summary>How often the cell was run; once where the run says nothing of repeating or retrying.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>What the cell was seen to do instead, with the verdict that it would have had; of a flaky one only.</summary>
    public OtherObservation? Other { get; init; }

    /// <summary>Where observation and expectation part.</summary>
    public ImmutableArray<Departure> Departures { get; init; } = [];

    /// <summary>Of a declared departure, a skip, a cell that is not applicable or an unavailable runtime.</summary>
    public string? Reason { get; init; }

    /// <summary>Where one can read more about the reason.</summary>
    public string? Link { get; init; }

    /// <summary>What to do about an unavailable runtime.</summary>
    public string? Remedy { get; init; }

    /// <summary>The command that runs this cell alone.</summary>
    public required string Repro { get; init; }
}

/// <param name="Attempt">Which attempt it was, from 1.</param>
/// <param name="Verdict">What it would have been, had it always been so.</param>
/// <param name="Observation">What was seen.</param>
public sealed record OtherObservation(int Attempt, Verdict Verdict, Observation Observation);
