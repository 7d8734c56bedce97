namespace Conformance.CounterServer;

/// <summary>
/// Who needs the server holds <c>GET /lease</c> open; when the last one has gone, however it went, the server stops; and it stops where
/// nobody came within the idle time. So a harness that is killed leaves no server behind, without anybody polling.
/// </summary>
internal sealed class Leases : IDisposable
{
    /// <summary>Between the end of the last lease and the end of the server: nobody comes back, but another may be on its way.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly IHostApplicationLifetime _lifetime;
    private readonly TimeSpan? _idle;
    private readonly Lock _lock = new();
    private readonly Timer _timer;
    private int _held;

    public Leases(IHostApplicationLifetime lifetime, TimeSpan? idle)
    {
        _lifetime = lifetime;
        _idle = idle;
        _timer = new Timer(_ => lifetime.StopApplication());
        if (idle is { } untilFirst) _timer.Change(untilFirst, Timeout.InfiniteTimeSpan);
    }

    public async Task HoldAsync(HttpContext context)
    {
        lock (_lock)
        {
            _held++;
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        try
        {
            await context.Response.StartAsync(context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _lifetime.ApplicationStopping);
            await Task.Delay(Timeout.InfiniteTimeSpan, end.Token);
        }
        catch (OperationCanceledException)
        {
            // The holder has gone, or the server stops: both are how a lease ends.
        }
        finally
        {
            lock (_lock)
            {
                if (--_held == 0 && _idle is not null) _timer.Change(Grace, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose() => _timer.Dispose();
}
