using System.Text;
using System.Text.Json;
using Conformance.Model;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Jsonl;
using CsCheck;

namespace Conformance.UnitTests.Reports;

/// <summary>Reports of more cells than anybody holds.</summary>
public sealed class LargeReportTests
{
    private const int Rows = 700;

    private static readonly string[] Scenarios = [.. Enumerable.Range(0, Rows).Select(i => $"scenario-{i}")];

    [Test]
    public void Cells_that_are_not_held_are_those_that_were_written()
    {
        using var folder = new TemporaryFolder();
        var (report, path) = Write(folder.Path);
        var read = ReportReader.Read(path);
        Assert.That((report.Cells.Length, read.Cells.Length), Is.EqualTo((2 * Rows, 2 * Rows)));
        var expected = Large().Cells.Select(Json).ToList();
        Assert.That(report.Cells.Select(Json), Is.EqualTo(expected));
        Assert.That(read.Cells.Select(Json), Is.EqualTo(expected));
        Assert.That(Enumerable.Range(0, read.Cells.Length).Select(i => (read.Cells.IdOf(i), read.Cells.VerdictOf(i))),
            Is.EqualTo(read.Cells.Select(cell => (cell.Id, cell.Verdict))));
        Assert.That(read.Cells.Rows.SelectMany(row => row.Select(cell => cell.Id.Row == row.Key)), Is.All.True);
        Assert.That(read.Cells.Of(verdict => verdict == Verdict.Fail).Select(cell => cell.Scenario), Is.EqualTo(["scenario-650"]));
    }

    [Test]
    public void A_header_that_is_written_again_moves_the_cells()
    {
        using var folder = new TemporaryFolder();
        using var writer = new ReportWriter(folder.Path);
        var large = Large();
        writer.OnHeader(large.Header, large.Cells.Length);
        foreach (var cell in large.Cells.Take(Rows)) writer.OnCell(cell);
        writer.OnHeader(large.Header with { Harness = large.Header.Harness + " and more" }, large.Cells.Length);
        foreach (var cell in large.Cells.Skip(Rows)) writer.OnCell(cell);
        Assert.That(writer.Report.Cells.Select(Json), Is.EqualTo(large.Cells.Select(Json)));
    }

    [Test]
    public void A_report_that_is_removed_is_still_there_for_who_has_it()
    {
        using var folder = new TemporaryFolder();
        var read = ReportReader.Read(Write(folder.Path).Path);
        File.Delete(Path.Combine(folder.Path, ReportWriter.FileName));
        Assert.That(read.Cells[^1].Id, Is.EqualTo(Large().Cells[^1].Id));
    }

    [Test]
    public void Rows_that_say_the_same_are_one_in_a_terminal()
    {
        var large = Large();
        var shown = TestTerminal.Show(80, view => view.WriteMatrix(large.Header, large.Cells, large.Agreements)).ReplaceLineEndings("\n");
        Assert.That(shown, Does.Contain("guest · scenario-650 ").And.Contain($"guest · {Rows - 1} others "));
        Assert.That(shown.Split('\n'), Has.Length.LessThan(10));
    }

    [Test]
    public void Lines_are_what_stands_between_their_ends() => Gen.Byte.Array[0, 20].List[0, 30].Sample(lines =>
    {
        byte[] all = [.. lines.SelectMany(line => line.Where(b => b != '\n').Append((byte)'\n')), .. "cut"u8];
        var read = WholeLines.Of(new TrickleStream(all))
            .Select(line => (line.Number, line.Position, Bytes: Convert.ToHexString(line.Bytes.Span))).ToList();
        var expected = Encoding.Latin1.GetString(all).Split('\n')[..^1].ToList();
        Assert.That(read.Select(line => line.Bytes),
            Is.EqualTo(expected.Select(line => Convert.ToHexString(Encoding.Latin1.GetBytes(line)))));
        Assert.That(read.Select(line => line.Number), Is.EqualTo(Enumerable.Range(1, expected.Count)));
        Assert.That(read.Select(line => Convert.ToHexString(all, (int)line.Position, line.Bytes.Length / 2)),
            Is.EqualTo(read.Select(line => line.Bytes)));
    });

    [Test]
    public void A_line_that_is_longer_than_anybody_holds_is_read_from_the_file()
    {
        using var folder = new TemporaryFolder();
        var large = Large();
        var sentence = new string('ü', 2 << 20);
        var agreements = large.Agreements.SetItem(3, large.Agreements[3] with { Sentence = sentence });
        ReportWriter.Write(large with { Footer = large.Footer! with { Agreements = agreements } }, folder.Path);
        var path = Path.Combine(folder.Path, ReportWriter.FileName);
        Assert.That(ReportReader.Read(path).Footer!.Agreements[3].Sentence, Is.EqualTo(sentence));
        File.WriteAllText(path, File.ReadAllText(path)[..^2]);
        Assert.That(ReportReader.Read(path).Footer, Is.Null, "a footer without its end");
    }

    private static string Json(CellLine cell) => JsonSerializer.Serialize(cell, ModelJson.Readable.CellLine);

    private static (Report Report, string Path) Write(string folder)
    {
        var large = Large();
        using var writer = new ReportWriter(folder);
        writer.OnHeader(large.Header, large.Cells.Length);
        foreach (var cell in large.Cells) writer.OnCell(cell);
        writer.OnFooter(large.Footer!);
        return (writer.Report, writer.Path);
    }

    /// <summary>One module's many scenarios on two runtimes, as expected but one.</summary>
    private static Report Large()
    {
        var small = SampleReport.Create(["guest"], ["node", "wasmtime"], (_, _) => SampleReport.Pass());
        var cells = Scenarios.SelectMany(scenario => small.Cells.Select(cell => cell with
        {
            Id = cell.Id with { Row = cell.Id.Row with { Scenario = scenario } },
            Verdict = scenario == "scenario-650" && cell.Runtime == "node" ? Verdict.Fail : Verdict.Pass,
            Observation = cell.Observation with { Run = cell.Run with { Text = $"für {scenario}" } },
        })).ToArray();
        return small with { Cells = [.. cells], Footer = SampleReport.Footer([.. cells]) };
    }

    /// <summary>Gives a few bytes at a time, as pipes may.</summary>
    private sealed class TrickleStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 7));
    }
}
