using System.Collections.Immutable;
using Microsoft.Playwright;

namespace Conformance.Runtimes.Browser;

/// <summary>
/// What a guest's own client sends to its counter, as the browser sees it; the browser's own preflights are not its. Safe for concurrent
/// use.
/// </summary>
/// <param name="counterUrl">What the requests' URLs begin with.</param>
internal sealed class CounterTraffic(string counterUrl)
{
    private readonly Lock _lock = new();
    private readonly HashSet<IRequest> _open = [];
    private readonly ImmutableSortedDictionary<string, int>.Builder _answered =
        ImmutableSortedDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
    private TaskCompletionSource? _idle;

    /// <summary>Requests that were answered with success: method and path → how often.</summary>
    public ImmutableSortedDictionary<string, int> Requests
    {
        get
        {
            lock (_lock) return _answered.ToImmutable();
        }
    }

    /// <summary>Why a request was not answered, or null.</summary>
    public string? Failure { get; private set; }

    public void OnSent(IRequest request)
    {
        if (!IsToCounter(request)) return;
        lock (_lock) _open.Add(request);
    }

    public void OnAnswered(IResponse response)
    {
        if (!IsToCounter(response.Request)) return;
        lock (_lock)
        {
            var what = $"{response.Request.Method} {response.Request.Url[counterUrl.Length..]}";
            if (response.Ok) _answered[what] = _answered.GetValueOrDefault(what) + 1;
            End(response.Request);
        }
    }

    public void OnFailed(IRequest request)
    {
        if (!IsToCounter(request)) return;
        lock (_lock)
        {
            Failure ??= $"{request.Method} {request.Url[counterUrl.Length..]}: {request.Failure}";
            End(request);
        }
    }

    /// <summary>Waits for the answers that are still on their way to us: the page may have had them before.</summary>
    public Task IdleAsync()
    {
        lock (_lock)
        {
            if (_open.Count == 0) return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    private void End(IRequest request)
    {
        if (_open.Remove(request) && _open.Count == 0) _idle?.TrySetResult();
    }

    private bool IsToCounter(IRequest request) => request.Url.StartsWith(counterUrl + "/", StringComparison.Ordinal);
}
