namespace Conformance.Runtimes.Hosting;

/// <summary>How a guest ended, or why it could not begin.</summary>
/// <param name="Code">One of the outcome codes; null where it is no failure: <c>proc_exit</c>.</param>
/// <param name="Text">The engine's words.</param>
/// <param name="Exit">The exit code, of <c>proc_exit</c>.</param>
public sealed record Ending(string? Code, string? Text, int? Exit = null)
{
    /// <summary>
    /// Whether it is of code that ran, and not of linking it: while a module is instantiated, that is its start function's.
    /// </summary>
    public bool IsExecution { get; init; }

    /// <summary>Of a trap: where its instruction stands in the module's bytes; null where the engine does not tell.</summary>
    public long? Offset { get; init; }
}

/// <summary>A guest ended otherwise than by its entry's return, for engines that have no exception of their own for it.</summary>
public sealed class GuestEndException(Ending ending) : Exception(ending.Text)
{
    /// <summary>How.</summary>
    public Ending Ending => ending;
}
