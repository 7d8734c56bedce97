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

    /// <summary>Takes all that a counter knows; the server forgets it.</summary>
    /// <param name="prefix">The counter's path prefix, beginning with <c>/</c>.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="HttpRequestException">The server does not answer (any more).</exception>
    Task<Journal> TakeJournalAsync(string prefix, CancellationToken cancellation);
}
