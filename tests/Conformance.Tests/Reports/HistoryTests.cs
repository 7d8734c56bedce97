using Conformance.History;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Jsonl;
using Conformance.Reporting.Trends;
using Conformance.Reporting.Wording;
using CsCheck;
using Microsoft.Data.Sqlite;

namespace Conformance.Tests.Reports;

[Category("Portable")]
[TestFixture]
public sealed class HistoryTests
{
    private const string Scenario = "ten-increments";

    private static readonly string[] Runtimes = ["node", "wasmer"];

    private readonly TemporaryFolder _folder = new();
    private int _files;

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase("""{"a": "x"}""")]
    [TestCase("""[1]""")]
    [TestCase("nothing")]
    public void A_file_that_holds_no_measures_is_refused(string text)
    {
        var path = _folder.Write("no-measures.json", text);
        Assert.That(() => NightMeasures.Read(path), Throws.TypeOf<HistoryException>().With.Message.StartWith($"{path}: it is no object of"));
    }

    [Test]
    public void What_a_night_measured_is_held_against_the_nights_before()
    {
        using var folder = new TemporaryFolder();
        using var history = HistoryDatabase.Open(folder.Sub("history.db"), create: true);
        for (var night = 0; night < 7; night++)
        {
            var run = night < 6 ? 10 + night % 2 : 40;
            Timings Took(string module, string runtime) => new(null, 0.1, runtime == "node" ? 5 : module == "b" ? run : run - 1);
            var report = SampleReport.Create(["a", "b", "c"], ["node", "wasmtime"],
                (module, runtime) => SampleReport.Pass().Seen(seen => seen with { TimingsMs = Took(module, runtime) }),
                SampleReport.Started.AddDays(night));
            var path = SampleReport.Write(report, folder, $"night-{night}");
            if (night != 2) File.WriteAllText(Path.Combine(Path.GetDirectoryName(path)!, NightMeasures.FileName), """{"matrix": 2.5}""");
            history.Add(report, path);
        }

        var nights = history.Trend(100);
        Assert.That(nights[0].Measures, Is.EqualTo(new Dictionary<string, double>
        {
            ["benchmark: matrix"] = 2.5,
            ["node: link, ms"] = 0.1,
            ["node: run, ms"] = 5,
            ["wasmtime: link, ms"] = 0.1,
            ["wasmtime: run, ms"] = 9,
        }));
        Assert.That(TrendBand.Of(nights).Where(band => band.IsOutside).Select(band => band.Words),
            Is.EqualTo(["wasmtime: run, ms is 39, and was 7.28 to 11.7"]));
        Assert.That(TrendBand.Of(nights).Single(band => band.Name == "benchmark: matrix").Nights, Has.Length.EqualTo(5));
        Assert.That(TrendBand.Of(nights[..5]), Is.Empty, "four nights before are too few");
    }

    [Test]
    public void A_regression_is_found_with_its_night_its_words_and_how_long_it_was()
    {
        using var history = Open();
        foreach (var night in Enumerable.Range(0, 6))
        {
            Add(history, night, (_, runtime) => runtime == "wasmer" && night is 2 or 3
            && runtime == "wasmer" ? SampleReport.Fail().Seen(run => run with { Text = $"words of night {night}" }) : SampleReport.Pass());
        }

        var transitions = history.Cell("counter-c", Scenario, "wasmer");
        Assert.That(transitions.Select(t => (t.Night.Day, t.Shown, t.Nights, t.Text)), Is.EqualTo(new[]
        {
            (24, "pass 10/10/10", 2, null), (26, "fail 11/10/10", 2, "words of night 2"), (28, "pass 10/10/10", 2, (string?)null),
        }));
        Assert.That(history.Trend(100).Select(night => night.Changes), Is.EqualTo(new int?[] { null, 0, 1, 0, 1, 0 }));
        Assert.That(history.Trend(100)[2].Verdicts, Is.EqualTo(new Dictionary<string, int> { ["fail"] = 1, ["pass"] = 1 }));
        Assert.That(history.Trend(2).Select(night => night.Started.Day), Is.EqualTo(new[] { 28, 29 }));
    }

    [Test]
    public void Cells_that_go_and_come_back_are_told()
    {
        using var history = Open();
        Add(history, 0, (_, _) => SampleReport.Pass());
        Add(history, 1, (_, _) => SampleReport.Pass(), runtimes: ["node"]);
        Add(history, 2, (_, _) => SampleReport.Pass());
        Assert.That(history.Cell("counter-c", Scenario, "wasmer").Select(t => t.Shown),
            Is.EqualTo(new[] { "pass 10/10/10", null, "pass 10/10/10" }));
        Assert.That(history.Cell("counter-c", Scenario, "node"), Has.Length.EqualTo(1));
    }

    /// <summary>Whatever nights there are, the history knows of each what it showed; pruned, it still does of those that stay.</summary>
    [Test]
    public void Every_night_can_be_told_from_the_transitions() =>
        Gen.Int[0, 3].Array[2, 6].Array[2, 8].Sample(nights =>
        {
            using var history = Open();
            CellLine Of(int kind) => kind switch { 0 => SampleReport.Pass(), 1 => SampleReport.Fail(), _ => SampleReport.Refused() };
            for (var night = 0; night < nights.Length; night++)
            {
                // A kind of 3 is a module that is not there.
                var modules = nights[night].Index().Where(cell => cell.Item != 3)
                    .Select(cell => $"m{cell.Index}").DefaultIfEmpty("always").ToArray();
                Add(history, night, (module, _) => module == "always" ? SampleReport.Pass() : Of(nights[night][int.Parse(module[1..])]),
                    modules, ["node"]);
                var expected = nights[night].Index().Where(cell => cell.Item != 3)
                    .ToDictionary(cell => $"m{cell.Index}/{Scenario}/node", cell => CellWording.Summary(Of(cell.Item)));
                Assert.That(history.Newest().Where(pair => !pair.Key.StartsWith("always", StringComparison.Ordinal)),
                    Is.EquivalentTo(expected));
            }

            var newest = history.Newest();
            var keep = (nights.Length / 2) + 1;
            history.Prune(keep);
            Assert.That(history.Trend(100), Has.Length.EqualTo(keep));
            Assert.That(history.Newest(), Is.EquivalentTo(newest));
        }, iter: 40);

    [Test]
    public void The_same_report_twice_is_one_night()
    {
        using var history = Open();
        var path = Write(Report(0, (_, _) => SampleReport.Pass()));
        history.Add(ReportReader.Read(path), path);
        Assert.That(history.Add(ReportReader.Read(path), path).Known, Is.True);
        Assert.That(history.Trend(100), Has.Length.EqualTo(1));
    }

    [TestCaseSource(nameof(Strangers))]
    public void What_does_not_belong_is_refused_and_nothing_is_written(Func<Report, Report> change, string reason)
    {
        using var history = Open();
        Add(history, 1, (_, _) => SampleReport.Pass());
        var report = change(Report(2, (_, _) => SampleReport.Fail()));
        Assert.That(() => history.Add(report, Write(report)), Throws.TypeOf<HistoryException>().With.Message.Contains(reason));
        Assert.That((history.Trend(100).Length, history.Newest().Values.Distinct().Single()), Is.EqualTo((1, "pass 10/10/10")));
    }

    [Test]
    public void What_is_no_history_is_refused()
    {
        var text = _folder.Write("text.db", "this is no database, though it is long enough to be one: " + new string('x', 2000));
        Assert.That(() => HistoryDatabase.Open(text, create: true), Throws.TypeOf<HistoryException>().With.Message.StartsWith(text));
        var other = _folder.Sub("other.db");
        using (var connection = new SqliteConnection($"Data Source={other};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE somebodys (x)";
            command.ExecuteNonQuery();
        }

        Assert.That(() => HistoryDatabase.Open(other, create: true),
            Throws.TypeOf<HistoryException>().With.Message.Contains("no history of this harness"));
        Assert.That(() => HistoryDatabase.Open(_folder.Sub("none.db"), create: false),
            Throws.TypeOf<HistoryException>().With.Message.Contains("there is no such history"));
        Assert.That(File.Exists(_folder.Sub("none.db")), Is.False);
    }

    /// <summary>A year of 10,000 cells, 20 of which change each night and each with words of its own.</summary>
    [Category("Long")]
    [Test]
    public void A_year_of_large_nights_stays_small()
    {
        const int Nights = 365, Changing = 20;
        var path = _folder.Sub("year.db");
        using var history = HistoryDatabase.Open(path, create: true);
        string[] modules = [.. Enumerable.Range(0, 2000).Select(i => $"module-{i:0000}")];
        string[] runtimes = ["chromium", "node", "wasmer", "wasmer-js", "wasmtime"];
        var whole = SampleReport.Create(modules, runtimes, (_, _) => SampleReport.Pass());
        var report = _folder.Sub("night.txt");
        for (var night = 0; night < Nights; night++)
        {
            var cells = whole.Cells.ToBuilder();
            for (var i = 0; i < Changing; i++)
            {
                var place = ((night * 7919) + (i * 503)) % cells.Count;
                cells[place] = cells[place].Seen(run =>
                    run with { Text = $"some words that a runtime might say in night {night} about its cell {place}" }) with
                {
                    Verdict =
                    Verdict.Fail
                };
            }

            File.WriteAllText(report, $"night {night}");
            var header = whole.Header with { Started = SampleReport.Started.AddDays(night) };
            history.Add(whole with { Header = header, Cells = cells.ToImmutable() }, report);
        }

        Assert.That(new FileInfo(path).Length, Is.LessThan(100L * 1024 * 1024));
        TestContext.Out.WriteLine($"{Nights} nights of {whole.Cells.Length} cells: {new FileInfo(path).Length:N0} bytes");
        Assert.That(history.Prune(30), Is.EqualTo(Nights - 30));
        Assert.That(history.Newest(), Has.Count.EqualTo(whole.Cells.Length));
    }

    private static IEnumerable<TestCaseData> Strangers()
    {
        TestCaseData Case(string name, Func<Report, Report> change, string reason) =>
            new TestCaseData(change, reason).SetName($"does not belong in a history: {name}");
        yield return Case("partial", report => report with { Footer = null }, "partial report");
        yield return Case("a shard", report => report with { Header = report.Header with { Shard = new ShardInfo(1, 2, 2, "x") } },
            "part 1 of 2");
        yield return Case("older", report => report with { Header = report.Header with { Started = SampleReport.Started } },
            "nights are added in their order");
        yield return Case("another server",
            report => report with { Header = report.Header with { Server = report.Header.Server with { Variant = "article-2022" } } },
            "keep one for each");
        yield return Case("another machine",
            report => report with { Header = report.Header with { Machine = report.Header.Machine with { Architecture = "arm64" } } },
            "keep one for each");
    }

    private HistoryDatabase Open() => HistoryDatabase.Open(_folder.Sub($"history-{Interlocked.Increment(ref _files)}.db"), create: true);

    private void Add(HistoryDatabase history, int night,
        Func<string, string, CellLine> cell, string[]? modules = null, string[]? runtimes = null)
    {
        var report = Report(night, cell, modules, runtimes);
        history.Add(report, Write(report));
    }

    private string Write(Report report) => report.Write(_folder, $"night-{Interlocked.Increment(ref _files)}");

    private static Report Report(int night, Func<string, string, CellLine> cell, string[]? modules = null, string[]? runtimes = null) =>
        SampleReport.Create(modules ?? ["counter-c"], runtimes ?? Runtimes, cell, SampleReport.Started.AddDays(night));
}
