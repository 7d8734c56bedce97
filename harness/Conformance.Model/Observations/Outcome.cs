namespace Conformance.Model.Observations;

/// <summary>How a run of a module ended: it got through, or it failed in a phase, for a reason that has a code.</summary>
/// <param name="Phase">The phase that failed; the last one reached where none did.</param>
/// <param name="Code">One of <see cref="OutcomeCodes"/>; null is a success.</param>
public sealed record Outcome(Phase Phase, string? Code)
{
    /// <summary>It got through.</summary>
    public static Outcome Success { get; } = new(Phase.Observe, null);

    /// <summary>Whether it got through.</summary>
    public bool IsSuccess => Code is null;

    /// <summary>It failed in a phase, for a reason that is one of <see cref="OutcomeCodes"/>.</summary>
    public static Outcome Failure(Phase phase, string code) => new(phase, code);

    /// <summary>Such as <c>unknown-import at link</c>, or <c>success</c>.</summary>
    public override string ToString() => IsSuccess ? "success" : $"{Code} at {Phase.Word()}";
}
