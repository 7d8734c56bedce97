using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Conformance.Machine;
using Conformance.Model;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Diffing;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Jsonl;
using Conformance.Reporting.Trends;
using Conformance.Reporting.Wording;
using Microsoft.Data.Sqlite;

namespace Conformance.History;

/// <summary>What became of adding a report.</summary>
/// <param name="Night">When its run began.</param>
/// <param name="Changes">How many cells were not as the night before; null with the first night.</param>
/// <param name="Known">True where the report was there already, and nothing was added.</param>
/// <param name="Behind">The night before, where that has a later clock: one of the two was wrong. Null where the clock went on.</param>
public sealed record AddedNight(DateTimeOffset Night, int? Changes, bool Known, DateTimeOffset? Behind);

/// <summary>One change of one cell.</summary>
/// <param name="Night">The first night in which it was so.</param>
/// <param name="RuntimeVersion">The runtime's in that night; null where it was unavailable.</param>
/// <param name="Shown">What it showed; null where it was gone.</param>
/// <param name="Text">The runtime's words at that time.</param>
/// <param name="Nights">For how many nights it stayed so.</param>
public sealed record CellTransition(DateTimeOffset Night, string? RuntimeVersion, string? Shown, string? Text, int Nights);

/// <summary>
/// The nights of one matrix in a SQLite file: for each cell what it showed and since when, for each night its sums. All nights of a history
/// are of one server variant and one kind of machine, as they would be for a diff. Everything that is written is written in one
/// transaction.
/// </summary>
public sealed class HistoryDatabase : IDisposable
{
    private const string VerdictCount = "verdict";
    private const string AgreementCount = "agreement";

    /// <summary>SQLite's codes of a file that is damaged, and of one that is something else.</summary>
    private const int Corrupt = 11, NoDatabase = 26;

    private readonly SqliteConnection _connection;
    private readonly string _path;

    private HistoryDatabase(SqliteConnection connection, string path)
    {
        _connection = connection;
        _path = path;
    }

    /// <summary>Opens a history, and makes it where there is none.</summary>
    /// <param name="path">The file.</param>
    /// <param name="create">False: it must be there.</param>
    /// <exception cref="HistoryException">It can't be used, or is not there.</exception>
    public static HistoryDatabase Open(string path, bool create)
    {
        if (!create && !File.Exists(path))
            throw new HistoryException($"{path}: there is no such history; conformance history add makes one");
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = create ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite,
            ForeignKeys = true,
            Pooling = false
        }.ToString());
        try
        {
            if (create) Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            connection.Open();
            HistorySchema.Ensure(connection, path);
            return new HistoryDatabase(connection, path);
        }
        catch (Exception e)
        {
            connection.Dispose();
            if (e is IOException or UnauthorizedAccessException || IsOfSqlite(e)) throw Failed(path, e);
            throw;
        }
    }

    /// <summary>Adds a night. The same report a second time changes nothing.</summary>
    /// <param name="report">A whole report, newer than all that are there.</param>
    /// <param name="reportPath">Its file.</param>
    /// <param name="inSequence">True: it is the newest whatever its clock says; nights are in the order in which they are added.</param>
    /// <exception cref="HistoryException">It does not belong here, or can't be written; or what was measured beside it is no such
    /// thing.</exception>
    public AddedNight Add(Report report, string reportPath, bool inSequence = false)
    {
        if (!report.IsComplete)
            throw new HistoryException($"{reportPath}: partial report: its run was cut short, and a history keeps whole nights only");
        if (report.Header.Shard is { } shard)
            throw new HistoryException($"{reportPath}: it is part {shard.Index} of {shard.Count}: merge the parts first");
        return Guarded(() => AddWhole(report, reportPath, Sha256.HexOfFile(reportPath), inSequence));
    }

    /// <summary>Whether a report has been added.</summary>
    /// <param name="reportPath">Its file.</param>
    public bool Has(string reportPath) =>
        Rows("SELECT 1 FROM night WHERE report_sha256 = $sha", _ => true, ("$sha", Sha256.HexOfFile(reportPath))).Count > 0;

    /// <summary>The newest nights, oldest first.</summary>
    /// <param name="most">How many at the most.</param>
    public ImmutableArray<TrendNight> Trend(int most)
    {
        var counts = Rows("SELECT night, kind, name, count FROM night_count", row => (Night: row.GetInt64(0),
            Kind: row.GetString(1), Name: row.GetString(2), Count: row.GetInt32(3))).ToLookup(c => (c.Night, c.Kind));
        var runtimes = Rows(
            "SELECT night, runtime, version, unexpected, compile_ms, link_ms, run_ms FROM night_runtime ORDER BY runtime",
            row => (Night: row.GetInt64(0), Runtime: new TrendRuntime(row.GetString(1),
                Text(row, 2), row.GetInt32(3), row.GetDouble(4), row.GetDouble(5), row.GetDouble(6))))
                .ToLookup(r => r.Night, r => r.Runtime);
        var measures = Rows("SELECT night, name, value FROM night_measure",
            row => (Night: row.GetInt64(0), Name: row.GetString(1), Value: row.GetDouble(2))).ToLookup(measure => measure.Night);
        ImmutableSortedDictionary<string, int> Counts(long night, string kind) =>
            counts[(night, kind)].ToImmutableSortedDictionary(c => c.Name, c => c.Count, StringComparer.Ordinal);
        return
        [
            .. Rows(
                "SELECT id, started, harness, cells, changes FROM (SELECT * FROM night ORDER BY id DESC LIMIT $most) ORDER BY id",
                row => new TrendNight(Time(row.GetString(1)), row.GetString(2), row.GetInt32(3), Counts(row.GetInt64(0), VerdictCount),
                    Counts(row.GetInt64(0), AgreementCount), row.IsDBNull(4) ? null : row.GetInt32(4), [.. runtimes[row.GetInt64(0)]])
                {
                    Measures = measures[row.GetInt64(0)].ToImmutableSortedDictionary(m => m.Name, m => m.Value, StringComparer.Ordinal),
                },
                ("$most", most)),
        ];
    }

    /// <summary>Everything that a cell ever showed, oldest first; nothing where it never was there.</summary>
    public ImmutableArray<CellTransition> Cell(string module, string scenario, string runtime)
    {
        var nights = Rows("SELECT id FROM night ORDER BY id", row => row.GetInt64(0)).ToImmutableArray();
        var rows = Rows(
            """
            SELECT t.night, n.started, r.version, o.shown, t.text
            FROM cell c JOIN transition t ON t.cell = c.id JOIN night n ON n.id = t.night
                LEFT JOIN outcome o ON o.id = t.outcome LEFT JOIN night_runtime r ON r.night = t.night AND r.runtime = c.runtime
            WHERE c.module = $module AND c.scenario = $scenario AND c.runtime = $runtime ORDER BY t.night
            """,
            row => (Night: row.GetInt64(0), Started: Time(row.GetString(1)),
                Version: Text(row, 2), Shown: Text(row, 3), Words: Text(row, 4)),
            ("$module", module), ("$scenario", scenario), ("$runtime", runtime)).ToList();
        return [.. rows.Select((row, i) => new CellTransition(
            row.Started, row.Version, row.Shown, row.Words,
                nights.Count(night => night >= row.Night && (i + 1 == rows.Count || night < rows[i + 1].Night))))];
    }

    /// <summary>What every cell showed in the newest night, as <c>module/scenario/runtime</c>.</summary>
    public ImmutableSortedDictionary<string, string> Newest() => Rows(
        $"SELECT c.module, c.scenario, c.runtime, o.shown FROM ({Latest}) l JOIN cell c ON c.id = l.cell JOIN outcome o ON o.id = l.outcome",
        row => ($"{row.GetString(0)}/{row.GetString(1)}/{row.GetString(2)}", row.GetString(3)))
            .ToImmutableSortedDictionary(pair => pair.Item1, pair => pair.Item2, StringComparer.Ordinal);

    /// <summary>Forgets all nights but the newest; what each cell showed when the first that is kept began stays known.</summary>
    /// <param name="keep">How many nights stay, at least 1.</param>
    /// <returns>How many were forgotten.</returns>
    /// <exception cref="HistoryException">It can't be written.</exception>
    public int Prune(int keep)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        return Guarded(() =>
        {
            using (var transaction = _connection.BeginTransaction())
            {
                var first = Rows("SELECT min(id) FROM (SELECT id FROM night ORDER BY id DESC LIMIT $keep)",
                    row => row.IsDBNull(0) ? 0 : row.GetInt64(0), ("$keep", keep)).Single();
                var forgotten = Rows("SELECT count(*) FROM night WHERE id < $first", row => row.GetInt32(0), ("$first", first)).Single();
                if (forgotten == 0) return 0;
                // The last that was known before moves to the first night that stays, unless the cell changed in that one anyway.
                Run("INSERT OR IGNORE INTO transition SELECT cell, $first, outcome, text FROM transition t WHERE night = (SELECT max(night) FROM transition WHERE cell = t.cell AND night < $first) AND outcome IS NOT NULL", ("$first", first));
                Run("DELETE FROM transition WHERE night < $first", ("$first", first));
                Run("UPDATE night SET changes = NULL WHERE id = $first", ("$first", first));
                Run("DELETE FROM night WHERE id < $first", ("$first", first));
                Run("DELETE FROM cell WHERE id NOT IN (SELECT cell FROM transition)");
                Run("DELETE FROM outcome WHERE id NOT IN (SELECT outcome FROM transition WHERE outcome IS NOT NULL)");
                transaction.Commit();
                keep = forgotten;
            }

            Run("VACUUM");
            return keep;
        });
    }

    public void Dispose() => _connection.Dispose();

    /// <summary>The last transition of each cell.</summary>
    private const string Latest = "SELECT t.cell, t.outcome FROM transition t JOIN (SELECT cell, max(night) AS night FROM transition GROUP BY cell) m ON m.cell = t.cell AND m.night = t.night";

    private AddedNight AddWhole(Report report, string reportPath, string sha256, bool inSequence)
    {
        var header = report.Header;
        var started = header.Started.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        using var transaction = _connection.BeginTransaction();
        if (Rows("SELECT changes FROM night WHERE report_sha256 = $sha", row => row.IsDBNull(0) ? (int?)null : row.GetInt32(0),
            ("$sha", sha256)).ToList() is [var known])
        {
            return new AddedNight(header.Started, known, Known: true, Behind: null);
        }

        CheckBelongs(header, reportPath);
        var newest = Rows("SELECT started FROM night ORDER BY id DESC LIMIT 1", row => row.GetString(0)).SingleOrDefault();
        var isBehind = newest is not null && string.CompareOrdinal(started, newest) <= 0;
        if (isBehind && !inSequence)
        {
            throw new HistoryException(
                $"{reportPath}: it is of {started}, and the history has {newest}: nights are added in their order; --in-sequence takes it for the newest, whatever its clock says");
        }

        var first = Rows("SELECT count(*) FROM night", row => row.GetInt32(0)).Single() == 0;
        var night = Insert("INSERT INTO night (started, report_sha256, harness, cells) VALUES ($started, $sha, $harness, $cells)",
            ("$started", started), ("$sha", sha256), ("$harness", header.Harness), ("$cells", report.Cells.Length));
        var measures = new NightMeasures();
        var changes = AddTransitions(report, night, measures);
        if (!first) Run("UPDATE night SET changes = $changes WHERE id = $night", ("$changes", changes), ("$night", night));
        AddSums(report, night, measures);
        foreach (var (name, value) in measures.All(Path.GetDirectoryName(Path.GetFullPath(reportPath))!))
        {
            Run("INSERT INTO night_measure VALUES ($night, $name, $value)",
                ("$night", night), ("$name", name), ("$value", value));
        }

        transaction.Commit();
        return new AddedNight(header.Started, first ? null : changes, Known: false, isBehind ? Time(newest!) : null);
    }

    private void CheckBelongs(HeaderLine header, string reportPath)
    {
        var (variant, os, architecture) = (header.Server.Variant, Provenance.Family(header.Machine.Os), header.Machine.Architecture);
        if (Rows("SELECT server_variant, os, architecture FROM history", row => (row.GetString(0), row.GetString(1), row.GetString(2)))
            .ToList() is not [var kept])
        {
            Run("INSERT INTO history VALUES ($variant, $os, $architecture)",
                ("$variant", variant), ("$os", os), ("$architecture", architecture));
        }
        else if (kept != (variant, os, architecture))
        {
            throw new HistoryException($"{reportPath}: it is of the counter server {variant} on {os} {architecture}, and the history of {kept.Item1} on {kept.Item2} {kept.Item3}: keep one for each");
        }
    }

    /// <summary>Goes through the cells, once: there may be many, and each is read from the report.</summary>
    private int AddTransitions(Report report, long night, NightMeasures measures)
    {
        var cells = Rows("SELECT id, module, scenario, runtime FROM cell", row => (Id: row.GetInt64(0),
            Key: new CellId(row.GetString(1), row.GetString(2), row.GetString(3)))).ToDictionary(c => c.Key, c => c.Id);
        var outcomes = Rows("SELECT shown, id FROM outcome", row => (Shown: row.GetString(0), Id: row.GetInt64(1)))
            .ToDictionary(o => o.Shown, o => o.Id, StringComparer.Ordinal);
        var latest = Rows(Latest, row => (Cell: row.GetInt64(0), Outcome: row.IsDBNull(1) ? (long?)null : row.GetInt64(1)))
            .ToDictionary(l => l.Cell, l => l.Outcome);
        using var insert = Command("INSERT INTO transition (cell, night, outcome, text) VALUES ($cell, $night, $outcome, $text)",
            ("$cell", 0L), ("$night", night), ("$outcome", DBNull.Value), ("$text", DBNull.Value));
        using var add = Command("INSERT INTO cell (module, scenario, runtime) VALUES ($module, $scenario, $runtime) RETURNING id",
            ("$module", ""), ("$scenario", ""), ("$runtime", ""));
        var changes = 0;
        long Add(CellId cell)
        {
            add.Parameters["$module"].Value = cell.Row.Module;
            add.Parameters["$scenario"].Value = cell.Row.Scenario;
            add.Parameters["$runtime"].Value = cell.Runtime;
            return (long)add.ExecuteScalar()!;
        }

        void Record(long cell, long? outcome, string? text)
        {
            insert.Parameters["$cell"].Value = cell;
            insert.Parameters["$outcome"].Value = (object?)outcome ?? DBNull.Value;
            insert.Parameters["$text"].Value = (object?)text ?? DBNull.Value;
            insert.ExecuteNonQuery();
            changes++;
        }

        foreach (var line in report.Cells)
        {
            measures.Add(line);
            if (!cells.Remove(line.Id, out var cell)) cell = Add(line.Id);
            var shown = CellWording.Summary(line);
            if (!outcomes.TryGetValue(shown, out var outcome))
            {
                outcomes[shown] = outcome = Insert(
                "INSERT INTO outcome (shown, verdict) VALUES ($shown, $verdict)", ("$shown", shown), ("$verdict", line.Verdict.Word()));
            }

            if (!latest.TryGetValue(cell, out var before) || before != outcome) Record(cell, outcome, line.Run.Text);
        }

        // What is left was not in this night.
        foreach (var gone in cells.Values.Where(cell => latest.GetValueOrDefault(cell) is not null)) Record(gone, null, null);
        return changes;
    }

    private void AddSums(Report report, long night, NightMeasures measures)
    {
        void Count(string kind, string name, int count) => Run("INSERT INTO night_count VALUES ($night, $kind, $name, $count)",
            ("$night", night), ("$kind", kind), ("$name", name), ("$count", count));
        foreach (var (verdict, cells) in report.Cells.Verdicts) Count(VerdictCount, verdict.Word(), cells);
        foreach (var result in report.Footer!.Agreements.GroupBy(agreement => agreement.Result))
            Count(AgreementCount, result.Key.ToString().ToLowerInvariant(), result.Count());
        foreach (var runtime in report.Header.Runtimes)
        {
            var its = measures.SumsOf(runtime.Id);
            Run(
                "INSERT INTO night_runtime VALUES ($night, $runtime, $version, $unexpected, $compile, $link, $run)",
                ("$night", night), ("$runtime", runtime.Id), ("$version", (object?)runtime.Version ?? DBNull.Value),
                    ("$unexpected", its.Unexpected), ("$compile", its.Compile), ("$link", its.Link), ("$run", its.Run));
        }
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }

    private void Run(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = Command(sql, parameters);
        command.ExecuteNonQuery();
    }

    private long Insert(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = Command($"{sql} RETURNING id", parameters);
        return (long)command.ExecuteScalar()!;
    }

    private List<T> Rows<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        try
        {
            using var command = Command(sql, parameters);
            using var reader = command.ExecuteReader();
            var rows = new List<T>();
            while (reader.Read()) rows.Add(read(reader));
            return rows;
        }
        catch (Exception e) when (IsOfSqlite(e))
        {
            throw Failed(_path, e);
        }
    }

    /// <summary>Does something to the file; what its damage makes of that is told as such.</summary>
    private T Guarded<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (IsOfSqlite(e))
        {
            throw Failed(_path, e);
        }
    }

    /// <summary>What SQLite, and what reads its values, throws for files that somebody damaged.</summary>
    private static bool IsOfSqlite(Exception e) => e is SqliteException or InvalidCastException or FormatException or OverflowException
        or ArgumentException or InvalidOperationException;

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    /// <summary>A file that is damaged is broken input; one that can't be had now is the machine's.</summary>
    private static HistoryException Failed(string path, Exception e) =>
        e is SqliteException { SqliteErrorCode: not (Corrupt or NoDatabase) } or IOException or UnauthorizedAccessException
        ? new HistoryException($"{path}: it can't be used as a history: {e.Message.ReplaceLineEndings(" ")}", e)
        : new HistoryException(
            $"{path}: it is damaged, or no history: {e.Message.ReplaceLineEndings(" ")}; move it away, and history add makes a new one");
}
