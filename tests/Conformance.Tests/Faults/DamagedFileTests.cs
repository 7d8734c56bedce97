using Conformance.History;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Tests.CommandLine;

namespace Conformance.Tests.Faults;

/// <summary>Files that lie between runs and were damaged there, by a full disk or by somebody.</summary>
[Category("faults")]
[Category("Portable")]
[TestFixture]
public sealed class DamagedFileTests
{
    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    /// <summary>Sixteen ways: the file is told to be damaged, or still is what it was.</summary>
    [Test]
    public void A_damaged_history_is_told_as_such_and_never_a_stack_trace([Range(0, 15)] int way)
    {
        var path = _folder.Sub($"history-{way}.db");
        var report = SampleReport.Create(["counter-c"], ["wasmtime"], (_, _) => SampleReport.Pass(), SampleReport.Started);
        var file = report.Write(_folder, $"night-{way}");
        using (var history = HistoryDatabase.Open(path, create: true)) history.Add(report, file);
        Damage(path, way);
        try
        {
            using var history = HistoryDatabase.Open(path, create: false);
            Assert.That(history.Trend(10), Has.Length.LessThanOrEqualTo(1));
            _ = history.Newest();
            _ = history.Cell("counter-c", "ten-increments", "wasmtime");
            var next = report with { Header = report.Header with { Started = SampleReport.Started.AddDays(1) } };
            history.Add(next, next.Write(_folder, $"next-{way}"));
            _ = history.Prune(1);
        }
        catch (HistoryException e)
        {
            Assert.That(e.Message, Does.StartWith(path).And.Not.Contain("\n"));
        }
    }

    [TestCase("nonsense")]
    [TestCase("zeros")]
    [TestCase("empty values")]
    public async Task A_night_whose_history_is_damaged_keeps_its_report_in_all_forms(string damage)
    {
        using var matrix = new FakeMatrix("counter-a");
        matrix.Runtime("steady", "counts");
        var nights = matrix.Sub("nights");
        Assert.That((await Command.RunAsync(["nightly", "--out", nights, .. matrix.Folders])).ExitCode, Is.Zero);
        Damage(Path.Combine(nights, "history.db"), damage switch { "nonsense" => 0, "zeros" => 1, _ => 15 });
        File.Delete(Path.Combine(nights, "index.html"));
        var result = await Command.RunAsync(["nightly", "--out", nights, .. matrix.Folders]);
        Assert.That(result.ExitCode, Is.EqualTo(2), result.Error);
        Assert.That(result.Error.TrimEnd().Split('\n'), Has.Length.EqualTo(1));
        Assert.That(result.Error, Does.StartWith($"conformance: {Path.Combine(nights, "history.db")}: it is damaged"));
        Assert.That(Path.Combine(nights, "index.html"), Does.Exist);
    }

    [Test]
    public async Task A_night_whose_clock_is_behind_is_kept_after_the_others_and_told()
    {
        using var matrix = new FakeMatrix("counter-a");
        matrix.Runtime("steady", "counts");
        var nights = matrix.Sub("nights");
        Assert.That((await Command.RunAsync(["nightly", "--out", nights, .. matrix.Folders])).ExitCode, Is.Zero);
        // The clock was ahead that night, by years.
        var ahead = Path.Combine(nights, "nights", "2099-01-01T000000.000Z");
        Directory.Move(Directory.GetDirectories(Path.Combine(nights, "nights")).Single(), ahead);
        var report = Path.Combine(ahead, "report.jsonl");
        await File.WriteAllTextAsync(report, System.Text.RegularExpressions.Regex.Replace(await File.ReadAllTextAsync(report),
            "\"started\":\"[^\"]*\"", "\"started\":\"2099-01-01T00:00:00+00:00\""));
        File.Delete(Path.Combine(nights, "history.db"));

        matrix.Runtime("steady", "lies-about-counts");
        for (var night = 1; night <= 2; night++)
        {
            var result = await Command.RunAsync(["nightly", "--out", nights, .. matrix.Folders]);
            Assert.That(result.ExitCode, Is.EqualTo(1), result.Error);
            Assert.That(result.Error, Does.Contain("the clock is behind the night before"));
            Assert.That(result.Output, Does.Contain("since the last good night, 2099-01-01T000000.000Z: 1 cells compared: 1 regression"));
        }

        var trend = await Command.RunAsync("history", "trend", "--db", Path.Combine(nights, "history.db"));
        Assert.That(trend.Output.Split('\n').Count(line => line.Contains("fail", StringComparison.Ordinal)), Is.EqualTo(2), trend.Output);
        Assert.That(Directory.GetDirectories(Path.Combine(nights, "nights")), Has.Length.EqualTo(3));
    }

    [Test]
    public void Of_reports_by_hand_one_that_is_behind_is_added_where_that_is_asked_for()
    {
        using var history = HistoryDatabase.Open(_folder.Sub("in-sequence.db"), create: true);
        Report At(int day) => SampleReport.Create(["counter-c"], ["wasmtime"], (_, _) => SampleReport.Pass(), SampleReport.Started.AddDays(day));
        history.Add(At(100), At(100).Write(_folder, "ahead"));
        Assert.That(() => history.Add(At(1), At(1).Write(_folder, "behind")),
            Throws.TypeOf<HistoryException>().With.Message.Contains("--in-sequence"));
        Assert.That(history.Add(At(1), At(1).Write(_folder, "behind"), inSequence: true).Behind,
            Is.EqualTo(SampleReport.Started.AddDays(100)));
        Assert.That(history.Add(At(2), At(2).Write(_folder, "on"), inSequence: false).Behind, Is.Null);
        Assert.That(history.Trend(9).Select(night => night.Started),
            Is.EqualTo(new[] { At(100), At(1), At(2) }.Select(report => report.Header.Started)));
    }

    /// <summary>Ways to damage a file; the same every time.</summary>
    private static void Damage(string path, int way)
    {
        var bytes = File.ReadAllBytes(path);
        switch (way)
        {
            case 0: File.WriteAllText(path, "no database at all, and longer than a header of one would be: ".PadRight(4096, '.')); return;
            case 1: Array.Clear(bytes); break;
            case 2: bytes = bytes[..100]; break;
            case 3: bytes = bytes[..(bytes.Length / 2)]; break;
            case 4: bytes = bytes[..^1]; break;
            case 5: bytes[0] ^= 0xFF; break;
            case 6: Array.Clear(bytes, 100, 200); break;
            case 7: Array.Fill(bytes, (byte)0xFF, 4096, 4096); break;
            case 8: Array.Clear(bytes, bytes.Length - 4096, 4096); break;
            case >= 9 and <= 13:
                var random = new Random(way);
                for (var i = 0; i < 200; i++) bytes[random.Next(100, bytes.Length)] = (byte)random.Next(256);
                break;
            case 14: Sql(path, "PRAGMA user_version = 7"); return;
            default:
                Sql(path, "PRAGMA writable_schema = ON; UPDATE night SET started = 'yesterday', cells = 'many'; UPDATE night_count SET count = 'few'");
                return;
        }

        File.WriteAllBytes(path, bytes);
    }

    private static void Sql(string path, string sql)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
