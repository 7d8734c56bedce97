using Conformance.Model.Runtimes;

namespace Conformance.Engine.Workers;

/// <summary>How a conversation with a worker can end before its answer. The cell tells it; the run goes on with a new worker.</summary>
public abstract class WorkerFailureException(string message, string stderr) : Exception(message)
{
    /// <summary>The last that the worker wrote to its stderr.</summary>
    public string Stderr { get; } = stderr;
}

/// <summary>The process ended.</summary>
public sealed class WorkerDiedException(string message, string stderr) : WorkerFailureException(message, stderr);

/// <summary>The time was up; the process has been killed.</summary>
public sealed class WorkerTimedOutException(string message, string stderr) : WorkerFailureException(message, stderr);

/// <summary>It answered with something that is not the protocol; the process has been killed.</summary>
public sealed class WorkerProtocolException(string message, string stderr) : WorkerFailureException(message, stderr);

/// <summary>The runtime is not on this machine.</summary>
public sealed class RuntimeMissingException(Unavailability unavailability) : Exception(unavailability.Reason)
{
    /// <summary>Why, and what to do.</summary>
    public Unavailability Unavailability { get; } = unavailability;
}
