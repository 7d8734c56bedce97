using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Conformance.CounterServer;
using Conformance.Machine;
using Conformance.Model;
using Conformance.Model.Counters;
using Conformance.Model.Reports;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;
using DotNet.Testcontainers.Images;
using Microsoft.Extensions.Logging.Abstractions;

namespace Conformance.Engine.Servers;

/// <summary>
/// The counter server in a container of its own, reached on the loopback address only. The container removes itself when its server ends,
/// and the server ends when its lease does: so nothing is left behind, however the harness ends, with or without Testcontainers' own
/// reaper. One that is lost is started again, once.
/// </summary>
public sealed class ContainerCounterServer : ICounterServer
{
    private const ushort Port = 8080;

    /// <summary>How long the server waits for its first lease: long enough on a busy machine.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(15);

    /// <summary>What an engine takes seconds for, on a machine that has other work.</summary>
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(5), StartLimit = TimeSpan.FromMinutes(2),
        AnswerLimit = TimeSpan.FromSeconds(30), LeaseLimit = TimeSpan.FromSeconds(30), EndLimit = TimeSpan.FromSeconds(30),
        LostEndLimit = TimeSpan.FromSeconds(3);

    private readonly Settings _settings;
    private readonly SemaphoreSlim _restoring = new(1);
    private Started _started;
    private string? _lost;
    private Task _lostEnd = Task.CompletedTask;

    private ContainerCounterServer(Settings settings, Started started) => (_settings, _started) = (settings, started);

    /// <inheritdoc/>
    public ServerInfo Info => _started.Server.Info;

    /// <inheritdoc/>
    public string Url => _started.Server.Url;

    /// <inheritdoc/>
    public int Restarts { get; private set; }

    /// <summary>The container's id, for whoever wants to look at it from outside.</summary>
    public string ContainerId => _started.Container.Id;

    /// <param name="engine">Where to.</param>
    /// <param name="repository">Where the server's source is.</param>
    /// <param name="variant">Whose behaviour to reproduce.</param>
    /// <param name="port">0 takes a free one.</param>
    /// <param name="why">Why this hosting was chosen, for the report.</param>
    /// <param name="waiting">How the engine is waited for.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="origin">Whose pages may use it; null: anybody's.</param>
    /// <exception cref="ConformanceException">The image can't be built or the container can't be started, or the engine does not
    /// answer.</exception>
    public static async Task<ContainerCounterServer> StartAsync(
        ContainerEngine engine, string repository, ServerVariant variant,
            int port, string? why, Waiting waiting, CancellationToken cancellation, string? origin = null)
    {
        // Testcontainers reads these when its first type is touched, asks for an API version that older engines lack, and can't reach its
        // reaper's image without a registry. What the user has set stays.
        SetDefault("DOCKER_HOST", engine.Address.OriginalString);
        SetDefault("DOCKER_API_VERSION", engine.ApiVersion);
        SetDefault("TESTCONTAINERS_RYUK_DISABLED", "true");
        if (engine.Address.Scheme is "unix" or "npipe") SetDefault("TESTCONTAINERS_HOST_OVERRIDE", "127.0.0.1");
        var settings = new Settings(repository, variant, port, why, waiting, origin);
        return new ContainerCounterServer(settings, await StartConfiguredAsync(settings, cancellation).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public Task<Journal?> TakeJournalAsync(CounterKey counter, CancellationToken cancellation) =>
        _started.Server.TakeJournalAsync(counter, cancellation);

    /// <inheritdoc/>
    public async Task<string?> RestoreAsync(int restarts, CancellationToken cancellation)
    {
        await _restoring.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_lost is not null) return _lost;
            // Whoever came before has seen to it.
            if (Restarts != restarts) return null;
            if (await _started.Server.RestoreAsync(restarts, cancellation).ConfigureAwait(false) is not { } why) return null;
            if (Restarts > 0) return _lost = $"{why}, after it had been started again";
            // It has most likely ended; one that only stalls ends when it hears that its lease has. Neither is waited for.
            _lostEnd = _started.EndAsync(LostEndLimit).AsTask();
            var again = _settings with { Why = $"{(_settings.Why is { } reason ? $"{reason}; " : "")}it was lost once, and started again" };
            _started = await StartConfiguredAsync(again, cancellation).ConfigureAwait(false);
            Restarts++;
            return null;
        }
        catch (EnvironmentException e)
        {
            return _lost = $"the counter server was lost, and {e.Message}";
        }
        finally
        {
            _restoring.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_lostEnd, _started.DisposeAsync().AsTask()).ConfigureAwait(false);
        _restoring.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<Started> StartConfiguredAsync(Settings settings, CancellationToken cancellation)
    {
        var (repository, variant, port, why, waiting, origin) = settings;
        var source = await CounterServerImage.EnsureAsync(repository, waiting.WithOwnLimits, cancellation).ConfigureAwait(false);
        try
        {
            var image = new ImageFromDockerfileBuilder()
                .WithDockerfileDirectory(source.Context)
                .WithName(source.Tag)
                .WithImageBuildPolicy(PullPolicy.Missing)
                .WithCleanUp(false)
                .WithDeleteIfExists(false)
                .WithLogger(NullLogger.Instance)
                .Build();
            await BuildAsync(image, source.Tag, waiting, cancellation).ConfigureAwait(false);

            var container = new ContainerBuilder(image)
                .WithCommand(["--listen", "0.0.0.0", "--port", $"{Port}", "--variant", variant.Name(), "--idle", $"{Idle.TotalSeconds}",
                    .. origin is null ? Array.Empty<string>() : ["--origin", origin]])
                .WithPortBinding(port == 0 ? "" : $"{port}", $"{Port}")
                .WithCreateParameterModifier(BindToLoopback)
                .WithLabel("conformance", "counter-server")
                .WithLabel("conformance.process", $"{Environment.ProcessId}")
                .WithLogger(NullLogger.Instance)
                .Build();
            try
            {
                await waiting.ForAsync("the container engine to start the counter server", StartLimit, container.StartAsync, cancellation)
                    .ConfigureAwait(false);
                var url = new Uri($"http://127.0.0.1:{container.GetMappedPublicPort(Port)}");
                // Not by Testcontainers' own way, which asks a proxy of the environment for what is on the loopback address.
                var server = await waiting.ForAsync("the counter server's container to answer", AnswerLimit, token =>
                    RemoteCounterServer.ConnectAsync(url, new ServerInfo("container", variant.Name(), why, source.Tag), AnswerLimit, token),
                    cancellation).ConfigureAwait(false);
                var started = new Started(container, server);
                await waiting.ForAsync("the counter server's container to answer", LeaseLimit, _ => started.Held, cancellation)
                    .ConfigureAwait(false);
                return started;
            }
            catch
            {
                await EndAsync(container, EndLimit).ConfigureAwait(false);
                throw;
            }
        }
        catch (Exception e) when (e is not (OperationCanceledException or ConformanceException))
        {
            throw new EnvironmentException($"the counter server's container can't be started: {e.Message.ReplaceLineEndings(" ")}", e);
        }

        void BindToLoopback(CreateContainerParameters parameters)
        {
            parameters.HostConfig!.AutoRemove = true;
            foreach (var binding in parameters.HostConfig!.PortBindings!.Values.SelectMany(bindings => bindings))
                binding.HostIP = "127.0.0.1";
        }
    }

    /// <summary>
    /// Builds the image, one process after another: two builds of the same at once have left each other without an answer.
    /// </summary>
    private static async Task BuildAsync(IFutureDockerImage image, string tag, Waiting waiting, CancellationToken cancellation)
    {
        var path = Path.Combine(ConformanceHome.Folder, "locks", $"{tag.Replace('/', '-').Replace(':', '-')}.lock");
        using var only = await waiting.ForAsync("another process to build the counter server's image",
            BuildLimit, token => ProcessLock.TakeAsync(path, () => { }, token), cancellation).ConfigureAwait(false);
        await waiting.ForAsync("the container engine to build the counter server's image", BuildLimit, image.CreateAsync, cancellation)
            .ConfigureAwait(false);
    }

    /// <summary>A container whose engine does not answer any more removes itself when its lease has ended.</summary>
    private static async Task EndAsync(IContainer container, TimeSpan limit)
    {
        try
        {
            await container.DisposeAsync().AsTask().WaitAsync(limit).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Nobody is left who could be told, whatever the engine's client makes of an engine that has gone; and what was observed is
            // not to be lost by it.
        }
    }

    private static void SetDefault(string name, string value)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name))) Environment.SetEnvironmentVariable(name, value);
    }

    /// <summary>How it is started, the second time as the first.</summary>
    private sealed record Settings(string Repository, ServerVariant Variant, int Port, string? Why, Waiting Waiting, string? Origin);

    /// <summary>A container that counts, with its lease.</summary>
    private sealed class Started : IAsyncDisposable
    {
        private readonly CancellationTokenSource _leaseEnd = new();
        private readonly Task _lease;

        public Started(IContainer container, RemoteCounterServer server)
        {
            (Container, Server) = (container, server);
            var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Held = held.Task;
            _lease = server.HoldLeaseAsync(held, _leaseEnd.Token);
        }

        public IContainer Container { get; }

        public RemoteCounterServer Server { get; }

        /// <summary>Ends when the lease is held, or can't be.</summary>
        public Task Held { get; }

        public ValueTask DisposeAsync() => EndAsync(EndLimit);

        /// <param name="limit">How long the engine is waited for.</param>
        public async ValueTask EndAsync(TimeSpan limit)
        {
            await _leaseEnd.CancelAsync().ConfigureAwait(false);
            await _lease.ConfigureAwait(false);
            await Server.DisposeAsync().ConfigureAwait(false);
            await ContainerCounterServer.EndAsync(Container, limit).ConfigureAwait(false);
            _leaseEnd.Dispose();
        }
    }
}
