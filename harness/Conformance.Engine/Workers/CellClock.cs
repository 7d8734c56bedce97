using System.Diagnostics;
using Conformance.Model.Observations;

namespace Conformance.Engine.Workers;

/// <summary>
/// The time that a worker has for a cell. The cell's limit is the guest's: it begins when the guest is entered. Getting it ready (compiling
/// it, composing host functions) is the runtime's, and a machine that does that for the first time, or has other work, may need longer. It
/// is processor time where the system tells that: on a machine that has other work, a guest is not slow. One that waits or sleeps uses
/// none, and ends at a multiple of the limit.
/// </summary>
internal sealed class CellClock : IDisposable
{
    /// <summary>How much longer than its limit a guest may take, where it does not use its processor time.</summary>
    private const int MostTimes = 3;

    /// <summary>A guest that spins has a little less than the time that went by.</summary>
    private const double Nearly = 0.9;

    /// <summary>Between two looks at the processor time.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _end = new();
    private readonly Timer _timer;
    private readonly WorkerTime? _time;
    private readonly TimeSpan _limit;
    private readonly Lock _lock = new();
    private TimeSpan? _before;
    private long _started = Stopwatch.GetTimestamp();
    private bool _entered;
    private bool _disposed;

    /// <param name="limit">The cell's.</param>
    /// <param name="time">The worker's processor time; null where only the time that goes by counts.</param>
    public CellClock(TimeSpan limit, WorkerTime? time = null)
    {
        Current = _limit = limit;
        _time = time;
        _before = time?.Begin();
        _timer = new Timer(_ => Look());
        // A worker that has the module ready does not say so: it enters the guest at once.
        _timer.Change(limit, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What a worker may take, at least, to get a module ready or to answer about its imports.</summary>
    public static TimeSpan Preparing(TimeSpan limit) => limit > LeastPreparing ? limit : LeastPreparing;

    private static TimeSpan LeastPreparing { get; } = TimeSpan.FromSeconds(60);

    /// <summary>Is cancelled when the time is up.</summary>
    public CancellationToken Token => _end.Token;

    /// <summary>The limit that holds now: of processor time, or of the time that goes by once that was reached.</summary>
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
                _timer.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
                return;
            }

            _entered = true;
            Current = _limit;
            _started = Stopwatch.GetTimestamp();
            // What the getting ready took is the runtime's.
            _before = _time?.Begin();
            _timer.Change(_limit, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _timer.Dispose();
            _end.Dispose();
        }
    }

    private void Look()
    {
        lock (_lock)
        {
            if (_disposed) return;
            var most = Current * MostTimes;
            var went = Stopwatch.GetElapsedTime(_started);
            if (_time?.Now() - _before is { } its && its < Current * Nearly)
            {
                if (went < most)
                {
                    var left = Current - its < most - went ? Current - its : most - went;
                    _timer.Change(left > LookAgain ? left : LookAgain, Timeout.InfiniteTimeSpan);
                    return;
                }

                Current = most;
            }

            // Not here, where the lock is held: who hears it disposes of this.
            _ = _end.CancelAsync();
        }
    }
}
