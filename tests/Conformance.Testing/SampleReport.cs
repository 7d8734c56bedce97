using System.Collections.Immutable;
using Conformance.Model.Comparing;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Model.Runtimes;
using Conformance.Reporting.Jsonl;
using Conformance.Wasm;

namespace Conformance.Testing;

/// <summary>Reports that nobody ran, for what is derived from reports: each cell as a test wants it.</summary>
public static class SampleReport
{
    public static readonly DateTimeOffset Started = new(2026, 11, 24, 2, 30, 0, TimeSpan.Zero);

    private static readonly string[] Runtimes = ["chromium", "wasmer", "wasmtime"];

    /// <summary>Two modules on three runtimes: all pass.</summary>
    public static Report Passing => Of(["counter-c", "counter-go"], Runtimes, (_, _) => Pass());

    /// <summary>One of everything: each verdict, a split, missing imports, output that no format likes.</summary>
    public static Report Everything
    {
        get
        {
            var report = Of(["counter-c", "counter-go", "net-http-2022"], Runtimes, (module, runtime) => (module, runtime) switch
            {
                ("counter-c", "chromium") => Fail() with { Stdout = new CapturedText("10\n]]></system-out>\u0000\u001b[31m<script>alert(1)</script>|`*_\ud800\n", 40, false) },
                ("counter-c", "wasmer") => Pass() with { Verdict = Verdict.Crashed, Phase = Phase.Run, Code = OutcomeCodes.Crashed, Text = "the worker was ended by SIGSEGV", Departures = [new Departure("outcome", "gets through", "crashed")] },
                ("counter-go", "chromium") => Pass() with { Verdict = Verdict.Flaky, Attempts = 2, Other = new OtherObservation(2, Verdict.Fail, new Observation(RunResult.Ended(Phase.Run, "trap:unreachable", "unreachable"))) },
                ("counter-go", "wasmer") => Pass() with { Verdict = Verdict.Xpass, Reason = "once it could not", Link = "https://example.org/why" },
                ("counter-go", "wasmtime") => Pass() with { Verdict = Verdict.TimedOut, Phase = Phase.Run, Code = OutcomeCodes.TimedOut, Text = "the cell's 10 s were over", Departures = [new Departure("outcome", "gets through", "timed-out")] },
                ("net-http-2022", "chromium") => Pass() with { Verdict = Verdict.Skipped, Code = OutcomeCodes.Skipped, Phase = Phase.Load, Reason = "not today" },
                ("net-http-2022", "wasmer") => Pass() with { Verdict = Verdict.Unavailable, Code = OutcomeCodes.Unavailable, Phase = Phase.Load, Reason = "libwasmer is not here", Remedy = "./conformance setup wasmer" },
                ("net-http-2022", "wasmtime") => Refused(),
                _ => Pass(),
            });
            return report with { Sizes = [new SizeLine { Module = "counter-c", Raw = 12_345, Optimised = 12_000, Gzip = 5_000, Brotli = 4_500, Sections = [], Functions = [] }], Atlas = [.. Runtimes.Select(Atlas)] };
        }
    }

    /// <param name="modules">Modules, with one scenario each.</param>
    /// <param name="runtimes">Runtimes.</param>
    /// <param name="cell">What each cell is; its names are filled in.</param>
    /// <param name="started">When; <see cref="Started"/> where nothing is said.</param>
    public static Report Of(IReadOnlyList<string> modules, IReadOnlyList<string> runtimes, Func<string, string, CellLine> cell, DateTimeOffset? started = null)
    {
        ImmutableArray<CellLine> cells = [.. from module in modules from runtime in runtimes select Named(cell(module, runtime), module, runtime)];
        var header = new HeaderLine
        {
            Schema = 1,
            Harness = "1.0.0+0123456789abcdef",
            Started = started ?? Started,
            Machine = new MachineInfo("Debian GNU/Linux 12 (bookworm)", "x64", 2, ".NET 10.0.12", "10.0.401"),
            Server = new ServerInfo("embedded", "correct", "asked for", null),
            Runtimes = [.. runtimes.Select(id => new RuntimeInfo(id, "1.2.3", "engine", new string('a', 64), new string('b', 64), [], ["wasi"], null))],
            Modules = [.. modules.Select(id => new ModuleInfo(id, new string('c', 64), new string('d', 64), "clang 14", "clang -O2", new DateOnly(2026, 11, 1))
            {
                Manifest = new ManifestPlace($"modules/{id}/module.toml", 2, ImmutableSortedDictionary<string, int>.Empty.Add("ten-increments", 17)),
            })],
        };
        return new Report(header, cells, [], [], Footer(cells));
    }

    public static CellLine Pass() => new(new Observation(RunResult.Ended(Phase.Observe, "", null)) { Counts = new Counts(10, 10, 10) })
    {
        Code = null,
        Exit = 0,
        Verdict = Verdict.Pass,
        Stdout = new CapturedText("10\n", 3, false),
        TimingsMs = new Timings(1.5, 0.25, 3),
        Ledger = [Row("main.incrementCount", Provider.Host, null), Row("main.getCount", Provider.Host, null)],
    };

    public static CellLine Fail() => Pass() with { Verdict = Verdict.Fail, Counts = new Counts(11, 10, 10), Departures = [new Departure("counts", "10", "guest 11, host 10, server 10")] };

    /// <summary>A declared link error.</summary>
    public static CellLine Refused() => Pass() with
    {
        Verdict = Verdict.Xfail,
        Phase = Phase.Link,
        Code = OutcomeCodes.UnknownImport,
        Text = "unknown import: `env::time.resetTimer` has not been defined",
        Counts = new Counts(null, null, 0),
        Exit = null,
        Stdout = CapturedText.Empty,
        Reason = "nobody provides it",
        Link = "https://example.org/why",
        Ledger = [Row("main.getCount", Provider.Host, null), Row("time.resetTimer", Provider.Missing, OutcomeCodes.UnknownImport) with { Text = "unknown import: `env::time.resetTimer` has not been defined" }],
    };

    /// <summary>A cell of a runtime that can't take the module, by what it says of itself.</summary>
    public static CellLine Inapplicable() => Pass() with
    {
        Verdict = Verdict.Skipped,
        Phase = Phase.Load,
        Code = OutcomeCodes.UnsupportedKind,
        Text = "commands require an exported _start",
        Counts = new Counts(null, null, 0),
        Exit = null,
        Stdout = CapturedText.Empty,
        Reason = "runs commands only",
    };

    /// <summary>A footer for some cells, with agreements that are as declared where no cell is unexpected.</summary>
    public static FooterLine Footer(ImmutableArray<CellLine> cells) => new()
    {
        Cells = cells.Length,
        Verdicts = cells.GroupBy(cell => cell.Verdict.Word()).ToImmutableSortedDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal),
        Agreements = [.. Comparison.Agreements(cells).Select(a => a.Result is AgreementResult.Unanimous ? a with { Verdict = Verdict.Pass } : a.Result == AgreementResult.Split ? a with { Verdict = Verdict.Fail } : a)],
        ElapsedMs = 1234.5,
        Complete = true,
    };

    /// <summary>The same report with other cells, and the footer that they make.</summary>
    public static Report With(this Report report, Func<CellLine, CellLine> change)
    {
        ImmutableArray<CellLine> cells = [.. report.Cells.Select(change)];
        return report with { Cells = cells, Footer = Footer(cells) };
    }

    /// <summary>Writes it as a run would; its path.</summary>
    public static string Write(this Report report, TemporaryFolder folder, string name)
    {
        ReportWriter.Write(report, folder.Sub(name));
        return folder.Sub(name, ReportWriter.FileName);
    }

    private static CellLine Named(CellLine cell, string module, string runtime) => cell with { Module = module, Scenario = "ten-increments", Runtime = runtime, Repro = $"./conformance repro {module}/ten-increments/{runtime}" };

    private static LedgerRow Row(string name, Provider provider, string? code) => new() { Module = "env", Name = name, Kind = ExternKind.Func, Type = "() -> (i32)", Provider = provider, Code = code };

    private static AtlasLine Atlas(string runtime) => new()
    {
        Runtime = runtime,
        Functions = [.. new[] { "fd_write", "sock_accept", "sock_connect" }.Select(name => Row(name, name == "sock_connect" && runtime != "wasmer" ? Provider.Missing : Provider.Wasi, name == "sock_connect" && runtime != "wasmer" ? OutcomeCodes.UnknownImport : null) with { Module = "wasi_snapshot_preview1" })],
    };
}
