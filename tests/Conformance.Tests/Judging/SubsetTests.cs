using System.Collections.Concurrent;
using System.Collections.Immutable;
using Conformance.Engine.Judging;
using Conformance.Engine.Planning;
using Conformance.History;
using Conformance.Matrix;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Diffing;
using Conformance.Reporting.Jsonl;
using Conformance.Tests.Reports;
using Conformance.Wasm;
using CsCheck;

namespace Conformance.Tests.Judging;

/// <summary>
/// A machine has the runtimes that it has. The repository's own manifests, on runtimes that do just what is declared of them, in versions
/// old and new: whichever of them are there, nothing is unexpected.
/// </summary>
[TestFixture]
public sealed class SubsetTests
{
    private const int Samples = 200;

    private static readonly Plan Plan = Plan.Load(Repository.Modules, Repository.Runtimes, CellFilter.Everything);

    private static readonly ConcurrentDictionary<(string Variant, bool Old), Report> Wholes = new();

    private static readonly string[] Commands = ["wazero", "wasmtime-cli", "wasmer-cli", "iwasm", "wasmedge", "node-cli"];

    /// <summary>Which runtimes are there, whose server it is, and whether the machine's runtimes are old.</summary>
    private static readonly Gen<(ImmutableHashSet<string> There, string Variant, bool Old)> Machines = Gen.Select(
        Gen.Bool.Array[Plan.Runtimes.Length], Gen.Bool.Select(article => article ? "article-2022" : "correct"), Gen.Bool,
        (there, variant, old) => (Plan.Runtimes.Where((_, i) => there[i])
            .Select(runtime => runtime.Id).ToImmutableHashSet(StringComparer.Ordinal), variant, old));

    [Test]
    public void Cells_and_agreements_of_any_runtimes_are_as_expected() => Machines.Sample(
        machine => Assert.That(Subsets.Unexpected(Subsets.Take(Plan, Whole(machine.Variant, machine.Old), machine.There)), Is.Empty),
            iter: Samples, threads: 1);

    [Test]
    public void A_runtime_that_only_one_of_two_reports_has_is_no_regression_and_no_new_split() =>
        Machines.Where(machine => machine.There.Count > 0).Sample(
        machine =>
        {
            var whole = Whole(machine.Variant, machine.Old);
            var part = Subsets.Take(Plan, whole, machine.There);
            foreach (var (before, after) in new[] { (part, part), (whole, part), (part, whole) })
            {
                var diff = ReportDiff.Between(before, after);
                Assert.That(diff.HasRegressions, Is.False, diff.Sum);
                Assert.That(diff.Agreements, Is.Empty, "how the others agree has not changed");
            }
        },
        iter: Samples, threads: 1);

    [Test]
    public void Nights_with_any_runtimes_have_nothing_unexpected_in_their_history()
    {
        using var folder = new TemporaryFolder();
        using var history = HistoryDatabase.Open(folder.Sub("history.db"), create: true);
        var night = 0;
        Machines.Where(machine => machine.There.Count > 0).Sample(
            machine =>
            {
                var report = Subsets.Take(Plan, Whole("correct", machine.Old), machine.There);
                report = report with { Header = report.Header with { Started = SampleReport.Started.AddDays(night++) } };
                history.Add(report, report.Write(folder, $"night-{night}"));
            },
            iter: Samples / 4, threads: 1);
        var trend = history.Trend(Samples);
        Assert.That(trend, Has.Length.EqualTo(night));
        Assert.That(trend.SelectMany(one => one.Runtimes).Sum(runtime => runtime.Unexpected), Is.Zero);
    }

    [TestCase("chromium", "node")]
    [TestCase("wasmtime", "wazero", "wasmer-js")]
    [TestCase("lucet", "wamr", "wasmtime", "wasmer")]
    public async Task Night_after_night_such_a_machine_is_as_expected_and_unchanged(params string[] there)
    {
        using var folder = new TemporaryFolder();
        foreach (var night in Enumerable.Range(0, 2))
        {
            var report = Subsets.Take(Plan, Whole("correct", old: true), there.ToHashSet(StringComparer.Ordinal));
            var path = (report with { Header = report.Header with { Started = SampleReport.Started.AddDays(night) } })
                .Write(folder, $"night-{night}");
            var result = await CommandLine.Command.RunAsync("nightly", "--report", path, "--out", folder.Sub("nights"));
            Assert.That(result.ExitCode, Is.Zero, result.Output + result.Error);
            Assert.That(result.Output, Does.Contain(
                night == 0 ? "there is no good night to compare with yet" : $"{report.Cells.Length} cells compared: no change"));
        }
    }

    /// <summary>The test itself: a declaration that lies is found, by some machine at least.</summary>
    [Test]
    public void A_manifest_that_lies_is_found_out()
    {
        var timer = Plan.Modules.Single(module => module.Id == "timer-2022");
        var split = timer.Scenarios[0].Splits[0];
        foreach (var lie in new[] { split with { Phase = Phase.Run },
            split with { Groups = [[new Conditions("wasmtime")], [new Conditions("*")]], Phase = null } })
        {
            var module = timer with { Scenarios = [timer.Scenarios[0] with { Splits = [lie] }] };
            var plan = Plan.Make([module], Plan.Runtimes, CellFilter.Everything);
            var whole = Whole("correct", old: false) is var report
                ? report with { Cells = [.. report.Cells.Where(cell => cell.Module == module.Id)] } : null!;
            Assert.That(Subsets.Unexpected(Subsets.Take(plan, whole, Plan.Runtimes.Select(runtime => runtime.Id).ToHashSet())),
                Is.Not.Empty);
        }
    }

    /// <summary>A report of all runtimes, each of which does what is declared of it.</summary>
    private static Report Whole(string variant, bool old) => Wholes.GetOrAdd((variant, old), machine => Make(machine.Variant, machine.Old));

    private static Report Make(string variant, bool old)
    {
        var versions = Plan.Runtimes.ToDictionary(runtime => runtime.Id, runtime => runtime.Id switch
        {
            "node" or "node-cli" => old
            ? "20.20.2" : "22.23.3",
            "wamr" => old ? "0.1.0" : "2.4.5",
            _ => "1.0.0"
        }, StringComparer.Ordinal);
        ImmutableArray<CellLine> cells =
            [.. Plan.Cells.Select(cell => Obedient(cell, Circumstances.Here(variant, versions[cell.Runtime.Id])))];
        var report = SampleReport.Create([.. Plan.Modules.Select(module => module.Id)],
            [.. Plan.Runtimes.Select(runtime => runtime.Id)], (_, _) => SampleReport.Pass());
        report = report with
        {
            Header = report.Header with
            {
                Server = report.Header.Server with { Variant = variant },
                Runtimes = [.. report.Header.Runtimes.Select(runtime => runtime with { Version = versions[runtime.Id] })],
            },
            Cells = cells,
        };
        return Subsets.Take(Plan, report, Plan.Runtimes.Select(runtime => runtime.Id).ToHashSet(StringComparer.Ordinal));
    }

    private static CellLine Obedient(Cell cell, Circumstances circumstances)
    {
        var expected = Judge.ExpectedOf(cell, circumstances);
        var line = SampleReport.Pass() with { Id = cell.Id };
        if (Limit(cell, circumstances.RuntimeVersion!) is var (code, phase, reason))
        {
            return line.Failed(phase, code, null) with
            {
                Verdict = Verdict.Skipped,
                Reason = reason,
            };
        }

        return expected.Fails is { } fails
            ? line.Failed(fails.Phase, fails.Code!, fails.Import)
                .Seen(run => run with { Exit = null, Stdout = CapturedText.Empty }).Counted(null, null, 0)
            : line.Seen(run => run with
            {
                Exit = expected.Exit,
                Result = expected.Result,
                Stdout = new CapturedText(expected.Stdout ?? "", 0, false),
            })
                .Counted(expected.Counts?.Guest, expected.Counts?.Host, expected.Counts is null ? 0 : expected.Counts.Server);
    }

    /// <summary>What the runtimes can't take, as they were seen.</summary>
    private static (string Code, Phase Phase, string Reason)? Limit(Cell cell, string version)
    {
        var id = cell.Runtime.Id;
        string[] lacking = (id, version[0]) switch
        {
            ("lucet", _) or ("wamr", '0') => ["bulk-memory", "gc", "threads"],
            ("wazero", _) => ["gc", "threads"],
            ("node" or "node-cli", '2') when version.StartsWith("20", StringComparison.Ordinal) => ["gc"],
            ("wasmer" or "wasmer-cli", _) => ["gc"],
            _ => [],
        };
        return id == "wasmer-js" && cell.Module.Kind != ModuleKind.WasiCommand
            ? (OutcomeCodes.UnsupportedKind, Phase.Load, "runs commands only")
            : Commands.Contains(id) && cell.Module.Id == "counter-assemblyscript"
                ? (OutcomeCodes.Unprovidable, Phase.Link, "host functions are composed")
            : cell.Module.Proposals.Intersect(lacking).FirstOrDefault() is { } proposal
                ? (OutcomeCodes.UnsupportedFeature, Phase.Compile, $"without {proposal}")
            : null;
    }
}
