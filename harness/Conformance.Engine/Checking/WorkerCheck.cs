using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Conformance.CounterServer;
using Conformance.Engine.Imports;
using Conformance.Engine.Running;
using Conformance.Engine.Servers;
using Conformance.Engine.Workers;
using Conformance.Machine;
using Conformance.Model;
using Conformance.Model.Counters;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;
using Conformance.Protocol;
using Conformance.Wasm;

namespace Conformance.Engine.Checking;

/// <summary>One thing that a worker was asked to do.</summary>
/// <param name="What">In words.</param>
/// <param name="Problem">What it did wrong; null where nothing.</param>
public sealed record CheckFinding(string What, string? Problem);

/// <summary>
/// Drives a worker through every message of the protocol, good and bad, against a real counter server, and says what it does wrong. Its
/// negative control is a module that must not link: a worker that says it counted there tells nothing by counting elsewhere.
/// </summary>
/// <param name="runtime">How the worker is started, and its options.</param>
/// <param name="limit">How long an answer may take.</param>
/// <param name="report">Is told each finding as it is made.</param>
/// <param name="transcript">Is told every line of the conversation.</param>
public sealed class WorkerCheck(RuntimeManifest runtime, TimeSpan limit, Action<CheckFinding> report, Action<string> transcript)
{
    private const int OutputBytes = 64 * 1024;

    /// <summary>A worker that was told to end may take so long.</summary>
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(5);

    private static readonly string[] InitializeFields = ["version", "engine", "libraries", "features"];
    private static readonly string[] ResolveFields = ["imports", "failure"];
    private static readonly string[] RunFields = ["phase", "code", "text", "exit", "result", "hostCalls", "stdout", "stderr", "timingsMs"];

    private static readonly ImmutableArray<DeclaredImport> Hosts =
    [
        new("env", "main.incrementCount", "PUT", "/add", HostReturn.Nothing, null),
        new("env", "main.getCount", "GET", "/count", HostReturn.Body, "i32"),
    ];

    private readonly RunOptions _options = new();
    private int _cells;
    private int _problems;
    private ImmutableArray<string> _features = [];

    /// <summary>Does all checks.</summary>
    /// <returns>How many things were wrong.</returns>
    /// <exception cref="RuntimeMissingException">The worker can't be started, or says that its runtime is not on this machine.</exception>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        try
        {
            await CheckAllAsync(cancellation).ConfigureAwait(false);
        }
        catch (WorkerFaultException e) when (e.IsEnd)
        {
            // Told already: nothing more can be asked.
        }

        return _problems;
    }

    private async Task CheckAllAsync(CancellationToken cancellation)
    {
        using var guests = new CheckGuests();
        await using var server = await EmbeddedCounterServer.StartAsync(ServerVariant.Correct, 0, null, cancellation).ConfigureAwait(false);
        await using (var worker = Start())
        {
            if (await CheckInitializeAsync(worker, cancellation).ConfigureAwait(false))
            {
                await CheckResolveAsync(worker, guests, cancellation).ConfigureAwait(false);
                await CheckRunAsync(worker, guests, server, cancellation).ConfigureAwait(false);
                await CheckBadAsync(worker, guests, server, cancellation).ConfigureAwait(false);
                await CheckAsync("'shutdown' ends the process", async () =>
                {
                    await worker.NotifyAsync(WorkerMethods.Shutdown, cancellation).ConfigureAwait(false);
                    await EndedAsync(worker).ConfigureAwait(false);
                }).ConfigureAwait(false);
            }
        }

        // A worker that is not even initialized has said all that it can say.
        if (_cells > 0) await CheckEndOfInputAsync(guests, server, cancellation).ConfigureAwait(false);
    }

    private static bool IsMissing(string? code) => code is OutcomeCodes.UnknownImport or OutcomeCodes.UnknownModule;

    private bool Has(string feature) => _features.Contains(feature);

    private Conversation Start() => new(WorkerProcess.Start(runtime, WorkerPool.ProcessMemory(_options)), limit, transcript);

    private async Task<bool> CheckInitializeAsync(Conversation worker, CancellationToken cancellation)
    {
        await CheckAsync("'run' before 'initialize' is refused", async () => await RefusedAsync(worker,
            WorkerMethods.Run, new JsonObject(), cancellation).ConfigureAwait(false)).ConfigureAwait(false);
        await CheckAsync("'initialize' with another protocol is refused", async () =>
        {
            var request = Initialize();
            request["protocol"] = 999;
            await RefusedAsync(worker, WorkerMethods.Initialize, request, cancellation).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return await CheckAsync("'initialize' says what the worker is", async () =>
        {
            var answer = await worker.AskAsync(WorkerMethods.Initialize, Initialize(), cancellation).ConfigureAwait(false);
            if (answer["error"] is JsonObject error)
            {
                if (error["code"]?.ToJsonString() == $"{WorkerMethods.MisdescribedError}") throw new InputException($"{error["message"]}");
                if (error["code"]?.ToJsonString() != $"{WorkerMethods.UnavailableError}")
                    throw new WorkerFaultException($"it was refused: {error.ToJsonString()}");
                var unavailable = error["data"].Deserialize(ProtocolJson.Default.Unavailability);
                throw new RuntimeMissingException(new Unavailability(unavailable?.Reason ?? (string?)error["message"] ?? "no reason",
                    unavailable?.Remedy ?? runtime.Remedy));
            }

            var identity = Result(answer, InitializeFields, ProtocolJson.Default.InitializeResult);
            Expect(identity.Version.Length > 0, "'version' is empty");
            _features = identity.Features;
            foreach (var library in identity.Libraries)
                Expect(library.Sha256.Length == 64, $"the SHA-256 of {library.Name} has {library.Sha256.Length} digits");
        }).ConfigureAwait(false);
    }

    private async Task CheckResolveAsync(Conversation worker, CheckGuests guests, CancellationToken cancellation)
    {
        await CheckAsync("'resolve' tells who provides each import, in the order of the module", async () =>
        {
            var module = guests.Get("counts");
            var answer = Result(await worker.AskAsync(WorkerMethods.Resolve, Resolve(module), cancellation).ConfigureAwait(false),
                ResolveFields, ProtocolJson.Default.ResolveResult);
            if (Ledger.Problem(Ledger.Interface(module.Path)!, answer, 0) is { } problem) throw new WorkerFaultException(problem);
            Expect(answer.Failure is null, $"a good module gave a failure: {answer.Failure}");
            Providers(answer, Provider.Host, Provider.Host, Provider.Wasi);
        }).ConfigureAwait(false);
        await CheckAsync("'resolve' says that an import which nobody provides is missing", async () =>
        {
            var answer = Result(await worker.AskAsync(WorkerMethods.Resolve, Resolve(guests.Get("unlinkable")), cancellation)
                .ConfigureAwait(false), ResolveFields, ProtocolJson.Default.ResolveResult);
            Expect(answer.Failure is null, $"that it can't be linked is no failure of 'resolve': {answer.Failure}");
            Providers(answer, Provider.Host, Provider.Missing);
        }).ConfigureAwait(false);
        await CheckAsync("'resolve' asks the engine about each import alone, and gives its words where it refuses", async () =>
        {
            var module = guests.Get("unlinkable");
            var request = Resolve(module);
            request["probes"] = new JsonArray([.. Ledger.Interface(module.Path)!.Imports.Select(
                import => JsonValue.Create(Convert.ToBase64String(ImportModule.Write([import], enterable: false)!)))]);
            var answer = Result(await worker.AskAsync(WorkerMethods.Resolve, request, cancellation).ConfigureAwait(false),
                [.. ResolveFields, "verdicts"], ProtocolJson.Default.ResolveResult);
            if (Ledger.Problem(Ledger.Interface(module.Path)!, answer, 2) is { } problem) throw new WorkerFaultException(problem);
            var (first, second) = (answer.Verdicts!.Value[0], answer.Verdicts.Value[1]);
            Expect(first.Code is null or OutcomeCodes.Unchecked, $"an import that is provided has the verdict {first.Code}");
            Expect((Has(WorkerFeatures.LazyLinking)
                ? second.Code == OutcomeCodes.Unchecked : IsMissing(second.Code)) && second.Text is { Length: > 0 },
                $"an import that nobody provides has the verdict '{second.Code}', in the words '{second.Text}'");
        }).ConfigureAwait(false);
    }

    private async Task CheckRunAsync(Conversation worker, CheckGuests guests, EmbeddedCounterServer server, CancellationToken cancellation)
    {
        foreach (var time in new[] { "the first", "a second" })
        {
            await CheckAsync($"'run' counts three ways, {time} time", async () =>
            {
                var prefix = $"/check/{++_cells}";
                var result = await ObserveAsync(worker, guests.Get("counts"), server.Url + prefix, cancellation).ConfigureAwait(false);
                Same("phase", Phase.Observe, result.Outcome.Phase);
                Same("code", null, result.Outcome.Code);
                Same("exit", 0, result.Exit);
                Same("stdout", new CapturedText("hello\n", 6, false), result.Stdout);
                Same("stderr", CapturedText.Empty, result.Stderr);
                Same("hostCalls", "main.incrementCount×3, main.getCount×1=3", string.Join(", ",
                    result.HostCalls.Select(call => $"{call.Name}×{call.Times}{(call.Returned is null ? "" : "=" + call.Returned)}")));
                Same("the server's count", 3L, server.Take(prefix).Count);
                Expect(result.TimingsMs.Run is >= 0, "'timingsMs.run' is missing");
            }).ConfigureAwait(false);
        }

        await CheckAsync("a memory and a global that the manifest provides are the guest's", async () =>
        {
            var request = Run(guests.Get("provided"), $"{server.Url}/check/{++_cells}");
            request["definitions"] = JsonSerializer.SerializeToNode([Defined("memory", new Definition(new MemoryType(new Limits(2,
                4, false), false))), Defined("base", new Definition(new GlobalType("i32", false), 40))],
                ProtocolJson.Default.ImmutableArrayDefinedImport);
            var result = Result(await worker.AskAsync(WorkerMethods.Run, request, cancellation).ConfigureAwait(false),
                RunFields, ProtocolJson.Default.RunResult);
            // A runtime that can't be given them must not run the guest without.
            if (result.Outcome.Code != OutcomeCodes.Unprovidable)
            {
                Same("exit", 42, result.Exit);
                return;
            }

            Same("phase", Phase.Link, result.Outcome.Phase);
            Expect(Has(WorkerFeatures.FunctionsOnly) || Has(WorkerFeatures.Composed),
                $"it can't be given them, and says so in no feature ({WorkerFeatures.FunctionsOnly})");
        }).ConfigureAwait(false);
        var (unlinkable, phase, code) = Has(WorkerFeatures.LazyLinking)
            ? ("traps when it calls what nobody provides", Phase.Run, Trap.UnlinkedImport.Code)
            : Has(WorkerFeatures.CompileTimeLinking) ? ("is refused at compile", Phase.Compile, OutcomeCodes.UnknownImport)
            : ("is refused at link", Phase.Link, null);
        await EndsAsync($"a module that must not link {unlinkable}", "unlinkable", phase, code, result =>
        {
            Expect(code is not null || IsMissing(result.Outcome.Code),
                $"code is {result.Outcome.Code}, expected {OutcomeCodes.UnknownImport} or {OutcomeCodes.UnknownModule}");
            // Where nothing of a module is there, its name is all that some runtimes say.
            var named = result.Outcome.Code == OutcomeCodes.UnknownModule ? "nobody" : "nothing";
            Expect(result.Text?.Contains(named, StringComparison.Ordinal) == true,
                $"the text does not name nobody::nothing: {result.Text}");
        }, anyCode: code is null).ConfigureAwait(false);
        await EndsAsync("a trap is told by its name", "traps", Phase.Run, Trap.Unreachable.Code,
            result => Expect(!string.IsNullOrEmpty(result.Text), "the runtime's words are missing")).ConfigureAwait(false);
        await EndsAsync("proc_exit is no failure", "exits", Phase.Observe, null, result =>
        {
            if (Has(WorkerFeatures.ExitCodesLost))
                Expect(result.Exit is null or 0, $"exit is {result.Exit}, where such codes are said to be lost");
            else Same("exit", 3, result.Exit);
        }).ConfigureAwait(false);
        await EndsAsync("a module that is not valid is refused at compile", "invalid", Phase.Compile, OutcomeCodes.Malformed, _ => { })
            .ConfigureAwait(false);

        Task EndsAsync(string what, string guest, Phase phase, string? code, Action<RunResult> more, bool anyCode = false) =>
            CheckAsync(what, async () =>
        {
            var result = await ObserveAsync(worker, guests.Get(guest), $"{server.Url}/check/{++_cells}", cancellation)
                .ConfigureAwait(false);
            Same("phase", phase, result.Outcome.Phase);
            if (!anyCode) Same("code", code, result.Outcome.Code);
            more(result);
        });
    }

    private async Task CheckBadAsync(Conversation worker, CheckGuests guests, EmbeddedCounterServer server, CancellationToken cancellation)
    {
        await CheckAsync("a method that is not the protocol's is refused",
            () => RefusedAsync(worker, "fly", new JsonObject(), cancellation)).ConfigureAwait(false);
        await CheckAsync("'run' without parameters is refused", () => RefusedAsync(worker, WorkerMethods.Run, null, cancellation))
            .ConfigureAwait(false);
        await CheckAsync("a notification that is not the protocol's is not answered", () => worker.NotifyAsync("fly", cancellation))
            .ConfigureAwait(false);
        await CheckAsync("a file that is not there is told at load", () =>
            LoadFailsAsync(guests.Get("traps") with { Path = "/nowhere/traps.wasm", Sha256 = new string('0', 64) })).ConfigureAwait(false);
        await CheckAsync("a file that is not the one that was hashed is not run",
            () => LoadFailsAsync(guests.Get("counts") with { Sha256 = new string('0', 64) })).ConfigureAwait(false);
        await CheckAsync("after all that, a good module still runs", async () =>
            Same("code", null, (await ObserveAsync(worker,
                guests.Get("exits"), $"{server.Url}/check/{++_cells}", cancellation).ConfigureAwait(false)).Outcome.Code))
                .ConfigureAwait(false);

        async Task LoadFailsAsync(ModuleFile module)
        {
            var result = await ObserveAsync(worker, module, $"{server.Url}/check/{++_cells}", cancellation).ConfigureAwait(false);
            Same("phase", Phase.Load, result.Outcome.Phase);
            Expect(result.Outcome.Code is not null, "'code' is null");
        }
    }

    private Task CheckEndOfInputAsync(CheckGuests guests, EmbeddedCounterServer server, CancellationToken cancellation) =>
        CheckAsync("the end of stdin ends the worker, though its guest spins", async () =>
    {
        await using var worker = Start();
        await worker.AskAsync(WorkerMethods.Initialize, Initialize(), cancellation).ConfigureAwait(false);
        await worker.SendAsync(WorkerMethods.Run, Run(guests.Get("loops"), server.Url + "/check/loops"), cancellation)
            .ConfigureAwait(false);
        // The module was not compiled before: so the worker has told of compile, and tells of run.
        await worker.AwaitPhaseAsync("run", cancellation).ConfigureAwait(false);
        worker.Close();
        await EndedAsync(worker).ConfigureAwait(false);
    });

    /// <summary>A worker that is told to end has nothing to complain of.</summary>
    private static async Task EndedAsync(Conversation worker)
    {
        var end = await worker.EndsAsync(EndLimit).ConfigureAwait(false);
        Expect(end is not null, $"it is still there after {EndLimit.TotalSeconds:0} s");
        Same("its end", "ended with exit code 0", end);
    }

    private async Task<bool> CheckAsync(string what, Func<Task> check)
    {
        try
        {
            await check().ConfigureAwait(false);
            report(new CheckFinding(what, null));
            return true;
        }
        catch (WorkerFaultException e)
        {
            _problems++;
            report(new CheckFinding(what, e.Message));
            if (e.IsEnd) throw;
            return false;
        }
    }

    private static async Task RefusedAsync(Conversation worker, string method, JsonNode? parameters, CancellationToken cancellation)
    {
        var answer = await worker.AskAsync(method, parameters, cancellation).ConfigureAwait(false);
        if (answer["error"] is not JsonObject error)
            throw new WorkerFaultException($"it answered with a result: {answer["result"]?.ToJsonString()}");
        Expect(error["code"] is JsonValue code && code.TryGetValue<int>(out _), "the error has no integer 'code'");
        Expect(error["message"] is JsonValue, "the error has no 'message'");
    }

    private static async Task<RunResult> ObserveAsync(Conversation worker,
        ModuleFile module, string counterUrl, CancellationToken cancellation) =>
        Result(await worker.AskAsync(WorkerMethods.Run, Run(module, counterUrl), cancellation).ConfigureAwait(false),
            RunFields, ProtocolJson.Default.RunResult);

    /// <summary>A result with all its fields there, null ones too, and of the right types.</summary>
    private static T Result<T>(JsonObject answer, string[] fields, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        if (answer["error"] is { } error) throw new WorkerFaultException($"it was refused: {error.ToJsonString()}");
        if (answer["result"] is not JsonObject result) throw new WorkerFaultException("'result' is no object");
        var missing = fields.Where(field => !result.ContainsKey(field)).ToList();
        if (missing.Count > 0)
            throw new WorkerFaultException($"the result lacks {string.Join(", ", missing)} (null where there is nothing)");
        try
        {
            return result.Deserialize(type)!;
        }
        catch (JsonException e)
        {
            throw new WorkerFaultException($"the result is not as the protocol has it: {e.Message}");
        }
    }

    private static void Providers(ResolveResult answer, params Provider[] expected) =>
        Same("providers", string.Join(", ", expected), string.Join(", ", answer.Imports.Select(i => i.Provider)));

    private static void Same<T>(string what, T expected, T found) =>
        Expect(EqualityComparer<T>.Default.Equals(expected, found), $"{what} is {Show(found)}, expected {Show(expected)}");

    private static string Show(object? value) => value switch { null => "null", Phase phase => phase.Word(), _ => value.ToString()! };

    private static void Expect(bool holds, string otherwise)
    {
        if (!holds) throw new WorkerFaultException(otherwise);
    }

    private JsonNode Initialize() => JsonSerializer.SerializeToNode(
        new InitializeParams(WorkerMethods.Version, runtime.Id, new WorkerLimits(_options.MemoryBytes, OutputBytes),
            null, ConformanceHome.Within(runtime.ReleaseName), runtime.Options, runtime.ManifestPath),
        ProtocolJson.Default.InitializeParams)!;

    private static JsonNode Resolve(ModuleFile module) =>
        JsonSerializer.SerializeToNode(new ResolveParams(module, Hosts), ProtocolJson.Default.ResolveParams)!;

    private static DefinedImport Defined(string name, Definition definition) =>
        new("env", name, Convert.ToBase64String(DefinitionModule.Write(definition)));

    private static JsonNode Run(ModuleFile module, string counterUrl) => JsonSerializer.SerializeToNode(
        new RunParams(module, Hosts, ModuleKind.WasiCommand, "_start",
            [], ImmutableSortedDictionary<string, string>.Empty, null, [], counterUrl),
        ProtocolJson.Default.RunParams)!;
}
