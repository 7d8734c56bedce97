using System.Diagnostics;
using Conformance.Model.Observations;

namespace Conformance.Engine.Workers;

/// <summary>
/// The time that a worker has for a cell. The cell's limit is the guest's: it begins when the guest is entered. Getting it ready (compiling
/// it, composing host functions) is the runtime's, and a machine that does that for the first time, or has other work, may need longer.
/// </summary>
internal sealed class CellClock : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly TimeSpan _limit;
    private readonly Lock _lock = new();
    private bool _entered;
    private bool _disposed;

    /// <param name="limit">The cell's.</param>
    public CellClock(TimeSpan limit)
    {
        Current = _limit = limit;
        // A worker that has the module ready does not say so: it enters the guest at once.
        _end.CancelAfter(limit);
    }

    /// <summary>What a worker may take, at least, to get a module ready or to answer about its imports.</summary>
    public static TimeSpan Preparing(TimeSpan limit) => limit > LeastPreparing ? limit : LeastPreparing;

    private static TimeSpan LeastPreparing { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Is cancelled when the time is up.</summary>
    public CancellationToken Token => _end.Token;

    /// <summary>The limit that holds now.</summary>
    public TimeSpan Current { get; private set; }

    /// <summary>The worker says that a phase begins.</summary>
    public void Enter(Phase phase)
    {
        // Messages are heard beside the answer that follows them.
        lock (_lock)
        {
            // Whatever a worker says afterwards, its guest has been entered.
            if (_disposed || _entered) return;
            if (phase <= Phase.Compile)
            {
                Current = Preparing(_limit);
                var left = Current - Stopwatch.GetElapsedTime(_started);
                _end.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
                return;
            }

            _entered = true;
            Current = _limit;
            _end.CancelAfter(_limit);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _end.Dispose();
        }
    }
}
