using System.Reflection;
using System.Text.Json;
using Conformance.Engine.Imports;
using Conformance.Engine.Running;
using Conformance.Machine;
using Conformance.Model;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;
using Conformance.Protocol;
using Conformance.Wasm;
using StreamJsonRpc;
using StreamJsonRpc.Protocol;

namespace Conformance.Engine.Workers;

/// <summary>
/// A conversation with one worker process: initialize, then any number of resolve and run, then shutdown. Every answer has a time limit,
/// which is kept by killing the process and its children; a worker that failed once is not asked again.
/// </summary>
internal sealed class Worker : IAsyncDisposable
{
    /// <summary>A worker that was told to shut down and is still there then is killed.</summary>
    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(3);

    private readonly RuntimeManifest _runtime;
    private readonly WorkerProcess _process;
    private readonly JsonRpc _rpc;
    private readonly TaskCompletionSource<JsonRpcDisconnectedEventArgs> _disconnected = new(
        TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile CellClock? _clock;
    private bool _failed;

    private Worker(RuntimeManifest runtime, WorkerProcess process)
    {
        _runtime = runtime;
        _process = process;
        _rpc = new WorkerJsonRpc(WorkerRpc.Handler(process.Input, process.Output));
        _rpc.TraceSource.Switch.Level = System.Diagnostics.SourceLevels.Off;
        _rpc.AddLocalRpcMethod(typeof(Worker).GetMethod(nameof(OnPhase), BindingFlags.Instance | BindingFlags.NonPublic)!,
            this, new JsonRpcMethodAttribute(WorkerMethods.Phase) { UseSingleObjectParameterDeserialization = true });
        _rpc.Disconnected += (_, e) => _disconnected.TrySetResult(e);
        _rpc.StartListening();
    }

    /// <summary>What the worker said it is.</summary>
    public InitializeResult Identity { get; private set; } = new("", "", [], []);

    /// <summary>Whether it can be asked something: it runs, and has never failed.</summary>
    public bool IsThere => !_failed && !_disconnected.Task.IsCompleted && !_process.HasExited;

    /// <summary>Where the worker is with what it was asked last: see <see cref="WorkerMethods.Phase"/>.</summary>
    public Phase Reached { get; private set; }

    /// <param name="runtime">What it is to be.</param>
    /// <param name="limits">For its guests.</param>
    /// <param name="processMemory">For each of its processes, bytes.</param>
    /// <param name="cacheFolder">For compiled modules.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="RuntimeMissingException">The runtime is not on this machine.</exception>
    /// <exception cref="WorkerFailureException">The worker did not get that far.</exception>
    public static async Task<Worker> StartAsync(
        RuntimeManifest runtime, WorkerLimits limits, long processMemory, string? cacheFolder, CancellationToken cancellation)
    {
        var worker = new Worker(runtime, WorkerProcess.Start(runtime, processMemory));
        try
        {
            var request = new InitializeParams(WorkerMethods.Version,
                runtime.Id, limits, cacheFolder, ConformanceHome.Within(runtime.ReleaseName), runtime.Options, runtime.ManifestPath);
            worker.Identity = await worker.AskAsync<InitializeResult>(WorkerMethods.Initialize,
                request, runtime.Worker.StartLimit, cancellation).ConfigureAwait(false);
            worker._process.Time.Find();
            return worker;
        }
        catch
        {
            await worker.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <exception cref="WorkerFailureException">No answer came, or it is not about this module's imports.</exception>
    public async Task<ResolveResult> ResolveAsync(ResolveParams request,
        WasmInterface module, TimeSpan limit, CancellationToken cancellation)
    {
        Reached = Phase.Compile;
        using var clock = new CellClock(limit, _process.Time);
        var answer = await AskAsync<ResolveResult>(WorkerMethods.Resolve, request, clock, cancellation).ConfigureAwait(false);
        return Ledger.Problem(module, answer, request.Probes?.Length ?? 0) is { } problem
            ? throw await FailAsync(new JsonException($"resolve: {problem}")).ConfigureAwait(false) : answer;
    }

    /// <exception cref="WorkerFailureException">No answer came.</exception>
    public async Task<RunResult> RunAsync(RunParams request, TimeSpan limit, CancellationToken cancellation)
    {
        Reached = Phase.Run;
        using var clock = new CellClock(limit, _process.Time);
        _clock = clock;
        try
        {
            var result = await AskAsync<RunResult>(WorkerMethods.Run, request, clock, cancellation).ConfigureAwait(false);
            return result.Attachments?.FirstOrDefault(file => !InnerPath.IsInner(file.Path)) is { } outer
                ? throw await FailAsync(new JsonException($"the attachment '{outer.Path}' leads out of its folder")).ConfigureAwait(false)
                : result;
        }
        finally
        {
            _clock = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_failed && !_disconnected.Task.IsCompleted)
        {
            using var limit = new CancellationTokenSource(ShutdownLimit);
            try
            {
                await _rpc.NotifyAsync(WorkerMethods.Shutdown).WaitAsync(limit.Token).ConfigureAwait(false);
                await _process.Exited.WaitAsync(limit.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or ConnectionLostException or ObjectDisposedException or IOException)
            {
                // It does not want to: it is killed below.
            }
        }

        await _process.DisposeAsync().ConfigureAwait(false);
        _rpc.Dispose();
    }

    private void OnPhase(PhaseParams reached)
    {
        Reached = reached.Phase;
        _clock?.Enter(reached.Phase);
    }

    private async Task<T> AskAsync<T>(string method, object request, TimeSpan limit, CancellationToken cancellation)
    {
        using var clock = new CellClock(limit);
        return await AskAsync<T>(method, request, clock, cancellation).ConfigureAwait(false);
    }

    private async Task<T> AskAsync<T>(string method, object request, CellClock clock, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(clock.Token, cancellation);
        // Not the RPC's own cancellation: a guest that spins would not hear it.
        var answer = _rpc.InvokeWithParameterObjectAsync<T>(method, request, CancellationToken.None);
        try
        {
            var result = await answer.WaitAsync(end.Token).ConfigureAwait(false);
            if (result is null) throw await FailAsync(new JsonException($"the answer to '{method}' is null")).ConfigureAwait(false);
            if (MissingValue.Find(result) is { } missing)
                throw await FailAsync(new JsonException($"in the answer to '{method}', '{missing}' is null or missing")).ConfigureAwait(false);
            return result;
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            _failed = true;
            await _process.KillAsync().ConfigureAwait(false);
            Forget(answer);
            cancellation.ThrowIfCancellationRequested();
            throw new WorkerTimedOutException($"no answer to '{method}' within {clock.Current.TotalSeconds:0.###} s; its worker was killed",
                _process.Stderr);
        }
        catch (RemoteInvocationException e) when (e.ErrorCode == WorkerMethods.UnavailableError)
        {
            throw new RuntimeMissingException(Unavailability(e));
        }
        catch (RemoteInvocationException e) when (e.ErrorCode == WorkerMethods.MisdescribedError)
        {
            throw new InputException(e.Message);
        }
        catch (RemoteRpcException e) when (e is not ConnectionLostException)
        {
            throw await FailAsync(e).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ConnectionLostException or ObjectDisposedException or IOException or JsonException)
        {
            throw await FailAsync(e).ConfigureAwait(false);
        }
    }

    /// <summary>Tells a worker that ended from one that talks nonsense.</summary>
    private async Task<WorkerFailureException> FailAsync(Exception problem)
    {
        _failed = true;
        if (problem is not (ConnectionLostException or ObjectDisposedException or IOException))
        {
            await _process.KillAsync().ConfigureAwait(false);
            return new WorkerProtocolException($"the worker's answer is not the protocol's: {problem.Message}", _process.Stderr);
        }

        var disconnected = _disconnected.Task.IsCompletedSuccessfully ? _disconnected.Task.Result : null;
        if (disconnected is { Reason: not DisconnectedReason.RemotePartyTerminated and not DisconnectedReason.LocallyDisposed })
        {
            await _process.KillAsync().ConfigureAwait(false);
            return new WorkerProtocolException(
                $"the worker wrote something that is not JSON-RPC ({(disconnected.Exception ?? problem).Message}): {_process.Output.Latest}", _process.Stderr);
        }

        // Its stdout has ended: so does it, or it is made to.
        await Task.WhenAny(_process.Exited, Task.Delay(ShutdownLimit)).ConfigureAwait(false);
        var exited = _process.Exited.IsCompleted;
        await _process.KillAsync().ConfigureAwait(false);
        return new WorkerDiedException(
            exited ? $"the worker {_process.DescribeExit()}" : "the worker closed its stdout and stayed; it was killed", _process.Stderr);
    }

    /// <summary>A worker that gives no data still gives its message.</summary>
    private Unavailability Unavailability(RemoteInvocationException e) => e.DeserializedErrorData is Unavailability given
        ? given with { Remedy = given.Remedy ?? _runtime.Remedy }
        : new Unavailability(e.Message, _runtime.Remedy);

    /// <summary>An answer that nobody waits for any more must not be an unobserved exception.</summary>
    private static void Forget(Task task) =>
        _ = task.ContinueWith(t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    /// <summary>Knows what the data of the protocol's own error is.</summary>
    private sealed class WorkerJsonRpc(IJsonRpcMessageHandler handler) : JsonRpc(handler)
    {
        protected override Type? GetErrorDetailsDataType(JsonRpcError error) =>
            (int?)error.Error?.Code == WorkerMethods.UnavailableError ? typeof(Unavailability) : base.GetErrorDetailsDataType(error);
    }
}
