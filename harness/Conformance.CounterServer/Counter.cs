using System.Collections.Concurrent;
using System.Collections.Immutable;
using Conformance.Model.Counters;

namespace Conformance.CounterServer;

/// <summary>One counter and the journal of what it received. Safe for concurrent use.</summary>
public sealed class Counter
{
    /// <summary>Requests kept in the journal; a guest that loops must not fill the server's memory.</summary>
    private const int JournalLimit = 10_000;

    private readonly Lock _lock = new();
    private readonly ImmutableArray<JournalEntry>.Builder _entries = ImmutableArray.CreateBuilder<JournalEntry>();
    private long _count;
    private long _dropped;

    /// <summary>How often it was incremented.</summary>
    public long Count
    {
        get
        {
            lock (_lock) return _count;
        }
    }

    /// <summary>Journals a request and, where it counts, increments: one step for everybody who looks.</summary>
    /// <returns>The count after it.</returns>
    public long Receive(string method, string path, bool preflight, bool counts, DateTimeOffset at)
    {
        lock (_lock)
        {
            if (counts) _count++;
            if (_entries.Count < JournalLimit) _entries.Add(new JournalEntry(_entries.Count + 1, method, path, preflight, counts, at));
            else _dropped++;
            return _count;
        }
    }

    /// <summary>Its count and its requests.</summary>
    public Journal Read()
    {
        lock (_lock) return new Journal(_count, _entries.ToImmutable(), _dropped);
    }
}

/// <summary>A counter per path prefix, made when it is first used.</summary>
public sealed class CounterTable
{
    private readonly ConcurrentDictionary<string, Counter> _counters = new(StringComparer.Ordinal);

    /// <summary>The counter of a prefix; it is made where there is none.</summary>
    public Counter At(string prefix) => _counters.GetOrAdd(prefix, _ => new Counter());

    /// <summary>A counter's count and requests; empty where there is no such counter.</summary>
    public Journal Read(string prefix) => _counters.TryGetValue(prefix, out var counter) ? counter.Read() : Journal.Empty;

    /// <summary>Forgets a counter and gives what it knew.</summary>
    public Journal Reset(string prefix) => _counters.TryRemove(prefix, out var counter) ? counter.Read() : Journal.Empty;
}
