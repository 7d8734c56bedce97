using System.Collections.Immutable;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Conformance.Engine.Building;
using Conformance.Engine.Imports;
using Conformance.Engine.Judging;
using Conformance.Engine.Planning;
using Conformance.Engine.Servers;
using Conformance.Engine.Sizes;
using Conformance.Machine;
using Conformance.Model.Comparing;
using Conformance.Model.Counters;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Model.Runtimes;
using Conformance.Wasm;

namespace Conformance.Engine.Running;

/// <summary>
/// Runs a plan's cells: starts a worker for each runtime, tells who they are, keeps as many cells going as there are jobs, judges and
/// compares.
/// </summary>
/// <param name="plan">What to run.</param>
/// <param name="server">What counts.</param>
/// <param name="options">How.</param>
/// <param name="listeners">Who hears of it as it goes, in this order: what is shown has been kept where who keeps it stands first.</param>
public sealed class MatrixRun(Plan plan, ICounterServer server, RunOptions options, params ImmutableArray<IReportListener> listeners)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Verdict, int> _verdicts = [];
    private ToldReport? _told;
    private AgreementFold? _agreements;
    private int _restarts;

    /// <summary>All that was observed; of a run that an unexpected verdict ended, what was observed until then.</summary>
    /// <exception cref="OperationCanceledException">Cancelled: what was seen until then has been told, and there is no footer.</exception>
    /// <exception cref="ConformanceException">A runtime that is required is not there, or the machine is not fit to run any.</exception>
    public async Task<Report> RunAsync(CancellationToken cancellation)
    {
        _told = new ToldReport();
        await TellAsync(cancellation).ConfigureAwait(false);
        return _told.Report;
    }

    /// <summary>
    /// Runs it for its listeners alone: a cell that was told is not held any more when its row is complete, however many there are.
    /// </summary>
    /// <inheritdoc cref="RunAsync" path="/exception"/>
    public async Task TellAsync(CancellationToken cancellation)
    {
        if (Fault(died: false) is { } fault) throw new EnvironmentException(fault);
        _restarts = server.Restarts;
        var started = Stopwatch.GetTimestamp();
        var startedAt = options.Time.GetUtcNow();
        using var modules = new DeclaredModules();
        await using var pages = plan.Modules.Any(m => m.Page is not null)
            ? await PageServer.StartAsync(plan.Modules, 0, cancellation).ConfigureAwait(false) : null;
        await using var own = options.Workers is null ? new WorkerPool() : null;
        var workers = options.Workers ?? own!;
        var supervisors = plan.Runtimes.ToDictionary(r => r.Id,
            r => new RuntimeSupervisor(Reaching(r), options, workers, server, pages, modules), StringComparer.Ordinal);
        _agreements = new AgreementFold(plan, Circumstances.Here(server.Info.Variant, runtimeVersion: null, options.Time),
            runtime => supervisors[runtime].Identity?.Version);
        try
        {
            await Task.WhenAll(supervisors.Values.Select(s => s.StartAsync(cancellation))).ConfigureAwait(false);
            Require(supervisors.Values.Where(s => !s.IsExpected));
            SendHeader();

            var complete = await RunCellsAsync(supervisors, SendHeader, cancellation).ConfigureAwait(false);
            var elapsed = Stopwatch.GetElapsedTime(started);
            await MeasureSizesAsync(cancellation).ConfigureAwait(false);
            if (options.DrawAtlas)
            {
                Release();
                await DrawAtlasAsync(workers, cancellation).ConfigureAwait(false);
            }

            var footer = FooterLine.Create(_verdicts, _agreements.Decided(), elapsed, complete);
            Notify(listener => listener.OnFooter(footer));
        }
        finally
        {
            Release();
        }

        void Release()
        {
            foreach (var supervisor in supervisors.Values) supervisor.Release();
        }

        void SendHeader()
        {
            lock (_lock)
            {
                var header = ReportHeader.Create(plan, server.Info, options.Shuffle, startedAt, runtime => supervisors[runtime.Id].Info);
                Notify(listener => listener.OnHeader(header, plan.Cells.Length));
            }
        }
    }

    /// <summary>A server elsewhere is not reached from a network that has nothing but this machine.</summary>
    private RuntimeManifest Reaching(RuntimeManifest runtime) =>
        new Uri(server.Url).IsLoopback ? runtime : runtime with { UsesMachineNetwork = true };

    /// <summary>One call at a time.</summary>
    private void Notify(Action<IReportListener> line)
    {
        lock (_lock)
        {
            foreach (var listener in listeners) line(listener);
            if (_told is not null) line(_told);
        }
    }

    /// <summary>After the cells, so that measuring costs no guest its time.</summary>
    private async Task MeasureSizesAsync(CancellationToken cancellation)
    {
        var sizes = new ModuleSizes(options.CacheFolder);
        var measured = plan.Modules.Select(sizes.Known).ToArray();
        var unknown = options.MeasureSizes ? Enumerable.Range(0, measured.Length).Where(i => measured[i] is null).ToList() : [];
        if (unknown.Count > 0) Notify(listener => listener.OnMeasuring(unknown.Count));
        await Parallel.ForEachAsync(unknown,
            new ParallelOptions { MaxDegreeOfParallelism = options.Jobs, CancellationToken = cancellation }, async (i, token) =>
            {
                try
                {
                    measured[i] = await sizes.MeasureAsync(plan.Modules[i], token).ConfigureAwait(false);
                }
                catch (WasmFormatException)
                {
                    // Its cells have told so.
                }
            }).ConfigureAwait(false);
        foreach (var size in measured.OfType<SizeLine>()) Notify(listener => listener.OnSize(size));
    }

    private async Task DrawAtlasAsync(WorkerPool workers, CancellationToken cancellation)
    {
        var answers = await ImportSurvey.AtlasAsync(plan.Runtimes, options with { Workers = workers }, cancellation).ConfigureAwait(false);
        if (answers.FirstOrDefault(answer => answer.Failure is not null) is { } silent)
            throw new EnvironmentException($"{silent.Runtime} does not answer: {silent.Failure}");
        foreach (var runtime in answers.Where(runtime => runtime.Unavailable is null))
        {
            var atlas = runtime.Atlas;
            Notify(listener => listener.OnAtlas(atlas));
        }
    }

    /// <summary>
    /// Each runtime works through its own cells, so that one that is slow to start or to run has no more workers than its share; together
    /// they keep to the number of jobs. A runtime whose release is fetched runs its cells when it has come.
    /// </summary>
    private async Task<bool> RunCellsAsync(Dictionary<string, RuntimeSupervisor> supervisors,
        Action sendHeader, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var jobs = new SemaphoreSlim(options.Jobs);
        ExceptionDispatchInfo? failure = null;
        var share = Math.Max(1, options.Jobs / supervisors.Count);
        var runtimes = Ordered().GroupBy(cell => cell.Runtime.Id, StringComparer.Ordinal)
            .Select(cells => RunRuntimeAsync(supervisors[cells.Key], cells)).ToList();
        try
        {
            await Task.WhenAll(runtimes).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Fail fast, where what is known is a report, but not a complete one; or a failure of our own, told as what it is.
        }

        failure?.Throw();
        return _verdicts.Values.Sum() == plan.Cells.Length;

        async Task RunRuntimeAsync(RuntimeSupervisor supervisor, IEnumerable<Cell> cells)
        {
            if (supervisor.IsExpected && !await ArrivesAsync(supervisor).ConfigureAwait(false)) return;
            await Parallel.ForEachAsync(cells, new ParallelOptions { MaxDegreeOfParallelism = share, CancellationToken = stop.Token },
                (cell, token) => RunOneAsync(cell, token)).ConfigureAwait(false);
        }

        async Task<bool> ArrivesAsync(RuntimeSupervisor supervisor)
        {
            try
            {
                await supervisor.ArriveAsync(stop.Token).ConfigureAwait(false);
                Require([supervisor]);
                sendHeader();
                return true;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failure ??= ExceptionDispatchInfo.Capture(e);
                await stop.CancelAsync().ConfigureAwait(false);
                return false;
            }
        }

        async ValueTask RunOneAsync(Cell cell, CancellationToken token)
        {
            await jobs.WaitAsync(token).ConfigureAwait(false);
            try
            {
                var line = await RunCellAsync(cell, supervisors[cell.Runtime.Id], token).ConfigureAwait(false);
                // How it is hosted is not what it was when the run began.
                if (Interlocked.Exchange(ref _restarts, server.Restarts) != server.Restarts) sendHeader();
                lock (_lock)
                {
                    _verdicts[line.Verdict] = _verdicts.GetValueOrDefault(line.Verdict) + 1;
                    _agreements!.Add(line);
                    Notify(listener => listener.OnCell(line));
                }

                if (options.FailFast && line.Verdict.IsUnexpected()) await stop.CancelAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failure ??= ExceptionDispatchInfo.Capture(e);
                await stop.CancelAsync().ConfigureAwait(false);
            }
            finally
            {
                jobs.Release();
            }
        }
    }

    private async Task<CellLine> RunCellAsync(Cell cell, RuntimeSupervisor supervisor, CancellationToken cancellation)
    {
        var circumstances = Circumstances.Here(server.Info.Variant, supervisor.Identity?.Version, options.Time);
        if (Judge.Skipped(cell, circumstances) is { } skipped)
        {
            return Line(cell, new Observation(RunResult.Failed(Phase.Load, OutcomeCodes.Skipped, null)), skipped, null);
        }

        var (observation, judgement) = await DecideAsync().ConfigureAwait(false);
        var line = Line(cell, observation, judgement, supervisor.Unavailability?.Remedy);
        if (!judgement.Verdict.WasRun()) return line;
        var attempts = 1;
        for (var limit = options.Repeat + (judgement.Verdict.IsUnexpected() ? options.RetryUnexpected : 0); attempts < limit;)
        {
            var (again, otherwise) = await DecideAsync().ConfigureAwait(false);
            // What it does is not known then, nor that it does something else.
            if (otherwise.Verdict == Verdict.NotRun) break;
            attempts++;
            if (!Comparison.Agree(observation, again))
            {
                // What it does is not known: no verdict but this one would be true. The departures stay those of the first observation.
                var other = new OtherObservation(attempts, otherwise.Verdict, again);
                return line with { Verdict = Verdict.Flaky, Attempts = attempts, Other = other };
            }
        }

        return line with { Attempts = attempts };

        async Task<(Observation, Judgement)> DecideAsync()
        {
            var seen = await supervisor.ObserveAsync(cell, cancellation).ConfigureAwait(false);
            var limit = await supervisor.LimitAsync(cell, seen, cancellation).ConfigureAwait(false);
            var decided = Judge.Decide(cell, seen, circumstances, limit);
            if (!decided.Verdict.IsUnexpected() || Fault(decided.Verdict == Verdict.Crashed) is not { } fault) return (seen, decided);
            // What was seen is kept, and is not told as the runtime's.
            seen = seen with
            {
                Run = seen.Run with
                {
                    Outcome = Outcome.Failure(seen.Outcome.Phase, OutcomeCodes.NotRun),
                    Text = $"{fault}{(seen.Run.Text is { } words ? $"; then: {words}" : "")}",
                },
            };
            return (seen, Judge.Decide(cell, seen, circumstances));
        }
    }

    /// <summary>What is wrong with the machine, where a cell was seen to depart; null where nothing is.</summary>
    /// <param name="died">Whether its worker ended.</param>
    private string? Fault(bool died) => MachineFault.Find(WrittenFolders()) ?? MachineFault.FindLimit(died);

    private IEnumerable<(string Use, string Folder)> WrittenFolders()
    {
        yield return ("temporary", Path.GetTempPath());
        if (options.CacheFolder is { } cache) yield return ("cache", cache);
    }

    /// <summary>The cells in the order in which they are started.</summary>
    private Cell[] Ordered()
    {
        var cells = plan.Cells.ToArray();
        if (options.Shuffle is { } seed) new Random(seed).Shuffle(cells);
        return cells;
    }

    private CellLine Line(Cell cell, Observation observation, Judgement judgement, string? remedy) => new()
    {
        Id = cell.Id,
        Verdict = judgement.Verdict,
        Observation = observation,
        Departures = judgement.Departures,
        Reason = judgement.Reason,
        Link = judgement.Link,
        Remedy = judgement.Verdict == Verdict.Unavailable ? remedy ?? cell.Runtime.Remedy : null,
        Repro = options.Repro(cell.Id, server.Info.Variant),
    };

    private void Require(IEnumerable<RuntimeSupervisor> supervisors)
    {
        foreach (var supervisor in supervisors)
        {
            if (supervisor.Unavailability is { } missing && options.Required.Contains(supervisor.Runtime.Id))
                throw new RuntimeRequiredException(supervisor.Runtime.Id, missing);
        }
    }

    /// <summary>All that was told, for who wants it as one value.</summary>
    private sealed class ToldReport : IReportListener
    {
        private readonly ImmutableArray<CellLine>.Builder _cells = ImmutableArray.CreateBuilder<CellLine>();
        private readonly ImmutableArray<SizeLine>.Builder _sizes = ImmutableArray.CreateBuilder<SizeLine>();
        private readonly ImmutableArray<AtlasLine>.Builder _atlas = ImmutableArray.CreateBuilder<AtlasLine>();
        private HeaderLine? _header;
        private FooterLine? _footer;

        public Report Report => new(_header!, _cells.ToImmutable(), _sizes.ToImmutable(), _atlas.ToImmutable(), _footer);

        public void OnHeader(HeaderLine header, int cells) => _header = header;

        public void OnCell(CellLine cell) => _cells.Add(cell);

        public void OnSize(SizeLine size) => _sizes.Add(size);

        public void OnAtlas(AtlasLine atlas) => _atlas.Add(atlas);

        public void OnFooter(FooterLine footer) => _footer = footer;
    }
}
