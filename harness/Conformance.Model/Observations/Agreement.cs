using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Conformance.Model.Observations;

/// <summary>Whether runtimes saw the same.</summary>
public enum AgreementResult
{
    /// <summary>All that ran it saw the same.</summary>
    Unanimous,

    /// <summary>Two or more saw different things.</summary>
    Split,

    /// <summary>Not comparable, such as after a time limit.</summary>
    Poisoned,

    /// <summary>No runtime ran it.</summary>
    Unsupported,
}

/// <summary>How results are written, and which matter most.</summary>
public static class AgreementResults
{
    /// <summary>What a reader wants to see first stands first.</summary>
    public static ImmutableArray<AgreementResult> ByWeight { get; } = [AgreementResult.Poisoned,
        AgreementResult.Split, AgreementResult.Unanimous, AgreementResult.Unsupported];

    /// <summary>What the result says, in a few words.</summary>
    public static string Description(this AgreementResult result) => result switch
    {
        AgreementResult.Poisoned => "not comparable",
        AgreementResult.Unsupported => "run by nobody",
        _ => result.Word(),
    };

    /// <summary>The word of the result, as reports write it.</summary>
    public static string Word(this AgreementResult result) => result.ToString().ToLowerInvariant();
}

/// <summary>The agreement of one module's scenario across runtimes.</summary>
public sealed record Agreement
{
    /// <summary>The module's id.</summary>
    [JsonConverter(typeof(SharedText))]
    public required string Module { get; init; }

    /// <summary>The scenario's id.</summary>
    public required string Scenario { get; init; }

    /// <summary>Whether groups are the same, in the same order.</summary>
    public static bool AreSame(IReadOnlyList<ImmutableArray<string>> some, IReadOnlyList<ImmutableArray<string>> others) =>
        some.Count == others.Count && some.Zip(others).All(pair => pair.First.SequenceEqual(pair.Second));

    /// <summary>What it is about.</summary>
    [JsonIgnore]
    public RowId Row => new(Module, Scenario);

    /// <summary>Whether they saw the same.</summary>
    public required AgreementResult Result { get; init; }

    /// <summary>Runtime ids by identical observation, the largest group first.</summary>
    [JsonConverter(typeof(SharedGroups))]
    public required ImmutableArray<ImmutableArray<string>> Groups { get; init; }

    /// <summary>With a split, the earliest phase at which two groups part.</summary>
    public required Phase? Phase { get; init; }

    /// <summary>The result in words.</summary>
    [JsonConverter(typeof(SharedText))]
    public required string Sentence { get; init; }

    /// <summary>
    /// How it stands to what the manifest declares: <c>pass</c> where all agree as expected, <c>xfail</c> where they split as declared,
    /// <c>xpass</c> where a declared split did not happen, <c>fail</c> otherwise. Null where there is nothing to hold against it, or nobody
    /// did.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Verdict? Verdict { get; init; }

    /// <summary>
    /// The declared groups of the runtimes that ran, in the form of <see cref="Groups"/>; null where <see cref="Verdict"/> is.
    /// </summary>
    [JsonConverter(typeof(SharedGroups))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<ImmutableArray<string>>? Expected { get; init; }

    /// <summary>Where it and what is declared part; null where they do not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<Departure>? Departures { get; init; }

    /// <summary>Of a split that the manifest declares with its groups.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>Where one can read more about the reason.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Link { get; init; }
}
