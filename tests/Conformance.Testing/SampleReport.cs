using System.Collections.Immutable;
using Conformance.Model;
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
    public static Report Passing => Create(["counter-c", "counter-go"], Runtimes, (_, _) => Pass());

    /// <summary>One of everything: each verdict, a split, missing imports, output that no format likes.</summary>
    public static Report Everything
    {
        get
        {
            var report = Create(["counter-c", "counter-go", "net-http-2022"], Runtimes, (module, runtime) => (module, runtime) switch
            {
                ("counter-c", "chromium") => Fail().Seen(run => run with
                {
                    Stdout = new CapturedText(
                    "10\n]]></system-out>\u0000\u001b[31m<script>alert(1)</script>|`*_\ud800\n", 40, false)
                }),
                ("counter-c", "wasmer") => Pass().Failed(Phase.Run, OutcomeCodes.Crashed, "the worker was ended by SIGSEGV") with
                {
                    Verdict = Verdict.Crashed,
                    Departures = [new Departure("outcome", "gets through", "crashed")],
                },
                ("counter-go", "chromium") => Pass() with
                {
                    Verdict = Verdict.Flaky,
                    Attempts = 2,
                    Other = new OtherObservation(2, Verdict.Fail,
                        new Observation(RunResult.Failed(Phase.Run, Trap.Unreachable.Code, "unreachable"))),
                },
                ("counter-go", "wasmer") => Pass() with
                {
                    Verdict = Verdict.Xpass,
                    Reason = "once it could not",
                    Link = "https://example.org/why",
                },
                ("counter-go", "wasmtime") => Pass().Failed(Phase.Run, OutcomeCodes.TimedOut, "the cell's 10 s were over") with
                {
                    Verdict = Verdict.TimedOut,
                    Departures = [new Departure("outcome", "gets through", "timed-out")],
                },
                ("net-http-2022", "chromium") => Pass().Failed(Phase.Load, OutcomeCodes.Skipped, null) with
                {
                    Verdict = Verdict.Skipped,
                    Reason = "not today",
                },
                ("net-http-2022", "wasmer") => Pass().Failed(Phase.Load, OutcomeCodes.Unavailable, null) with
                {
                    Verdict = Verdict.Unavailable,
                    Reason = "libwasmer is not here",
                    Remedy = "./conformance setup wasmer",
                },
                ("net-http-2022", "wasmtime") => Refused(),
                _ => Pass(),
            });
            return report with
            {
                Sizes = [new SizeLine { Module = "counter-c", Raw = 12_345,
                    Optimised = 12_000, Gzip = 5_000, Brotli = 4_500, Sections = [], Functions = [] }],
                Atlas = [.. Runtimes.Select(Atlas)],
            };
        }
    }

    /// <param name="modules">Modules, with one scenario each.</param>
    /// <param name="runtimes">Runtimes.</param>
    /// <param name="cell">What each cell is; its names are filled in.</param>
    /// <param name="started">When; <see cref="Started"/> where nothing is said.</param>
    public static Report Create(IReadOnlyList<string> modules,
        IReadOnlyList<string> runtimes, Func<string, string, CellLine> cell, DateTimeOffset? started = null)
    {
        ImmutableArray<CellLine> cells = [.. from module in modules
            from runtime in runtimes select Named(cell(module, runtime), module, runtime)];
        var header = new HeaderLine
        {
            Schema = 1,
            Harness = "1.0.0+0123456789abcdef",
            Started = started ?? Started,
            Machine = new MachineInfo("Debian GNU/Linux 12 (bookworm)", "x64", 2, ".NET 10.0.12", "10.0.401"),
            Server = new ServerInfo("embedded", "correct", "asked for", null),
            Runtimes = [.. runtimes.Select(
                id => new RuntimeInfo(id, "1.2.3", "engine", new string('a', 64), new string('b', 64), [], ["wasi"], null))],
            Modules = [.. modules.Select(
                id => new ModuleInfo(id, new string('c', 64), new string('d', 64), "clang 14", "clang -O2", new DateOnly(2026, 11, 1))
            {
                Manifest = new ManifestPlace($"modules/{id}/module.toml",
                    2, ImmutableSortedDictionary<string, int>.Empty.Add("ten-increments", 17)),
            })],
        };
        return new Report(header, cells, [], [], Footer(cells));
    }

    public static CellLine Pass() => new()
    {
        Id = new CellId("", "", ""),
        Verdict = Verdict.Pass,
        Observation = new Observation(new RunResult
        {
            Outcome = Outcome.Success,
            Exit = 0,
            Stdout = new CapturedText("10\n", 3, false),
            TimingsMs = new Timings(1.5, 0.25, 3),
        })
        {
            Counts = new Counts(10, 10, 10),
            Ledger = [Row("main.incrementCount", Provider.Host, null), Row("main.getCount", Provider.Host, null)],
        },
        Repro = "",
    };

    /// <summary>The same cell, run another way.</summary>
    public static CellLine Seen(this CellLine cell, Func<RunResult, RunResult> change) => cell with
    {
        Observation = cell.Observation with { Run = change(cell.Run) },
    };

    /// <summary>The same cell, counted otherwise.</summary>
    public static CellLine Counted(this CellLine cell, long? guest, long? host, long? server) => cell with
    {
        Observation = cell.Observation with { Counts = new Counts(guest, host, server) },
    };

    /// <summary>The same cell with another ledger.</summary>
    public static CellLine Imports(this CellLine cell, params ImmutableArray<LedgerRow> ledger) => cell with
    {
        Observation = cell.Observation with { Ledger = ledger },
    };

    /// <summary>The same cell, with an outcome that is none; what it printed stays.</summary>
    public static CellLine Failed(this CellLine cell, Phase phase, string code, string? text) => cell.Seen(run => run with
    {
        Outcome = Outcome.Failure(phase, code),
        Text = text,
    });

    public static CellLine Fail() => Pass().Counted(11, 10, 10) with
    {
        Verdict = Verdict.Fail,
        Departures = [new Departure("counts", "10", "guest 11, host 10, server 10")],
    };

    /// <summary>A declared link error.</summary>
    public static CellLine Refused() =>
        NotRun(Phase.Link, OutcomeCodes.UnknownImport, "unknown import: `env::time.resetTimer` has not been defined")
        .Imports(
            Row("main.getCount", Provider.Host, null),
            Row("time.resetTimer", Provider.Missing,
                OutcomeCodes.UnknownImport) with
            { Text = "unknown import: `env::time.resetTimer` has not been defined" }) with
        {
            Verdict = Verdict.Xfail,
            Reason = "nobody provides it",
            Link = "https://example.org/why",
        };

    /// <summary>A cell of a runtime that can't take the module, by what it says of itself.</summary>
    public static CellLine Inapplicable() =>
        NotRun(Phase.Load, OutcomeCodes.UnsupportedKind, "commands require an exported _start") with
        {
            Verdict = Verdict.Skipped,
            Reason = "runs commands only",
        };

    private static CellLine NotRun(Phase phase, string code, string text) =>
        Pass().Failed(phase, code, text).Seen(run => run with { Exit = null, Stdout = CapturedText.Empty }).Counted(null, null, 0);

    /// <summary>A footer for some cells, with agreements that are as declared where no cell is unexpected.</summary>
    public static FooterLine Footer(ImmutableArray<CellLine> cells) =>
        FooterLine.Create(cells, [.. Comparison.Agreements(cells).Select(Judged)], TimeSpan.FromMilliseconds(1234.5), complete: true);

    private static Agreement Judged(Agreement agreement) => agreement.Result switch
    {
        AgreementResult.Unanimous => agreement with { Verdict = Verdict.Pass },
        AgreementResult.Split => agreement with { Verdict = Verdict.Fail },
        _ => agreement,
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

    private static CellLine Named(CellLine cell, string module, string runtime) => cell with
    {
        Id = new CellId(module, "ten-increments", runtime),
        Repro = $"./conformance repro {module}/ten-increments/{runtime}",
    };

    private static LedgerRow Row(string name, Provider provider, string? code) => new()
    {
        Module = "env",
        Name = name,
        Kind = ExternKind.Func,
        Type = "() -> (i32)",
        Provider = provider,
        Code = code,
    };

    private static AtlasLine Atlas(string runtime) => new()
    {
        Runtime = runtime,
        Functions = [.. new[] { "fd_write", "sock_accept",
            "sock_connect" }.Select(name => Row(name, name == "sock_connect" && runtime != "wasmer" ? Provider.Missing : Provider.Wasi,
            name == "sock_connect" && runtime != "wasmer" ? OutcomeCodes.UnknownImport : null) with { Module = "wasi_snapshot_preview1" })],
    };
}
