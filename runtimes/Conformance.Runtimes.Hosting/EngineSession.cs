using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Wasm;

namespace Conformance.Runtimes.Hosting;

/// <summary>
/// A runtime that is bound in C#. What differs from engine to engine is abstract; compiling once, asking about imports one by one, the
/// phases of a cell and what its errors mean to a report are here.
/// </summary>
/// <typeparam name="TModule">The engine's compiled module.</typeparam>
/// <param name="request">What the harness says in <c>initialize</c>.</param>
/// <param name="identity">The answer to it.</param>
public abstract class EngineSession<TModule>(InitializeParams request, InitializeResult identity) : IRuntimeSession
    where TModule : class, IDisposable
{
    private readonly ModuleStore<TModule> _modules = new(CacheOf(request, identity));

    /// <inheritdoc/>
    public InitializeResult Identity => identity;

    /// <summary>What guests may use.</summary>
    protected WorkerLimits Limits => request.Limits;

    /// <inheritdoc/>
    public virtual Task<ResolveResult> ResolveAsync(ResolveParams request) => ModuleBytes.Resolve(request, module =>
    {
        var setup = new GuestSetup(request.Imports, request.Definitions ?? [], new HostFunctions(""), null);
        using var guest = Open(setup, module);
        var answers = HostImports.Answers(module, request, Knows, import => Own(guest, import));
        return new ResolveResult(answers, null,
            request.Probes is { } probes ? [.. probes.Select(probe => Ask(Convert.FromBase64String(probe), setup))] : null);
    });

    /// <inheritdoc/>
    public Task<RunResult> RunAsync(RunParams request, Action<Phase> reached)
    {
        using var cell = new EngineCell<TModule>(this, request, reached);
        return Task.FromResult(cell.Run());
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _modules.Dispose();
        DisposeEngine();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>The end of the engine; its modules have ended.</summary>
    protected abstract void DisposeEngine();

    /// <summary>Compiles; what the engine throws is explained by <see cref="Explain"/>.</summary>
    /// <param name="bytes">Not checked yet.</param>
    /// <param name="setup">What the guest is given, for engines that bind it when they compile.</param>
    public abstract TModule Compile(byte[] bytes, GuestSetup setup);

    /// <summary>What <see cref="Deserialize"/> takes.</summary>
    public virtual byte[] Serialize(TModule module) => throw new NotSupportedException("there is no cache folder");

    /// <summary>
    /// The module again; an exception that <see cref="Explain"/> knows says that the engine refuses what it is given: another version's.
    /// </summary>
    public virtual TModule Deserialize(byte[] serialized) => throw new NotSupportedException("there is no cache folder");

    /// <summary>
    /// What tells compiled modules of the same bytes apart: nothing, where the setup is bound later; null where none can be used twice.
    /// </summary>
    protected internal virtual string? Variant(RunParams request) => "";

    /// <summary>Makes the place where a module will be instantiated, and all that it may import there.</summary>
    protected internal abstract EngineGuest<TModule> Open(GuestSetup setup, WasmInterface module);

    /// <summary>
    /// What the runtime itself defines under an import's name, in its own words for the type; null where it defines nothing.
    /// </summary>
    protected virtual ExternType? Own(EngineGuest<TModule> guest, WasmImport import) => null;

    /// <summary>Whether host functions can be passed values of a type.</summary>
    protected virtual bool Knows(string valueType) => HostFunctions.IsNumber(valueType);

    /// <summary>What an exception means; null for one that isn't the engine's.</summary>
    protected internal abstract Ending? Explain(Exception e, Phase phase);

    /// <summary>What any exception of a guest means: a host function's, one of this kit, or the engine's.</summary>
    internal Ending? ExplainAny(Exception e, Phase phase) => e switch
    {
        GuestEndException end => end.Ending,
        UnprovidableException => new Ending(OutcomeCodes.Unprovidable, e.Message),
        HostCallException => new Ending(OutcomeCodes.HostCallFailed, e.Message) { IsExecution = true },
        { InnerException: HostCallException host } => new Ending(OutcomeCodes.HostCallFailed, host.Message) { IsExecution = true },
        WasmFormatException => new Ending(OutcomeCodes.Malformed, e.Message),
        _ => Explain(e, phase),
    };

    /// <exception cref="UnprovidableException">A host function of the module's can't be passed its values.</exception>
    internal void RefuseUnprovidable(WasmInterface module, GuestSetup setup)
    {
        if (HostImports.Unprovidable(module.Imports, setup.Imports, Knows) is { } why) throw new UnprovidableException(why);
    }

    /// <summary>The module, compiled once for each variant of it.</summary>
    internal CompiledModule<TModule> Get(ModuleFile file, string? variant, GuestSetup setup) =>
        _modules.Get(file, variant, bytes => Compile(bytes, setup), Serialize, serialized =>
        {
            try
            {
                return Deserialize(serialized);
            }
            catch (Exception e) when (Explain(e, Phase.Compile) is not null)
            {
                return null;
            }
        });

    /// <summary>What an engine is given as an export, where its host calls a module's start function itself.</summary>
    protected const string StartExport = "conformance:start";

    /// <summary>Changed where modules are compiled otherwise than before.</summary>
    private const int CacheForm = 2;

    /// <summary>Where what this very engine compiled is kept: another library's is not taken for it. Null is nowhere.</summary>
    protected static string? CacheOf(InitializeParams request, InitializeResult identity) =>
        request.CacheFolder is { } folder && identity.Libraries is [var library, ..]
            ? Path.Combine(folder, $"{request.Runtime}-{library.Sha256[..16]}-{CacheForm}") : null;

    internal bool Has(ModuleFile file, string? variant) => _modules.Has(file, variant);

    internal double? TakeCompileTime(ModuleFile file) => _modules.TakeCompileTime(file);

    /// <summary>Instantiates a module of one import and no code; engines stop at the first import that they refuse.</summary>
    private ProbeVerdict Ask(byte[] bytes, GuestSetup setup)
    {
        var phase = Phase.Compile;
        try
        {
            using var compiled = Compile(bytes, setup);
            phase = Phase.Link;
            var module = WasmInterfaceReader.Read(bytes);
            RefuseUnprovidable(module, setup);
            using var guest = Open(setup, module);
            guest.Instantiate(new CompiledModule<TModule>(compiled, module));
            return new ProbeVerdict(null, null);
        }
        catch (Exception e) when (ExplainAny(e, phase) is { } ending)
        {
            return new ProbeVerdict(ending.Code, ending.Text?.Trim());
        }
    }
}
