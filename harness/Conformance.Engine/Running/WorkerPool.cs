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
    private readonly ConcurrentDictionary<StartedAs, Task<Worker>> _begun = [];
    private readonly CancellationTokenSource _end = new();
    private readonly Lazy<Task> _ended;

    /// <summary>A pool of nobody yet.</summary>
    public WorkerPool() => _ended = new(EndAllAsync);

    /// <summary>What a process of a worker may allocate, in bytes.</summary>
    internal static long ProcessMemory(RunOptions options) => options.MemoryBytes + ProcessOverhead;

    /// <summary>Starts one that nobody keeps.</summary>
    /// <exception cref="RuntimeMissingException">The runtime is not on this machine.</exception>
    /// <exception cref="WorkerFailureException">The worker did not get that far.</exception>
    internal static Task<Worker> StartAsync(RuntimeManifest runtime, RunOptions options, CancellationToken cancellation) =>
        Worker.StartAsync(runtime, new WorkerLimits(options.MemoryBytes, options.OutputBytes),
            ProcessMemory(options), options.CacheFolder, cancellation);

    /// <summary>Starts a worker for each of some runtimes, which whoever runs them next has; nobody waits for it here.</summary>
    /// <param name="runtimes">The runtimes.</param>
    /// <param name="options">As they will be run with.</param>
    public void Begin(IEnumerable<RuntimeManifest> runtimes, RunOptions options)
    {
        foreach (var runtime in runtimes)
            _begun.GetOrAdd(Key(runtime, options), _ => Task.Run(() => StartAsync(runtime, options, _end.Token)));
    }

    /// <summary>One of those that were begun, or were kept and are still there, or else another.</summary>
    /// <exception cref="RuntimeMissingException">The runtime is not on this machine.</exception>
    /// <exception cref="WorkerFailureException">The worker did not get that far.</exception>
    internal async Task<Worker> TakeAsync(RuntimeManifest runtime, RunOptions options, CancellationToken cancellation)
    {
        if (_begun.TryRemove(Key(runtime, options), out var begun)) return await begun.WaitAsync(cancellation).ConfigureAwait(false);
        while (Idle(runtime, options).TryTake(out var kept))
        {
            if (kept.IsThere) return kept;
            await kept.DisposeAsync().ConfigureAwait(false);
        }

        return await StartAsync(runtime, options, cancellation).ConfigureAwait(false);
    }

    /// <summary>Keeps one that has answered all that it was asked.</summary>
    internal void Keep(Worker worker, RuntimeManifest runtime, RunOptions options) => Idle(runtime, options).Add(worker);

    /// <summary>Ends those that are kept, and those that were begun for nobody.</summary>
    public ValueTask DisposeAsync() => new(_ended.Value);

    private async Task EndAllAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_idle.Values.SelectMany(workers => workers).Select(worker => worker.DisposeAsync().AsTask())
            .Concat(_begun.Values.Select(EndAsync))).ConfigureAwait(false);
        _idle.Clear();
        _begun.Clear();
        _end.Dispose();
    }

    private static async Task EndAsync(Task<Worker> begun)
    {
        try
        {
            await (await begun.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException
            or ConformanceException or WorkerFailureException or RuntimeMissingException or IOException)
        {
            // It did not get that far, and nobody wanted it.
        }
    }

    private ConcurrentBag<Worker> Idle(RuntimeManifest runtime, RunOptions options) => _idle.GetOrAdd(Key(runtime, options), _ => []);

    private static StartedAs Key(RuntimeManifest runtime, RunOptions options) =>
        new(runtime, options.MemoryBytes, options.OutputBytes, options.CacheFolder);

    /// <summary>All that its start depends on.</summary>
    private sealed record StartedAs(RuntimeManifest Runtime, long MemoryBytes, int OutputBytes, string? CacheFolder);
}
