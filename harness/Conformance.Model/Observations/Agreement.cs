using System.Collections.Immutable;

namespace Conformance.Model.Observations;

/// <summary>Whether runtimes saw the same.</summary>
public enum AgreementResult
{
    Unanimous,
    Split,

    /// <summary>Not comparable, such as after a time limit.</summary>
    Poisoned,

    /// <summary>No runtime ran it.</summary>
    Unsupported,
}

/// <summary>The agreement of one module's scenario across runtimes.</summary>
public sealed record Agreement
{
    public required string Module { get; init; }

    public required string Scenario { get; init; }

    public required AgreementResult Result { get; init; }

    /// <summary>Runtime ids by identical observation, the largest group first.</summary>
    public required ImmutableArray<ImmutableArray<string>> Groups { get; init; }

    /// <summary>With a split, the earliest phase at which two groups part.</summary>
    public required Phase? Phase { get; init; }

    /// <summary>The result in words.</summary>
    public required string Sentence { get; init; }
}
