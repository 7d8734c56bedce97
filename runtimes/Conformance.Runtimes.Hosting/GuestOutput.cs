using Conformance.Model.Observations;

namespace Conformance.Runtimes.Hosting;

/// <summary>What a guest prints, where the engine gives its output to functions.</summary>
/// <param name="limit">What is kept of each, in bytes.</param>
public sealed class GuestOutput(int limit)
{
    /// <summary>Where its stdout goes.</summary>
    public OutputBuffer Stdout { get; } = new(limit);

    /// <summary>Where its stderr goes.</summary>
    public OutputBuffer Stderr { get; } = new(limit);

    /// <summary>All so far.</summary>
    public (CapturedText Stdout, CapturedText Stderr) Text => (Stdout.Text, Stderr.Text);
}
