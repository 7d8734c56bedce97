using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;
using Conformance.Wasm;

namespace Conformance.Protocol;

/// <summary>The names of the worker protocol (JSON-RPC 2.0, one message a line on stdin and stdout).</summary>
public static class WorkerMethods
{
    /// <summary>
    /// The harness says what the worker is to be, once and first: <see cref="InitializeParams"/>, <see cref="InitializeResult"/>.
    /// </summary>
    public const string Initialize = "initialize";
    /// <summary>Who provides each import: <see cref="ResolveParams"/>, <see cref="ResolveResult"/>.</summary>
    public const string Resolve = "resolve";
    /// <summary>Runs a cell: <see cref="RunParams"/>, <see cref="RunResult"/>.</summary>
    public const string Run = "run";
    /// <summary>A notification: the worker is to end.</summary>
    public const string Shutdown = "shutdown";

    /// <summary>
    /// A notification from the worker while it runs a cell: the phase that begins. It is how the harness knows where a guest was when its
    /// worker died or ran out of time. Until a worker says otherwise, a cell is taken to be in <c>run</c>, so that a module that is
    /// compiled already costs no message.
    /// </summary>
    public const string Phase = "phase";

    /// <summary>The protocol's version, raised when a worker would have to change.</summary>
    public const int Version = 1;

    /// <summary>
    /// JSON-RPC error code of an <c>initialize</c> that can't be: the runtime is not on this machine. Its data is an
    /// <see cref="Unavailability"/>.
    /// </summary>
    public const int UnavailableError = -32010;

    /// <summary>
    /// JSON-RPC error code of an <c>initialize</c> that can't be: the runtime is there, and is not what its manifest says. The message says
    /// where.
    /// </summary>
    public const int MisdescribedError = -32011;
}

/// <summary>Features of a worker that change what can be expected of it.</summary>
public static class WorkerFeatures
{
    /// <summary>It links what it can't resolve, and traps when that is called.</summary>
    public const string LazyLinking = "lazy-linking";

    /// <summary>The number that <c>proc_exit</c> is given does not come out: the exit is 0, or null.</summary>
    public const string ExitCodesLost = "exit-codes-lost";

    /// <summary>Imports are resolved when a module is compiled: one that is missing ends it at <see cref="Phase.Compile"/>.</summary>
    public const string CompileTimeLinking = "compile-time-linking";

    /// <summary>
    /// Host functions are merged into the guest, since the runtime can't be given any: then some guests can't be given them at all.
    /// </summary>
    public const string Composed = "host functions: composed";

    /// <summary>It runs modules that export <c>_start</c>, and no others.</summary>
    public const string CommandsOnly = "commands-only";

    /// <summary>Its guests can be given functions, and no memories, tables or globals.</summary>
    public const string FunctionsOnly = "functions-only";

    /// <summary>
    /// Its guests can't be given all that a manifest may provide: functions of some types of values or of some modules' names, or a memory
    /// beside its WASI.
    /// </summary>
    public const string LimitedImports = "limited-imports";

    /// <summary>Its guests may write in every folder that they are given.</summary>
    public const string NoReadOnlyFolders = "no-read-only-folders";

    /// <summary>Its guests' first argument can't be any name.</summary>
    public const string NoArgv0 = "no-argv0";

    /// <summary>Its guests can't be given folders, or not under another name than the host's.</summary>
    public const string NoFolders = "no-folders";

    /// <summary>
    /// Its guests' folders are copies in memory, which can't be all that folders of a system are: hold links, or nothing.
    /// </summary>
    public const string CopiedFolders = "copied-folders";
}

/// <summary>What the harness tells a new worker.</summary>
/// <param name="Protocol">Always <see cref="WorkerMethods.Version"/>.</param>
/// <param name="Runtime">The id of the runtime to be.</param>
/// <param name="Limits">What a guest may use.</param>
/// <param name="CacheFolder">Where compiled modules may be kept between runs; null is nowhere.</param>
/// <param name="ReleaseFolder">Where <c>conformance setup</c> puts the release that the runtime's manifest pins, whether it is there or
/// not; null where it pins none.</param>
/// <param name="Options">From the runtime's manifest.</param>
/// <param name="Manifest">The runtime's manifest itself.</param>
public sealed record InitializeParams(
    int Protocol, string Runtime, WorkerLimits Limits,
        string? CacheFolder, string? ReleaseFolder, ImmutableSortedDictionary<string, string> Options, string Manifest);

/// <param name="MemoryBytes">What a guest's memories may grow to.</param>
/// <param name="OutputBytes">What is kept of stdout, and of stderr.</param>
public sealed record WorkerLimits(long MemoryBytes, int OutputBytes);

/// <summary>What a worker is.</summary>
/// <param name="Version">The runtime's version.</param>
/// <param name="Engine">What executes wasm in it, such as <c>V8</c>.</param>
/// <param name="Libraries">The files that are the runtime, by name, with their SHA-256.</param>
/// <param name="Features">What it can do beyond the protocol's minimum, such as <c>wasi_snapshot_preview1</c>.</param>
/// <param name="Places">Where the runtime was looked for, in order; null where there is only one way.</param>
public sealed record InitializeResult(
    string Version, string Engine, ImmutableArray<LibraryHash> Libraries,
        ImmutableArray<string> Features, ImmutableArray<SearchedPlace>? Places = null);

/// <summary>A place where a runtime was looked for.</summary>
/// <param name="Name">What people know it by, such as an environment variable.</param>
/// <param name="Path">The file; null where the place isn't set.</param>
/// <param name="Found">Whether it is there; the first that is is the one that is used.</param>
public sealed record SearchedPlace(string Name, string? Path, bool Found);

/// <summary>A module, as a worker gets it: it may keep what it has compiled by the hash.</summary>
public sealed record ModuleFile(string Path, string Sha256);

/// <summary>A host function that the manifest declares: see <see cref="HostImport"/>.</summary>
/// <param name="Module">The import's module.</param>
/// <param name="Name">The import's name.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path below the cell's counter.</param>
/// <param name="Returns">What the guest gets where it asks for a result.</param>
/// <param name="Result">The type of the result that the module asks for, as it declares it; null where it asks for none. A host whose
/// functions have no types (JavaScript)
/// could not know otherwise.</param>
/// <param name="Type">The function's type, such as <c>() -&gt; (i32)</c>, where the manifest fixes it: then it is defined with that type,
/// whatever the module declares. Null: it takes the type that the module declares.</param>
public sealed record DeclaredImport(
    string Module, string Name, string Method, string Path,
        HostReturn Returns, string? Result, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Type = null);

/// <summary>A memory, a table or a global that the manifest declares.</summary>
/// <param name="Module">The import's module.</param>
/// <param name="Name">The import's name.</param>
/// <param name="Definition">Base64 of a module that imports nothing and whose one export is what fulfils the import: to be instantiated
/// anew for each cell, in its store.</param>
public sealed record DefinedImport(string Module, string Name, string Definition);

/// <param name="Module">What imports.</param>
/// <param name="Imports">Its host functions.</param>
/// <param name="Loader">With a module of a page, the script that provides the imports there; only a runtime of pages has a use for
/// it.</param>
/// <param name="Probes">Modules with one import each, in base64: the module's distinct imports, in their order. Each is to be instantiated
/// with the same definitions as the module would be; nothing of it
/// is run.</param>
/// <param name="Definitions">What else the host provides.</param>
public sealed record ResolveParams(
    ModuleFile Module,
    ImmutableArray<DeclaredImport> Imports,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ModuleFile? Loader = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ImmutableArray<string>? Probes = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ImmutableArray<DefinedImport>? Definitions = null);

/// <summary>Who fulfils one entry of a module's import section. Its type is the harness's to add: it reads the section itself.</summary>
/// <param name="Module">The import's module.</param>
/// <param name="Name">The import's name.</param>
/// <param name="Provider">Who fulfils it.</param>
/// <param name="Text">With <see cref="Model.Observations.Provider.Mismatch"/>, what was found.</param>
/// <param name="Note">How it is provided, where that is not plainly: see <see cref="LedgerRow.Note"/>.</param>
public sealed record ImportAnswer(string Module, string Name,
    Provider Provider, string? Text, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Note = null);

/// <param name="Imports">An answer for each entry of the import section, in its order; empty where the module could not be
/// compiled.</param>
/// <param name="Failure">Why there is no answer.</param>
/// <param name="Verdicts">What became of each probe, in their order; null where none were asked for.</param>
public sealed record ResolveResult(ImmutableArray<ImportAnswer> Imports,
    string? Failure, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ImmutableArray<ProbeVerdict>? Verdicts = null);

/// <summary>What a runtime makes of one import.</summary>
/// <param name="Code">Null where it links; <see cref="OutcomeCodes.Unchecked"/> where it links whatever its type; else why it does
/// not.</param>
/// <param name="Text">The runtime's own words, where it refused it.</param>
public sealed record ProbeVerdict(string? Code, string? Text);

/// <summary>The parameters of <see cref="WorkerMethods.Phase"/>.</summary>
public sealed record PhaseParams(Phase Phase);

/// <summary>One cell to run.</summary>
/// <param name="Module">What to run.</param>
/// <param name="Imports">Its host functions.</param>
/// <param name="Kind">How to enter it.</param>
/// <param name="Entry">The exported function to call.</param>
/// <param name="Args">Arguments after the program's name.</param>
/// <param name="Env">The guest's whole environment.</param>
/// <param name="StdinPath">A file for the guest's stdin; null is an empty one.</param>
/// <param name="Preopens">Folders of this cell alone, in the order of their descriptors.</param>
/// <param name="CounterUrl">The cell's counter, without a slash at the end.</param>
/// <param name="Page">With a module of a page, where it is and what to do there; only a runtime of pages has a use for it.</param>
/// <param name="Definitions">What else the host provides.</param>
/// <param name="Argv0">The program's name, where it is not the module's file name.</param>
/// <param name="Verdicts">What the runtime said of each distinct import before, in the section's order, for a worker that would have to
/// ask it again; null where that is not known, or not needed.</param>
/// <param name="AttachmentsFolder">Where the worker may put files of this cell; it is made by who needs it. Null where they are not
/// wanted.</param>
public sealed record RunParams(
    ModuleFile Module,
    ImmutableArray<DeclaredImport> Imports,
    ModuleKind Kind,
    string Entry,
    ImmutableArray<string> Args,
    ImmutableSortedDictionary<string, string> Env,
    string? StdinPath,
    [property: JsonConverter(typeof(PreopensJson))] ImmutableArray<Preopen> Preopens,
    string CounterUrl,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PageVisit? Page = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? AttachmentsFolder = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ImmutableArray<DefinedImport>? Definitions = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Argv0 = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ImmutableArray<ProbeVerdict>? Verdicts = null)
{
    /// <summary>The guest's arguments, the program's name before the others.</summary>
    [JsonIgnore]
    public ImmutableArray<string> Arguments => [Argv0 ?? Path.GetFileName(Module.Path), .. Args];
}

/// <summary>What to do on a page: see <see cref="PageSteps"/>.</summary>
/// <param name="Url">The page, with the guest's environment as its query.</param>
/// <param name="Steps">What a person would do there.</param>
/// <param name="Loader">The script that provides the module's imports there.</param>
public sealed record PageVisit(string Url, PageSteps Steps, ModuleFile Loader);
