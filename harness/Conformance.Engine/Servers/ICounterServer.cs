using Conformance.CounterServer;
using Conformance.Model.Counters;
using Conformance.Model.Reports;

namespace Conformance.Engine.Servers;

/// <summary>A running counter server; disposing of it stops what was started for it.</summary>
public interface ICounterServer : IAsyncDisposable
{
    /// <summary>For the report.</summary>
    ServerInfo Info { get; }

    /// <summary>Where it answers, without a slash at the end.</summary>
    string Url { get; }

    /// <summary>How often it has been started again: what was counted before is gone.</summary>
    int Restarts => 0;

    /// <summary>Takes all that a counter knows; the server forgets it.</summary>
    /// <param name="counter">The counter.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Null where the server does not answer (any more).</returns>
    Task<Journal?> TakeJournalAsync(CounterKey counter, CancellationToken cancellation);

    /// <summary>For who had no answer: sees whether the server is there, and starts it again, once, where that can be done.</summary>
    /// <param name="restarts">What <see cref="Restarts"/> was when the answer was not had.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Null where the server answers (again); else why it does not, in words.</returns>
    Task<string?> RestoreAsync(int restarts, CancellationToken cancellation);
}
