using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Runtimes.Wasmer;
using Conformance.Wasm;
using Conformance.Wasmer;
using ExternType = Conformance.Wasm.ExternType;

return await WorkerHost.RunAsync(WasmerSession.StartAsync);

/// <summary>Wasmer by its C API.</summary>
internal sealed partial class WasmerSession(Engine engine, StandardStreams streams, InitializeParams request, InitializeResult identity)
    : EngineSession<Module>(request, identity)
{
    private static readonly ErrorTable LinkErrors = new(
        ("unknown import", OutcomeCodes.UnknownImport), ("^Insufficient resources", OutcomeCodes.ResourceExhausted));

    private readonly StdinRemainder _remainder = new(engine);

    public static Task<IRuntimeSession> StartAsync(InitializeParams request)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new RuntimeUnavailableException(
                "Wasmer's WASI prints to the process's own stdout, which this worker can give to a cell on Linux and macOS only",
                "run it there");
        }

        var places = request.ReleaseFolder is { } release ? WasmerLibrary.Places(Path.Combine(release, "lib")) : WasmerLibrary.Places();
        try
        {
            var library = WasmerLibrary.Load(places);
            var engine = new Engine();
            // What the loader found is a bare name on some systems.
            var file = File.Exists(library) ? LoadedLibraries.Hash(library) with { Name = WasmerLibrary.FileName } : null;
            var identity = new InitializeResult(
                WasmerLibrary.Version,
                "Cranelift",
                file is null ? [] : [file],
                [.. Surface(engine), "typed-imports", WorkerFeatures.LimitedImports, WorkerFeatures.NoReadOnlyFolders],
                [.. places.Select(place => new SearchedPlace(place.Name, place.Path, place.Found))]);
            return Task.FromResult<IRuntimeSession>(
                new WasmerSession(engine, new StandardStreams(request.Limits.OutputBytes), request, identity));
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            throw new RuntimeUnavailableException($"its library is not here ({e.Message})", null);
        }
    }

    /// <summary>The export that the start function of a guest with WASI is.</summary>
    public static string Start => StartExport;

    /// <summary>
    /// WASI is given an instance that is made, whose start function was called by then: a call of WASI in it would end the process.
    /// </summary>
    public static bool CallsStart(WasmInterface module) => module.HasStart && Definitions.ImportsWasi(module);

    public override Module Compile(byte[] bytes, GuestSetup setup) => Module.FromBytes(engine,
        WasmInterfaceReader.TryRead(bytes) is { } module && CallsStart(module) ? StartFunction.AsExport(bytes, Start) : bytes);

    public override byte[] Serialize(Module module) => module.Serialize();

    public override Module Deserialize(byte[] serialized) => Module.Deserialize(engine, serialized);

    protected override EngineGuest<Module> Open(GuestSetup setup, WasmInterface module) =>
        new WasmerGuest(engine, setup, module, streams, _remainder);

    protected override ExternType? Own(EngineGuest<Module> guest, WasmImport import) => ((WasmerGuest)guest).Own(import);

    protected override Ending? Explain(Exception e, Phase phase) => e switch
    {
        TrapException { ExitCode: { } exit } => new Ending(null, null, exit),
        TrapException trap => Trapped(trap),
        LinkException => new Ending(CodeOfLinkError(e.Message), e.Message),
        WasmerException => new Ending(phase == Phase.Compile ? CodeOfCompileError(e.Message) : OutcomeCodes.Unmapped, e.Message),
        _ => null,
    };

    protected override void DisposeEngine()
    {
        streams.Dispose();
        _remainder.Dispose();
        engine.Dispose();
    }

    /// <summary>How many functions each WASI namespace has.</summary>
    private static ImmutableArray<string> Surface(Engine engine)
    {
        using var store = new Store(engine);
        var wasi = new Wasi(engine, store, new WasiConfiguration(""));
        return [.. Wasi.Namespaces.Select(name => $"{name}:{wasi.GetNamespace(name).Count(definition => definition.Module == name)}")];
    }

    /// <summary>
    /// Its traps have the names of the specification's tests, some with more after a colon. Those of segments have no frame.
    /// </summary>
    private static Ending Trapped(TrapException e)
    {
        var trap = Trap.Named(e.Message);
        if (trap == Trap.UndefinedElement && e.Frames.IsEmpty) trap = Trap.TableOutOfBounds;
        var isException = e.Message.StartsWith("uncaught exception", StringComparison.Ordinal);
        return new Ending(trap?.Code ?? (isException ? OutcomeCodes.UncaughtException : OutcomeCodes.Unmapped), e.Message)
        {
            IsExecution = true,
            Offset = e.Frames.IsEmpty ? null : e.Frames[0].ModuleOffset,
        };
    }

    /// <summary>
    /// Of two types in Wasmer's words, each begins with its kind; those that differ only in their limits are equal without them.
    /// </summary>
    private static string CodeOfLinkError(string text)
    {
        if (Incompatible().Match(text) is not { Success: true } types) return LinkErrors.CodeOf(text);
        var (expected, received) = (types.Groups[1].Value, types.Groups[2].Value);
        return expected[..expected.IndexOf('(')] != received[..received.IndexOf('(')] ? OutcomeCodes.IncompatibleKind
            : Limited().Replace(expected, "") == Limited().Replace(received, "") ? OutcomeCodes.IncompatibleLimits
            : OutcomeCodes.IncompatibleType;
    }

    /// <summary>A module that isn't valid, or needs what this Wasmer does not have.</summary>
    private static string CodeOfCompileError(string text) =>
        text.StartsWith("Validation error", StringComparison.Ordinal) ? ErrorTable.Validation.CodeOf(text) : OutcomeCodes.Unmapped;

    [GeneratedRegex(@"incompatible import type\. Expected (\w+\(.*?\)) but received (\w+\(.*\))", RegexOptions.Singleline)]
    private static partial Regex Incompatible();

    [GeneratedRegex("minimum: [^,]+, maximum: [^,]+")]
    private static partial Regex Limited();
}
