using System.Collections.Immutable;
using Conformance.Model.Reports;
using Conformance.Reporting.Jsonl;
using Conformance.Reporting.Merging;
using CsCheck;

namespace Conformance.UnitTests.Reports;

[TestFixture]
public sealed class MergeTests
{
    private const int Cells = 12;

    private static readonly Report Whole = SampleReport.Create(["a", "b", "c", "d"],
        ["node", "wasmer", "wasmtime"], (module, runtime) => (module, runtime) switch
    {
        ("b", "node") => SampleReport.Fail(),
        ("c", _) => SampleReport.Refused(),
        _ => SampleReport.Pass(),
    });

    [Test]
    public void However_a_report_is_spread_and_mixed_its_parts_make_it_again() =>
        Gen.Select(Gen.Int[1, 7], Gen.Int).Sample((count, seed) =>
        {
            var parts = Enumerable.Range(1, count).Select(index => Part(index, count)).ToArray();
            new Random(seed).Shuffle(parts);
            var merged = ReportMerge.Merge([.. parts.Index().Select(part => ($"part {part.Index}", part.Item))]);
            Assert.That(Text(merged), Is.EqualTo(Text(Whole)));
        }, iter: 60);

    [Test]
    public void Wall_time_is_from_the_first_start_to_the_last_end()
    {
        var late = Part(2, 2);
        var merged = ReportMerge.Merge(
            [("a", Part(1, 2)), ("b", late with { Header = late.Header with { Started = SampleReport.Started.AddSeconds(5) } })]);
        Assert.That((merged.Header.Started, merged.Footer!.ElapsedMs), Is.EqualTo((SampleReport.Started, 6234.5)));
    }

    [TestCaseSource(nameof(Unfit))]
    public void Parts_that_do_not_fit_are_refused(Report[] parts, string reason) =>
        Assert.That(() => ReportMerge.Merge([.. parts.Index().Select(part => ($"part-{part.Index + 1}", part.Item))]),
            Throws.TypeOf<UnfitPartsException>().With.Message.Contains(reason));

    private static IEnumerable<TestCaseData> Unfit()
    {
        TestCaseData Case(string name, string reason, params Report[] parts) =>
            new TestCaseData(parts, reason).SetName($"parts that do not fit: {name}");
        var (first, second) = (Part(1, 2), Part(2, 2));
        yield return Case("one is missing", "of 2 parts, 2 is missing", first);
        yield return Case("several are missing", "of 4 parts, 1, 3 are missing", Part(2, 4), Part(4, 4));
        yield return Case("one twice", "part 1 is there more than once: part-1, part-3", first, second, first);
        yield return Case("one is partial", "part-2 is partial: its run was cut short after 6 cells", first, second with { Footer = null });
        yield return Case("one is whole", "part-2 is of a whole run", first, Whole);
        yield return Case("another count", "part-2 is one of 3 parts, part-1 one of 2", first, Part(2, 3));
        yield return Case("another plan", "part-2 is of another plan",
            first, Header(second, header => header with { Shard = header.Shard! with { PlanSha256 = "other" } }));
        yield return Case("another harness", "are of harnesses 2.0 and", first, Header(second, header => header with { Harness = "2.0" }));
        yield return Case("another server", "have counter servers container, correct and embedded, correct",
            first, Header(second, header => header with { Server = header.Server with { Hosting = "container" } }));
        yield return Case("another runtime", "have wasmer 9.9 and 1.2.3", first, Header(second,
            header => header with { Runtimes = [header.Runtimes[0], header.Runtimes[1] with { Version = "9.9" }, header.Runtimes[2]] }));
        yield return Case("another machine", "x64", first,
            Header(second, header => header with { Machine = header.Machine with { Architecture = "arm64" } }));
        yield return Case("cells are missing", "together they have 11 cells, and the plan has 12", first, second with
        {
            Cells = second.Cells[1..],
        });
    }

    private static Report Header(Report report, Func<HeaderLine, HeaderLine> change) => report with { Header = change(report.Header) };

    private static Report Part(int index, int count)
    {
        var modules = Whole.Header.Modules.Where((_, i) => i % count == index - 1).ToImmutableArray();
        ImmutableArray<CellLine> cells = [.. Whole.Cells.Where(cell => modules.Any(module => module.Id == cell.Module))];
        return new Report(Whole.Header with { Modules = modules, Shard = new ShardInfo(index, count, Cells, "plan") },
            cells, [], [], SampleReport.Footer(cells));
    }

    private static string Text(Report report)
    {
        using var folder = new TemporaryFolder();
        return File.ReadAllText(report.Write(folder, "out"));
    }
}
