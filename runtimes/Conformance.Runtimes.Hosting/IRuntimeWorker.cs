using Conformance.Model.Observations;
using Conformance.Model.Runtimes;
using Conformance.Protocol;

namespace Conformance.Runtimes.Hosting;

/// <summary>What a runtime bound in C# has to do; <see cref="WorkerHost"/> does the rest of a worker. Calls never overlap.</summary>
public interface IRuntimeWorker : IAsyncDisposable
{
    /// <summary>Makes the runtime ready.</summary>
    /// <exception cref="RuntimeUnavailableException">It is not on this machine.</exception>
    /// <exception cref="RuntimeMisdescribedException">It is another than its manifest describes.</exception>
    Task<InitializeResult> InitializeAsync(InitializeParams request);

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
    public Unavailability Unavailability { get; } = new(reason, remedy);
}

/// <summary>The runtime is there, and is not what its manifest says.</summary>
/// <param name="message">The place in the manifest, and what is wrong there.</param>
public sealed class RuntimeMisdescribedException(string message) : Exception(message);
