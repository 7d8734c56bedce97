using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Runtimes.Wamr;
using Conformance.Wasm;

return await WorkerHost.RunAsync(WamrSession.StartAsync);

/// <summary>
/// WAMR by <c>wasm_export.h</c>. It links whatever it is given: a function that nobody provides is a warning when the module is
/// instantiated, and a trap when it is called; a memory, a table or a global that nobody provides is there all the same, and empty.
/// </summary>
internal sealed partial class WamrSession(WamrLibrary library, StandardStreams streams, InitializeParams request, InitializeResult identity)
    : EngineSession<WamrModule>(request, identity)
{
    /// <summary>What can't provide all that a manifest may.</summary>
    public const string Host = "wasm_export.h";

    /// <summary>For a guest's own frames: what iwasm gives by default is too little for a deep C program.</summary>
    public const uint StackBytes = 512 * 1024;

    /// <summary>The one module whose functions every version lets a host bind.</summary>
    private const string Environment = "env";

    private readonly StandardStreams _warnings = new(request.Limits.OutputBytes);

    public static Task<IRuntimeSession> StartAsync(InitializeParams request)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new RuntimeUnavailableException(
                "WAMR's WASI prints to the process's own stdout, which this worker can give to a cell on Linux and macOS only",
                "run it there");
        }

        var library = WamrLibrary.Find();
        return Task.FromResult<IRuntimeSession>(
            new WamrSession(library, new StandardStreams(request.Limits.OutputBytes), request, Identify(library)));
    }

    /// <summary>Nothing is kept: a load binds the module to one cell's host functions.</summary>
    protected override string? Variant(RunParams run) => null;

    public override WamrModule Compile(byte[] bytes, GuestSetup setup)
    {
        // What can't be read has no host functions: WAMR is to say itself what is wrong with it.
        var module = WasmInterfaceReader.TryRead(bytes) ?? WasmInterface.Empty;
        // Asked before it is loaded, since the library is one module's at a time.
        var unbound = HostImports.Fulfilled(module, setup.Imports, HostFunctions.IsNumber)
            .Where(host => host.Import.Module != Environment)
            .Select(host => Probe(host.Import, setup.Imports, setup.Definitions))
            .FirstOrDefault(verdict => verdict.Code == OutcomeCodes.Unprovidable);
        return new WamrModule(library, bytes, module, setup.Imports, setup.Functions) { Unbound = unbound?.Text };
    }

    protected override EngineGuest<WamrModule> Open(GuestSetup setup, WasmInterface module) =>
        new WamrGuest(library, setup, module, streams);

    protected override Ending? Explain(Exception e, Phase phase) => e switch
    {
        WamrException { IsExecution: true } => new Ending(WamrErrors.CodeOfTrap(e.Message), e.Message) { IsExecution = true },
        WamrException refused => new Ending(phase == Phase.Compile
            ? WamrErrors.CodeOfLoadError(refused) : WamrErrors.CodeOfInstantiationError(e.Message), e.Message),
        _ => null,
    };

    protected override void DisposeEngine()
    {
        streams.Dispose();
        _warnings.Dispose();
    }

    public override Task<ResolveResult> ResolveAsync(ResolveParams request) => ModuleBytes.Resolve(request, module =>
    {
        // It is asked about each distinct import alone, whoever wants to know: its warnings are all that it says.
        var verdicts = module.Imports.Distinct()
            .ToDictionary(import => import, import => Probe(import, request.Imports, request.Definitions));
        var answers = HostImports.Answers(module, request,
            HostFunctions.IsNumber, import => verdicts[import] is { Code: null } ? import.Type : null)
            .Zip(module.Imports, (answer, import) => verdicts[import].Text is { } words && words.StartsWith("failed to check signature",
                StringComparison.Ordinal) ? answer with { Provider = Provider.Mismatch, Text = words } : answer);
        return new ResolveResult([.. answers], null,
            request.Probes is null ? null : [.. module.Imports.Distinct().Select(import => verdicts[import])]);
    });

    private static unsafe InitializeResult Identify(WamrLibrary library)
    {
        ImmutableArray<string> features = ["wasi_snapshot_preview1",
            "wasi_unstable", WorkerFeatures.LazyLinking, WorkerFeatures.FunctionsOnly, WorkerFeatures.LimitedImports,
            WorkerFeatures.NoReadOnlyFolders];
        if (library.WasiExitCode is null) features = [.. features, WorkerFeatures.ExitCodesLost, WorkerFeatures.NoFolders];
        return new InitializeResult(library.Version, "WAMR",
            library.Path is { } path ? [LoadedLibraries.Hash(path)] : [], features, library.Places);
    }

    /// <summary>
    /// What WAMR makes of one import, which it is asked about by a module of that alone: it warns when it instantiates. Linked for certain
    /// is only a function without a warning.
    /// </summary>
    private ProbeVerdict Probe(WasmImport import, ImmutableArray<DeclaredImport> hosts, ImmutableArray<DefinedImport>? definitions)
    {
        if (ImportModule.Write([import], enterable: true) is not { } bytes) return new ProbeVerdict(OutcomeCodes.Unchecked, null);
        var module = WasmInterfaceReader.Read(bytes);
        _warnings.Begin(null);
        WamrException? refused = null;
        try
        {
            using var loaded = new WamrModule(library, bytes, module, hosts, new HostFunctions(""));
            loaded.SetWasi([], ImmutableDictionary<string, string>.Empty, []);
            Release(loaded.Instantiate(StackBytes));
        }
        catch (WamrException e)
        {
            refused = e;
        }

        var said = _warnings.End().Stdout.Text.Split('\n').Select(line => Stamp().Replace(line, "").Trim())
            .Where(line => line.StartsWith("failed to", StringComparison.Ordinal)).ToList();
        if (refused is not null) return new ProbeVerdict(WamrErrors.CodeOfLoadError(refused), refused.Message);
        if (HostImports.Unprovidable([import], hosts, HostFunctions.IsNumber) is { } unpassable)
            return new ProbeVerdict(OutcomeCodes.Unprovidable, unpassable);
        if (UnprovidableException.OtherThanFunctions(module, definitions, Host) is { } unprovided)
            return new ProbeVerdict(OutcomeCodes.Unprovidable, unprovided);
        if (import.Module != Environment && HostImports.Fulfilled(module, hosts, HostFunctions.IsNumber).Any()
            && said.Any(line => line.StartsWith("failed to link", StringComparison.Ordinal)))
        {
            return new ProbeVerdict(OutcomeCodes.Unprovidable,
                $"{import.Module}::{import.Name}: this WAMR binds host functions of the module 'env' only");
        }

        return import.Type.Kind == ExternKind.Func && said.Count == 0
            ? new ProbeVerdict(null, null) : new ProbeVerdict(OutcomeCodes.Unchecked, said.Count == 0 ? null : string.Join("; ", said));
    }

    private unsafe void Release(nint instance) => library.Deinstantiate(instance);

    [GeneratedRegex(@"^(\[[^\]]*\]: )?(warning: )?")]
    private static partial Regex Stamp();
}
