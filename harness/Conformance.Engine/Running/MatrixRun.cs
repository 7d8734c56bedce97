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
/// Runs a plan's cells: starts a worker for each runtime, tells who they are, keeps as many cells going as there are jobs, judges and compares.
/// </summary>
public sealed class MatrixRun(Plan plan, ICounterServer server, RunOptions options, IReportListener listener)
{
    /// <summary>The schema of the report's lines.</summary>
    public const int Schema = 1;

    private readonly Lock _lock = new();
    private readonly List<CellLine> _lines = new(plan.Cells.Length);

    /// <summary>The lines of the cells that were run, in the order in which they ended.</summary>
    /// <exception cref="OperationCanceledException">Cancelled: what was seen until then has been told, and there is no footer.</exception>
    /// <exception cref="ConformanceException">A runtime that is required is not there.</exception>
    public async Task<IReadOnlyList<CellLine>> RunAsync(CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var startedAt = DateTimeOffset.UtcNow;
        // Counters of two runs against the same server must not meet.
        var runId = Guid.NewGuid().ToString("n")[..12];
        using var modules = new DeclaredModules();
        await using var pages = plan.Modules.Any(m => m.Page is not null) ? await PageServer.StartAsync(plan.Modules, 0, cancellation).ConfigureAwait(false) : null;
        var supervisors = plan.Runtimes.ToDictionary(r => r.Id, r => new RuntimeSupervisor(r, options, server, pages, modules, runId), StringComparer.Ordinal);
        try
        {
            await Task.WhenAll(supervisors.Values.Select(s => s.StartAsync(cancellation))).ConfigureAwait(false);
            Require(supervisors.Values.Where(s => !s.IsExpected));
            TellHeader();

            var complete = await RunCellsAsync(supervisors, TellHeader, cancellation).ConfigureAwait(false);
            var elapsed = Stopwatch.GetElapsedTime(started);
            await TellSizesAsync(cancellation).ConfigureAwait(false);
            if (options.DrawAtlas) await TellAtlasAsync(cancellation).ConfigureAwait(false);
            lock (_lock) listener.OnFooter(Footer(supervisors, complete, elapsed));
            return _lines;
        }
        finally
        {
            await Task.WhenAll(supervisors.Values.Select(s => s.DisposeAsync().AsTask())).ConfigureAwait(false);
        }

        void TellHeader()
        {
            lock (_lock) listener.OnHeader(Header(startedAt, supervisors), plan.Cells.Length);
        }
    }

    /// <summary>After the cells, so that measuring costs no guest its time.</summary>
    private async Task TellSizesAsync(CancellationToken cancellation)
    {
        var sizes = new ModuleSizes(options.CacheFolder);
        foreach (var module in plan.Modules)
        {
            try
            {
                if ((options.MeasureSizes ? await sizes.MeasureAsync(module, cancellation).ConfigureAwait(false) : sizes.Known(module)) is { } size) lock (_lock) listener.OnSize(size);
            }
            catch (WasmFormatException)
            {
                // Its cells have told so.
            }
        }
    }

    private async Task TellAtlasAsync(CancellationToken cancellation)
    {
        foreach (var runtime in (await ImportSurvey.AtlasAsync(plan.Runtimes, options, cancellation).ConfigureAwait(false)).Where(runtime => runtime.Unavailable is null))
        {
            lock (_lock) listener.OnAtlas(runtime.Atlas);
        }
    }

    /// <summary>
    /// Each runtime works through its own cells, so that one that is slow to start or to run has no more workers than its share; together they keep to
    /// the number of jobs. A runtime whose release is fetched runs its cells when it has come.
    /// </summary>
    private async Task<bool> RunCellsAsync(Dictionary<string, RuntimeSupervisor> supervisors, Action tellHeader, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var jobs = new SemaphoreSlim(options.Jobs);
        ExceptionDispatchInfo? failure = null;
        var share = Math.Max(1, options.Jobs / supervisors.Count);
        var runtimes = Ordered().GroupBy(cell => cell.Runtime.Id, StringComparer.Ordinal).Select(cells => RunRuntimeAsync(supervisors[cells.Key], cells)).ToList();
        try
        {
            await Task.WhenAll(runtimes).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Fail fast, where what is known is a report, but not a complete one; or a failure of our own, told as what it is.
        }

        failure?.Throw();
        return _lines.Count == plan.Cells.Length;

        async Task RunRuntimeAsync(RuntimeSupervisor supervisor, IEnumerable<Cell> cells)
        {
            if (supervisor.IsExpected && !await ArrivesAsync(supervisor).ConfigureAwait(false)) return;
            await Parallel.ForEachAsync(cells, new ParallelOptions { MaxDegreeOfParallelism = share, CancellationToken = stop.Token }, (cell, token) => RunOneAsync(cell, token)).ConfigureAwait(false);
        }

        async Task<bool> ArrivesAsync(RuntimeSupervisor supervisor)
        {
            try
            {
                await supervisor.ArriveAsync(stop.Token).ConfigureAwait(false);
                Require([supervisor]);
                tellHeader();
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
                lock (_lock)
                {
                    _lines.Add(line);
                    listener.OnCell(line);
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
        var circumstances = Circumstances.Here(server.Info.Variant, supervisor.Identity?.Version);
        if (Judge.Skipped(cell, circumstances) is { } skipped)
        {
            return Line(cell, new Observation(RunResult.Ended(Phase.Load, OutcomeCodes.Skipped, null)), skipped, null);
        }

        var observation = await supervisor.ObserveAsync(cell, cancellation).ConfigureAwait(false);
        var judgement = Judge.Of(cell, observation, circumstances, await supervisor.LimitAsync(cell, observation, cancellation).ConfigureAwait(false));
        var line = Line(cell, observation, judgement, supervisor.Unavailability?.Remedy);
        if (!judgement.Verdict.WasRun()) return line;
        var attempts = 1;
        for (var limit = options.Repeat + (judgement.Verdict.IsUnexpected() ? options.RetryUnexpected : 0); attempts < limit;)
        {
            var again = await supervisor.ObserveAsync(cell, cancellation).ConfigureAwait(false);
            attempts++;
            if (!Comparison.Agree(observation, again))
            {
                // What it does is not known: no verdict but this one would be true. The departures stay those of the first observation.
                var other = new OtherObservation(attempts, Judge.Of(cell, again, circumstances, await supervisor.LimitAsync(cell, again, cancellation).ConfigureAwait(false)).Verdict, again);
                return line with { Verdict = Verdict.Flaky, Attempts = attempts, Other = other };
            }
        }

        return line with { Attempts = attempts };
    }

    /// <summary>The cells in the order in which they are started.</summary>
    private Cell[] Ordered()
    {
        var cells = plan.Cells.ToArray();
        if (options.Shuffle is { } seed) new Random(seed).Shuffle(cells);
        return cells;
    }

    private CellLine Line(Cell cell, Observation observation, Judgement judgement, string? remedy) => new(observation)
    {
        Module = cell.Module.Id,
        Scenario = cell.Scenario.Id,
        Runtime = cell.Runtime.Id,
        Verdict = judgement.Verdict,
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

    private HeaderLine Header(DateTimeOffset started, Dictionary<string, RuntimeSupervisor> supervisors) => new()
    {
        Schema = Schema,
        Harness = HarnessVersion,
        Started = started,
        Machine = Machine,
        Server = server.Info,
        Shuffle = options.Shuffle,
        Shard = plan.Shard,
        Runtimes = [.. plan.Runtimes.Select(r => Info(supervisors[r.Id]))],
        Modules = [.. plan.Modules.Select(m => new ModuleInfo(m.Id, m.Sha256, HashFile(m.ManifestPath), m.Toolchain, m.Build?.Command, m.Build?.Date) { Manifest = Place(m) })],
    };

    private static ManifestPlace Place(ModuleManifest module)
    {
        var path = Path.GetRelativePath(Environment.CurrentDirectory, module.ManifestPath);
        if (Path.IsPathRooted(path) || path.StartsWith("..", StringComparison.Ordinal)) path = Path.GetRelativePath(Path.Combine(module.ManifestPath, "../../.."), module.ManifestPath);
        return new ManifestPlace(path.Replace('\\', '/'), module.WasmLine, module.Scenarios.ToImmutableSortedDictionary(s => s.Id, s => s.Line, StringComparer.Ordinal));
    }

    private static RuntimeInfo Info(RuntimeSupervisor supervisor)
    {
        var identity = supervisor.Identity;
        return new RuntimeInfo(
            supervisor.Runtime.Id,
            identity?.Version,
            identity?.Engine,
            identity is null ? null : Hash(string.Join('\n', identity.Libraries.Select(l => $"{l.Sha256} {l.Name}"))),
            HashFile(supervisor.Runtime.ManifestPath),
            identity?.Libraries ?? [],
            identity?.Features ?? [],
            supervisor.IsExpected ? new Unavailability("its release is being fetched", supervisor.Runtime.Remedy) : supervisor.Unavailability);
    }

    private FooterLine Footer(Dictionary<string, RuntimeSupervisor> supervisors, bool complete, TimeSpan elapsed) => new()
    {
        Cells = _lines.Count,
        Verdicts = _lines.GroupBy(l => l.Verdict.Word()).ToImmutableSortedDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal),
        Agreements = AgreementJudge.All(plan, _lines, server.Info.Variant, supervisors.ToDictionary(pair => pair.Key, pair => pair.Value.Identity?.Version, StringComparer.Ordinal)),
        ElapsedMs = Math.Round(elapsed.TotalMilliseconds, 1),
        Complete = complete,
    };

    /// <summary>The harness's version and, where it was built from a checkout, its commit.</summary>
    public static string HarnessVersion { get; } =
        typeof(MatrixRun).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private static MachineInfo Machine { get; } = new(
        RuntimeInformation.OSDescription,
        RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant(),
        Environment.ProcessorCount,
        RuntimeInformation.FrameworkDescription,
        typeof(MatrixRun).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == "Sdk")?.Value);

    /// <summary>A file's SHA-256, as the header has it.</summary>
    internal static string HashFile(string path) => Sha256.HexOfFile(path);

    private static string Hash(string text) => Sha256.Hex(text);
}
