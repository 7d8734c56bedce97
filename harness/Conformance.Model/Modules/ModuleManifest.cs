using System.Collections.Immutable;
using Conformance.Model.Counters;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;
using Conformance.Wasm;

namespace Conformance.Model.Modules;

/// <summary>How a module is entered and what it expects of its host.</summary>
public enum ModuleKind
{
    /// <summary>Exports <c>_start</c>, imports WASI; its exit code is its answer.</summary>
    WasiCommand,

    /// <summary>Imports WASI, exports functions; <c>_initialize</c> is called once before the entry.</summary>
    WasiReactor,

    /// <summary>Imports nothing of WASI; its entry's result is its answer.</summary>
    Freestanding,

    /// <summary>Go's <c>GOOS=js</c>: imports <c>gojs</c> of its <c>wasm_exec.js</c>, and lives in a web page, which is its entry.</summary>
    GoJs,
}

/// <summary>Where the guest's own account of the count is read.</summary>
public enum GuestCountSource
{
    /// <summary>The last integer that it printed to stdout.</summary>
    Stdout,

    /// <summary>The value that its entry function returned.</summary>
    Result,

    /// <summary>What the last host function with <c>returns = "body"</c> gave it.</summary>
    HostCall,

    /// <summary>The last integer in what its page shows.</summary>
    Page,
}

/// <summary>What a host function gives the guest where its declared type has a result.</summary>
public enum HostReturn
{
    /// <summary>Zero.</summary>
    Nothing,

    /// <summary>The number that the response's body is.</summary>
    Body,
}

/// <summary>A host function: an import that is fulfilled by an HTTP request to the cell's counter.</summary>
/// <param name="Module">The import's module, such as <c>env</c>.</param>
/// <param name="Name">The import's name, such as <c>main.incrementCount</c>.</param>
/// <param name="Method">The HTTP method, sent as written.</param>
/// <param name="Path">The path below the cell's counter, beginning with <c>/</c>.</param>
/// <param name="Returns">What the guest gets where the function's type has a result.</param>
/// <param name="Type">The function's type; null is whatever the module declares for the import.</param>
public sealed record HostImport(string Module, string Name, string Method, string Path, HostReturn Returns, FunctionType? Type = null)
{
    /// <summary>True where the request is one that the counter server counts as an increment.</summary>
    public bool Increments => Path == "/add";
}

/// <summary>A memory, a table or a global that the host provides.</summary>
/// <param name="Module">The import's module, such as <c>env</c>.</param>
/// <param name="Name">The import's name, such as <c>memory</c>.</param>
/// <param name="Definition">What it is.</param>
public sealed record HostDefinition(string Module, string Name, Definition Definition);

/// <summary>A guest: a <c>.wasm</c> with its manifest <c>module.toml</c>.</summary>
public sealed record ModuleManifest
{
    /// <summary>The name of the folder that the manifest stands in.</summary>
    public required string Id { get; init; }

    /// <summary>Absolute path of the manifest.</summary>
    public required string ManifestPath { get; init; }

    /// <summary>What it is, in a few words.</summary>
    public required string Title { get; init; }

    /// <summary>Absolute path of the <c>.wasm</c>.</summary>
    public required string WasmPath { get; init; }

    /// <summary>The manifest's line that names it, from 1.</summary>
    public int WasmLine { get; init; }

    /// <summary>SHA-256 of the <c>.wasm</c>, lower-case hex: what the manifest says, checked against the file when it is read.</summary>
    public required string Sha256 { get; init; }

    /// <summary>How it is entered, and what it expects of its host.</summary>
    public required ModuleKind Kind { get; init; }

    /// <summary>What built the <c>.wasm</c>, such as <c>clang 14.0.6</c>.</summary>
    public required string Toolchain { get; init; }

    /// <summary>How and when it was built; null where its manifest does not say.</summary>
    public ModuleBuild? Build { get; init; }

    /// <summary>What it needs of a runtime beyond WebAssembly 1.0: names of <see cref="Proposals"/>.</summary>
    public ImmutableArray<string> Proposals { get; init; } = [];

    /// <summary>The host functions.</summary>
    public ImmutableArray<HostImport> Imports { get; init; } = [];

    /// <summary>What else the host provides.</summary>
    public ImmutableArray<HostDefinition> Definitions { get; init; } = [];

    /// <summary>The page that the module lives in; of <see cref="ModuleKind.GoJs"/> only.</summary>
    public ModulePage? Page { get; init; }

    /// <summary>What is done with it; at least one.</summary>
    public required ImmutableArray<Scenario> Scenarios { get; init; }
}

/// <summary>A web page that loads a module. It is served with the module as <c>module.wasm</c> and the loader beside it.</summary>
/// <param name="Folder">Absolute path of the folder that holds its <c>index.html</c>.</param>
/// <param name="LoaderPath">Absolute path of the script that came with the compiler and fits this module alone, such as
/// <c>wasm_exec.js</c>.</param>
/// <param name="LoaderSha256">SHA-256 of the script, lower-case hex, checked when the manifest is read.</param>
public sealed record ModulePage(string Folder, string LoaderPath, string LoaderSha256);

/// <summary>What must be equal for a rebuilt module to be the committed one.</summary>
public enum BuildComparison
{
    /// <summary>Every byte: the toolchain is reproducible.</summary>
    Bytes,

    /// <summary>
    /// Imports, exports, and what is seen of it on every runtime: builds of the same toolchain by different people link different libraries
    /// in.
    /// </summary>
    Behaviour,
}

/// <summary>Where a committed binary comes from.</summary>
/// <param name="Command">What <c>build.sh</c> runs in essence.</param>
/// <param name="Date">The day when it was built.</param>
/// <param name="Compare">What a rebuild is held against.</param>
public sealed record ModuleBuild(string Command, DateOnly Date, BuildComparison Compare);

/// <summary>One thing to do with a module.</summary>
public sealed record Scenario
{
    /// <summary>For guests that send their own requests: where their counter is.</summary>
    public const string CounterPlaceholder = "{counter}";

    /// <summary>Its name, unique in its module.</summary>
    public required string Id { get; init; }

    /// <summary>What it is, in a few words.</summary>
    public required string Title { get; init; }

    /// <summary>The exported function to call.</summary>
    public required string Entry { get; init; }

    /// <summary>Arguments after the program's name.</summary>
    public ImmutableArray<string> Args { get; init; } = [];

    /// <summary>The guest's whole environment; <see cref="CounterPlaceholder"/> in a value stands for the cell's counter.</summary>
    public ImmutableSortedDictionary<string, string> Env { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The program's name, its first argument; null is the module's file name.</summary>
    public string? Argv0 { get; init; }

    /// <summary>What the guest reads on stdin; null is an empty stdin.</summary>
    public ImmutableArray<byte>? Stdin { get; init; }

    /// <summary>
    /// The folders that the guest has, beside the manifest (absolute), in the order of their descriptors. Each cell gets copies of its own.
    /// </summary>
    public ImmutableArray<Preopen> Preopens { get; init; } = [];

    /// <summary>How long a cell of this scenario may take; null is the run's limit.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>What is done on the module's page; null where it has none.</summary>
    public PageSteps? Page { get; init; }

    /// <summary>Where the guest's own account of the count is read.</summary>
    public required GuestCountSource GuestCount { get; init; }

    /// <summary>What every runtime is expected to show.</summary>
    public required Expectation Expect { get; init; }

    /// <summary>Where a runtime is expected to differ; the first that fits a cell counts.</summary>
    public ImmutableArray<Difference> Differences { get; init; } = [];

    /// <summary>How the runtimes are expected to part; the first that fits the circumstances counts.</summary>
    public ImmutableArray<DeclaredSplit> Splits { get; init; } = [];

    /// <summary>Where it stands in the manifest, from 1.</summary>
    public int Line { get; init; }

    /// <summary>The environment of a guest whose counter is at a URL.</summary>
    public ImmutableSortedDictionary<string, string> EnvironmentAt(string counterUrl) =>
        Env.ToImmutableSortedDictionary(pair => pair.Key,
            pair => pair.Value.Replace(CounterPlaceholder, counterUrl, StringComparison.Ordinal), StringComparer.Ordinal);
}

/// <summary>What a person would do on a page.</summary>
/// <param name="Click">CSS selector of what to click, as soon as it can be.</param>
/// <param name="Times">How often.</param>
/// <param name="Read">CSS selector of the element whose text is read then, once it is not <c>aria-busy</c>.</param>
public sealed record PageSteps(string Click, int Times, string Read);

/// <summary>What a cell is expected to show. What is null is not checked.</summary>
public sealed record Expectation
{
    /// <summary>The three accounts of the count.</summary>
    public Counts? Counts { get; init; }

    /// <summary>All that the guest prints to stdout.</summary>
    public string? Stdout { get; init; }

    /// <summary>All that the guest prints to stderr.</summary>
    public string? Stderr { get; init; }

    /// <summary>The exit code.</summary>
    public int? Exit { get; init; }

    /// <summary>What the entry function returns, as decimal text.</summary>
    public string? Result { get; init; }

    /// <summary>Set where the cell is expected not to get through; then nothing else is checked but the counts, where given.</summary>
    public ExpectedFailure? Fails { get; init; }

    /// <summary>
    /// Why this is a departure from "pass everywhere"; required with <see cref="Fails"/> and in a <see cref="Difference"/>.
    /// </summary>
    public string? Reason { get; init; }

    /// <summary>Where one can read more about the reason; required where that is.</summary>
    public string? Link { get; init; }

    /// <summary>The last day on which the departure is accepted; null is any. From then on it is red, whether it happens or not.</summary>
    public DateOnly? Until { get; init; }
}

/// <summary>A failure that is expected: its phase and what tells it from other failures there.</summary>
/// <param name="Phase">Where it fails.</param>
/// <param name="Code">The normalised outcome, such as <c>unknown-import</c>; null is any.</param>
/// <param name="Import">The import that the runtime must name, as <c>module::name</c>; null is any.</param>
public sealed record ExpectedFailure(Phase Phase, string? Code, string? Import);

/// <summary>Which cells an entry is about.</summary>
/// <param name="Runtime">Glob over runtime ids.</param>
/// <param name="RuntimeVersion">The versions of the runtime; null is any.</param>
/// <param name="Os"><c>linux</c>, <c>macos</c> or <c>windows</c>; null is any.</param>
/// <param name="ServerVariant">The server's variant; null is any.</param>
public sealed record Conditions(string Runtime, RuntimeVersionRange? RuntimeVersion = null,
    string? Os = null, string? ServerVariant = null);

/// <summary>A declared departure of some runtimes from the scenario's expectation.</summary>
/// <param name="When">Which cells it is about.</param>
/// <param name="Skip">True: the cell isn't run.</param>
/// <param name="Expect">What is expected instead; what it leaves null is taken from the scenario.</param>
public sealed record Difference(Conditions When, bool Skip, Expectation Expect)
{
    /// <summary>Where it stands in the manifest, from 1.</summary>
    public int Line { get; init; }
}

/// <summary>
/// A declared split: which runtimes are to show the same, and which are not. Where it says nothing, the outcomes that are declared for the
/// runtimes say so.
/// </summary>
/// <param name="Groups">Runtimes by id and version; a runtime is in the first group that has it.</param>
/// <param name="Phase">The earliest phase at which two groups part where a runtime of each is there; null is any. Of fewer groups, it is
/// what the outcomes of their runtimes say.</param>
/// <param name="Os">As in <see cref="Conditions"/>.</param>
/// <param name="ServerVariant">As in <see cref="Conditions"/>.</param>
/// <param name="Reason">Why they part.</param>
/// <param name="Link">Where one can read more about it.</param>
/// <param name="Until">The last day on which it is accepted; null is any.</param>
public sealed record DeclaredSplit(ImmutableArray<ImmutableArray<Conditions>> Groups,
    Phase? Phase, string? Os, string? ServerVariant, string Reason, string Link, DateOnly? Until)
{
    /// <summary>Where it stands in the manifest, from 1.</summary>
    public int Line { get; init; }
}
