using Conformance.Model.Observations;
using Conformance.Protocol;
using StreamJsonRpc;

namespace Conformance.Runtimes.Hosting;

/// <summary>The loop of a worker: takes stdin and stdout for the protocol, answers until <c>shutdown</c> or the end of stdin.</summary>
public static class WorkerHost
{
    /// <summary>Serves one worker; the value is the process's exit code.</summary>
    /// <param name="start">
    /// Makes the runtime ready. It may throw <see cref="RuntimeUnavailableException"/> (the runtime is not on this machine) and
    /// <see cref="RuntimeMisdescribedException"/> (it is another than its manifest describes), and leaves nothing behind then.
    /// </param>
    public static async Task<int> RunAsync(Func<InitializeParams, Task<IRuntimeSession>> start)
    {
        using var channel = ProtocolChannel.Take();
        using var rpc = new JsonRpc(WorkerRpc.Handler(channel.Output, channel.Input));
        var service = new WorkerService(start,
            phase => _ = rpc.NotifyWithParameterObjectAsync(WorkerMethods.Phase, new PhaseParams(phase)));
        rpc.AddLocalRpcTarget(service, new JsonRpcTargetOptions { DisposeOnDisconnect = false });
        rpc.SynchronizationContext = new SerialSynchronizationContext();
        rpc.StartListening();

        // The end of stdin is the end of the harness: a guest that is still spinning must not keep this process alive.
        await Task.WhenAny(rpc.Completion, service.ShutDown).ConfigureAwait(false);
        if (!service.IsRunning && service.Session is { } session) await session.DisposeAsync().ConfigureAwait(false);
        Environment.Exit(0);
        return 0;
    }

    private sealed class WorkerService(Func<InitializeParams, Task<IRuntimeSession>> start, Action<Phase> reached)
    {
        private readonly TaskCompletionSource _shutDown = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _running;

        public Task ShutDown => _shutDown.Task;

        public IRuntimeSession? Session { get; private set; }

        public bool IsRunning => Volatile.Read(ref _running) != 0;

        [JsonRpcMethod(WorkerMethods.Initialize, UseSingleObjectParameterDeserialization = true)]
        public async Task<InitializeResult> InitializeAsync(InitializeParams request)
        {
            if (request.Protocol != WorkerMethods.Version)
            {
                throw new LocalRpcException($"protocol {request.Protocol} is not spoken here, {WorkerMethods.Version} is")
                {
                    ErrorCode = -32602,
                };
            }

            if (Session is not null) throw new LocalRpcException("'initialize' has been already") { ErrorCode = -32600 };
            try
            {
                Session = await start(request).ConfigureAwait(false);
                return Session.Identity;
            }
            catch (RuntimeUnavailableException e)
            {
                throw new LocalRpcException(e.Message) { ErrorCode = WorkerMethods.UnavailableError, ErrorData = e.Unavailability };
            }
            catch (RuntimeMisdescribedException e)
            {
                throw new LocalRpcException(e.Message) { ErrorCode = WorkerMethods.MisdescribedError };
            }
        }

        [JsonRpcMethod(WorkerMethods.Resolve, UseSingleObjectParameterDeserialization = true)]
        public Task<ResolveResult> ResolveAsync(ResolveParams request) => Ready().ResolveAsync(request);

        [JsonRpcMethod(WorkerMethods.Run, UseSingleObjectParameterDeserialization = true)]
        public async Task<RunResult> RunAsync(RunParams request)
        {
            var session = Ready();
            Volatile.Write(ref _running, 1);
            try
            {
                return await session.RunAsync(request, reached).ConfigureAwait(false);
            }
            finally
            {
                Volatile.Write(ref _running, 0);
            }
        }

        [JsonRpcMethod(WorkerMethods.Shutdown)]
        public void Shutdown() => _shutDown.TrySetResult();

        private IRuntimeSession Ready() => Session ?? throw new LocalRpcException("'initialize' comes first") { ErrorCode = -32600 };
    }

    /// <summary>
    /// Runs requests one after another on a thread of its own: engines want a stack of a known size and no thread hopping.
    /// </summary>
    private sealed class SerialSynchronizationContext : SynchronizationContext
    {
        private readonly System.Collections.Concurrent.BlockingCollection<(SendOrPostCallback Callback, object? State)> _queue = [];

        public SerialSynchronizationContext()
        {
            var thread = new Thread(Work, GuestStackBytes) { IsBackground = true, Name = "guest" };
            thread.Start();
        }

        /// <summary>Wasmtime's default guest stack is 512 KiB; host functions called at its bottom need room too.</summary>
        private const int GuestStackBytes = 8 * 1024 * 1024;

        public override void Post(SendOrPostCallback d, object? state) => _queue.Add((d, state));

        private void Work()
        {
            SetSynchronizationContext(this);
            foreach (var (callback, state) in _queue.GetConsumingEnumerable()) callback(state);
        }
    }
}
