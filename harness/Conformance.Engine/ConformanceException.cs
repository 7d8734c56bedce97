namespace Conformance.Engine;

/// <summary>The exit codes of the <c>conformance</c> command.</summary>
public enum ExitCode
{
    AsExpected = 0,
    Unexpected = 1,
    WrongUsage = 2,
    Environment = 3,
}

/// <summary>Something that ends a command with one clear line: what, where, and what to do.</summary>
/// <param name="exit"><see cref="ExitCode.WrongUsage"/> for what the user gave, <see cref="ExitCode.Environment"/> for what the machine lacks.</param>
/// <param name="message">One line.</param>
public sealed class ConformanceException(ExitCode exit, string message, Exception? inner = null) : Exception(message, inner)
{
    public ExitCode Exit { get; } = exit;
}
