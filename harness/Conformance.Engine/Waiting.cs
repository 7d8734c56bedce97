using System.Globalization;

namespace Conformance.Engine;

/// <summary>
/// Waits for what others do, and never for ever: after a while it is told what is waited for, and in the end it is an error that says so.
/// </summary>
/// <param name="tell">Is told what is waited for, in a line.</param>
/// <param name="most">A limit for all that is waited for where a person says one; null leaves each its own.</param>
public sealed class Waiting(Action<string> tell, TimeSpan? most = null)
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    /// <summary>Tells nobody.</summary>
    public static Waiting Silent { get; } = new(_ => { });

    /// <summary>Who waits for something else than what a limit was said for: each has its own.</summary>
    public Waiting WithOwnLimits => new(tell);

    /// <param name="what">In words that fit after "waiting for": <c>the container engine to build an image</c>.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="action">What is waited for. It is told when its time is up, and not waited for then, whether it heard or not.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="ConformanceException">The time was up.</exception>
    public async Task<T> ForAsync<T>(string what, TimeSpan limit, Func<CancellationToken, Task<T>> action, CancellationToken cancellation)
    {
        limit = most ?? limit;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(limit);
        var task = action(end.Token);
        try
        {
            var silence = limit / 2 < Silence ? limit / 2 : Silence;
            if (await Task.WhenAny(task, Task.Delay(silence, end.Token)).ConfigureAwait(false) != task && !end.IsCancellationRequested)
                tell($"waiting for {what} (for {Seconds(limit)} at the most)");
            return await task.WaitAsync(end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            // What comes of it is nobody's.
            _ = task.ContinueWith(late => late.Exception, CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw new EnvironmentException($"waited {Seconds(limit)} for {what}", e);
        }
    }

    /// <inheritdoc cref="ForAsync{T}"/>
    public Task ForAsync(string what, TimeSpan limit, Func<CancellationToken, Task> action, CancellationToken cancellation) =>
        ForAsync(what, limit, async token =>
    {
        await action(token).ConfigureAwait(false);
        return true;
    }, cancellation);

    private static string Seconds(TimeSpan time) => time.TotalSeconds < 120
        ? $"{time.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s"
        : $"{time.TotalMinutes.ToString("0.#", CultureInfo.InvariantCulture)} min";
}
