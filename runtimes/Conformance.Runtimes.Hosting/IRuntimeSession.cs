using Conformance.Model.Observations;
using Conformance.Model.Runtimes;
using Conformance.Protocol;

namespace Conformance.Runtimes.Hosting;

/// <summary>
/// A runtime that is ready: what answers the harness once <c>initialize</c> has been. A function makes it of
/// <see cref="InitializeParams"/>, whole or not at all; <see cref="WorkerHost"/> does the rest of a worker. Calls never overlap.
/// </summary>
public interface IRuntimeSession : IAsyncDisposable
{
    /// <summary>The answer to <c>initialize</c>.</summary>
    InitializeResult Identity { get; }

    /// <summary>Tells who provides each import. A module that can't be compiled is an answer, not an exception.</summary>
    Task<ResolveResult> ResolveAsync(ResolveParams request);

    /// <summary>Runs a module and tells what happened. Whatever the guest does is an answer, not an exception.</summary>
    /// <param name="request">What to run.</param>
    /// <param name="reached">To be told of each phase as it begins.</param>
    Task<RunResult> RunAsync(RunParams request, Action<Phase> reached);
}

/// <summary>The runtime is not on this machine.</summary>
/// <param name="reason">What is missing.</param>
/// <param name="remedy">What to do about it, where that is not what the runtime's manifest says.</param>
public sealed class RuntimeUnavailableException(string reason, string? remedy) : Exception(reason)
{
    /// <summary>As the protocol tells it.</summary>
    public Unavailability Unavailability { get; } = new(reason, remedy);
}

/// <summary>The runtime is there, and is not what its manifest says.</summary>
/// <param name="message">The place in the manifest, and what is wrong there.</param>
public sealed class RuntimeMisdescribedException(string message) : Exception(message);
