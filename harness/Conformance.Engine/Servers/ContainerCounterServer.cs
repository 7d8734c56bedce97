using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Conformance.CounterServer;
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
/// The counter server in a container of its own, reached on the loopback address only. The container removes itself when its server ends, and the
/// server ends when its lease does: so nothing is left behind, however the harness ends, with or without Testcontainers' own reaper.
/// </summary>
public sealed class ContainerCounterServer : ICounterServer
{
    private const ushort Port = 8080;

    /// <summary>How long the server waits for its first lease: long enough on a busy machine.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(15);

    private readonly IContainer _container;
    private readonly RemoteCounterServer _server;
    private readonly CancellationTokenSource _leaseEnd = new();
    private readonly Task _lease;

    private ContainerCounterServer(IContainer container, RemoteCounterServer server, TaskCompletionSource held)
    {
        _container = container;
        _server = server;
        _lease = server.HoldLeaseAsync(held, _leaseEnd.Token);
    }

    public ServerInfo Info => _server.Info;

    public string Url => _server.Url;

    /// <summary>The container's id, for whoever wants to look at it from outside.</summary>
    public string ContainerId => _container.Id;

    /// <exception cref="ConformanceException">The image can't be built or the container can't be started.</exception>
    public static Task<ContainerCounterServer> StartAsync(
        ContainerEngine engine, string repository, ServerVariant variant, int port, string? why, CancellationToken cancellation)
    {
        // Testcontainers reads these when its first type is touched, asks for an API version that older engines lack, and can't reach its reaper's
        // image without a registry. What the user has set stays.
        SetDefault("DOCKER_HOST", engine.Address.OriginalString);
        SetDefault("DOCKER_API_VERSION", engine.ApiVersion);
        SetDefault("TESTCONTAINERS_RYUK_DISABLED", "true");
        if (engine.Address.Scheme is "unix" or "npipe") SetDefault("TESTCONTAINERS_HOST_OVERRIDE", "127.0.0.1");
        return StartConfiguredAsync(repository, variant, port, why, cancellation);
    }

    public Task<Journal> TakeJournalAsync(string prefix, CancellationToken cancellation) => _server.TakeJournalAsync(prefix, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _leaseEnd.CancelAsync().ConfigureAwait(false);
        await _lease.ConfigureAwait(false);
        await _server.DisposeAsync().ConfigureAwait(false);
        await _container.DisposeAsync().ConfigureAwait(false);
        _leaseEnd.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<ContainerCounterServer> StartConfiguredAsync(
        string repository, ServerVariant variant, int port, string? why, CancellationToken cancellation)
    {
        var source = await CounterServerImage.EnsureAsync(repository, cancellation).ConfigureAwait(false);
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
            await image.CreateAsync(cancellation).ConfigureAwait(false);

            var container = new ContainerBuilder(image)
                .WithCommand("--listen", "0.0.0.0", "--port", $"{Port}", "--variant", variant.Name(), "--idle", $"{Idle.TotalSeconds}")
                .WithPortBinding(port == 0 ? "" : $"{port}", $"{Port}")
                .WithCreateParameterModifier(BindToLoopback)
                .WithLabel("conformance", "counter-server")
                .WithLabel("conformance.process", $"{Environment.ProcessId}")
                .WithLogger(NullLogger.Instance)
                .WithWaitStrategy(Wait.ForUnixContainer().UntilHttpRequestIsSucceeded(
                    request => request.ForPort(Port).ForPath("/health"), wait => wait.WithInterval(TimeSpan.FromMilliseconds(20)).WithTimeout(TimeSpan.FromSeconds(30))))
                .Build();
            try
            {
                await container.StartAsync(cancellation).ConfigureAwait(false);
                var url = new Uri($"http://127.0.0.1:{container.GetMappedPublicPort(Port)}");
                var server = await RemoteCounterServer.ConnectAsync(url, new ServerInfo("container", variant.Name(), why, source.Tag), cancellation).ConfigureAwait(false);
                var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                var started = new ContainerCounterServer(container, server, held);
                await held.Task.ConfigureAwait(false);
                return started;
            }
            catch
            {
                await container.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
        catch (Exception e) when (e is not (OperationCanceledException or ConformanceException))
        {
            throw new ConformanceException(ExitCode.Environment, $"the counter server's container can't be started: {e.Message.ReplaceLineEndings(" ")}", e);
        }

        void BindToLoopback(CreateContainerParameters parameters)
        {
            parameters.HostConfig!.AutoRemove = true;
            foreach (var binding in parameters.HostConfig!.PortBindings!.Values.SelectMany(bindings => bindings)) binding.HostIP = "127.0.0.1";
        }
    }

    private static void SetDefault(string name, string value)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name))) Environment.SetEnvironmentVariable(name, value);
    }
}
