using System.Collections.Concurrent;
using Conformance.Engine.Workers;
using Conformance.Model.Runtimes;
using Conformance.Protocol;

namespace Conformance.Engine.Running;

/// <summary>
/// Workers that have nothing to do, kept for what is run or asked next: whoever runs several plans, or asks after a run, starts none twice.
/// It ends what it has when it is disposed.
/// </summary>
public sealed class WorkerPool : IAsyncDisposable
{
    /// <summary>
    /// Processes of a worker that are no guest (the .NET runtime, the browser's own) need room beside the guest's memory.
    /// </summary>
    private const long ProcessOverhead = 1L << 30;

    private readonly ConcurrentDictionary<StartedAs, ConcurrentBag<Worker>> _idle = [];

    /// <summary>What a process of a worker may allocate, in bytes.</summary>
    internal static long ProcessMemory(RunOptions options) => options.MemoryBytes + ProcessOverhead;

    /// <summary>Starts one that nobody keeps.</summary>
    /// <exception cref="RuntimeMissingException">The runtime is not on this machine.</exception>
    /// <exception cref="WorkerFailureException">The worker did not get that far.</exception>
    internal static Task<Worker> StartAsync(RuntimeManifest runtime, RunOptions options, CancellationToken cancellation) =>
        Worker.StartAsync(runtime, new WorkerLimits(options.MemoryBytes, options.OutputBytes),
            ProcessMemory(options), options.CacheFolder, cancellation);

    /// <summary>One of those that were kept and are still there, or else another.</summary>
    /// <exception cref="RuntimeMissingException">The runtime is not on this machine.</exception>
    /// <exception cref="WorkerFailureException">The worker did not get that far.</exception>
    internal async Task<Worker> TakeAsync(RuntimeManifest runtime, RunOptions options, CancellationToken cancellation)
    {
        while (Idle(runtime, options).TryTake(out var kept))
        {
            if (kept.IsThere) return kept;
            await kept.DisposeAsync().ConfigureAwait(false);
        }

        return await StartAsync(runtime, options, cancellation).ConfigureAwait(false);
    }

    /// <summary>Keeps one that has answered all that it was asked.</summary>
    internal void Keep(Worker worker, RuntimeManifest runtime, RunOptions options) => Idle(runtime, options).Add(worker);

    /// <summary>Ends those that are kept.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_idle.Values.SelectMany(workers => workers).Select(worker => worker.DisposeAsync().AsTask()))
            .ConfigureAwait(false);
        _idle.Clear();
    }

    private ConcurrentBag<Worker> Idle(RuntimeManifest runtime, RunOptions options) =>
        _idle.GetOrAdd(new StartedAs(runtime, options.MemoryBytes, options.OutputBytes, options.CacheFolder), _ => []);

    /// <summary>All that its start depends on.</summary>
    private sealed record StartedAs(RuntimeManifest Runtime, long MemoryBytes, int OutputBytes, string? CacheFolder);
}
