using Microsoft.Data.Sqlite;

namespace Conformance.History;

/// <summary>
/// The tables of a history. A cell has a row for each night in which it was not as the night before, and none for the others: a year of
/// nights takes little more room than one.
/// </summary>
internal static class HistorySchema
{
    /// <summary>Kept in the file as SQLite's user_version; raised when a reader would have to change.</summary>
    public const int Version = 1;

    private const string Tables = """
        CREATE TABLE history (server_variant TEXT NOT NULL, os TEXT NOT NULL, architecture TEXT NOT NULL);
        CREATE TABLE night (
            id INTEGER PRIMARY KEY, started TEXT NOT NULL UNIQUE, report_sha256 TEXT NOT NULL UNIQUE, harness TEXT NOT NULL,
            cells INTEGER NOT NULL, changes INTEGER);
        CREATE TABLE night_count (
            night INTEGER NOT NULL REFERENCES night ON DELETE CASCADE, kind TEXT NOT NULL, name TEXT NOT NULL, count INTEGER NOT NULL,
            PRIMARY KEY (night, kind, name)) WITHOUT ROWID;
        CREATE TABLE night_runtime (
            night INTEGER NOT NULL REFERENCES night ON DELETE CASCADE, runtime TEXT NOT NULL, version TEXT, unexpected INTEGER NOT NULL,
            compile_ms REAL NOT NULL, link_ms REAL NOT NULL, run_ms REAL NOT NULL, PRIMARY KEY (night, runtime)) WITHOUT ROWID;
        CREATE TABLE cell (
            id INTEGER PRIMARY KEY, module TEXT NOT NULL, scenario TEXT NOT NULL, runtime TEXT NOT NULL, UNIQUE (module, scenario,
            runtime));
        CREATE TABLE outcome (id INTEGER PRIMARY KEY, shown TEXT NOT NULL UNIQUE, verdict TEXT NOT NULL);
        -- outcome is null where the cell is not there any more
        CREATE TABLE transition (
            cell INTEGER NOT NULL REFERENCES cell, night INTEGER NOT NULL REFERENCES night, outcome INTEGER REFERENCES outcome,
            text TEXT, PRIMARY KEY (cell, night)) WITHOUT ROWID;
        CREATE INDEX transition_by_night ON transition (night);
        """;

    /// <summary>What a night measured of time, by names; histories of earlier harnesses get it when they are opened.</summary>
    private const string Measures = """
        CREATE TABLE IF NOT EXISTS night_measure (
            night INTEGER NOT NULL REFERENCES night ON DELETE CASCADE, name TEXT NOT NULL, value REAL NOT NULL,
            PRIMARY KEY (night, name)) WITHOUT ROWID;
        """;

    /// <summary>Makes the tables of a new file.</summary>
    /// <exception cref="HistoryException">The file is of a later schema, or no history.</exception>
    public static void Ensure(SqliteConnection connection, string path)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        var version = Convert.ToInt32(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
        if (version == Version)
        {
            command.CommandText = "PRAGMA quick_check(1)";
            var found = Convert.ToString(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
            if (found != "ok")
                throw new HistoryException($"{path}: it is damaged: {found?.ReplaceLineEndings(" ")}; move it away, and history add makes a new one");
            command.CommandText = Measures;
            command.ExecuteNonQuery();
            return;
        }

        if (version != 0) throw new HistoryException($"{path}: its schema is {version}, and this harness knows {Version}");
        command.CommandText = "SELECT count(*) FROM sqlite_schema";
        if (Convert.ToInt32(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture) != 0)
            throw new HistoryException($"{path}: it is a database, and no history of this harness");
        using var transaction = connection.BeginTransaction();
        command.Transaction = transaction;
        command.CommandText = $"{Tables} {Measures} PRAGMA user_version = {Version};";
        command.ExecuteNonQuery();
        transaction.Commit();
    }
}
