using System.Reflection;
using Conformance.Machine;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Runtimes.Wasmtime;
using Conformance.Wasm;
using Wasmtime;
using Module = Wasmtime.Module;

if (args is [TextFormat.Argument, var text, var module]) return TextFormat.Convert(text, module);
return await WorkerHost.RunAsync(WasmtimeSession.StartAsync);

/// <summary>Wasmtime by its NuGet package.</summary>
internal sealed class WasmtimeSession(Engine engine, InitializeParams request, InitializeResult identity)
    : EngineSession<Module>(request, identity)
{
    private static string Native => Platform.Name[..3] switch { "win" => "wasmtime.dll", "osx" => "libwasmtime.dylib", _ => "libwasmtime.so" };

    private static readonly ValueKinds<ValueKind> Kinds = new(
        ("i32", ValueKind.Int32), ("i64", ValueKind.Int64), ("f32", ValueKind.Float32), ("f64", ValueKind.Float64),
        ("v128", ValueKind.V128), ("funcref", ValueKind.FuncRef), ("externref", ValueKind.ExternRef));

    public static Task<IRuntimeSession> StartAsync(InitializeParams request)
    {
        var library = Path.Combine(AppContext.BaseDirectory, "runtimes", Platform.Name, "native", Native);
        if (!File.Exists(library)) throw new RuntimeUnavailableException($"the Wasmtime package has no engine for {Platform.Name}", null);
        var version = typeof(Engine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        var identity = new InitializeResult(
            version.Split('+')[0], "Cranelift", [LoadedLibraries.Hash(library)], ["wasi_snapshot_preview1", "typed-imports", WorkerFeatures.LimitedImports]);
        return Task.FromResult<IRuntimeSession>(new WasmtimeSession(new Engine(), request, identity));
    }

    /// <summary>
    /// The package lists imports and exports when it compiles, and the C API ends the process at a type that it has no word for (50.0.1).
    /// Exports of such types are left out, since nobody calls them.
    /// </summary>
    public override Module Compile(byte[] bytes, GuestSetup setup)
    {
        if (WasmInterfaceReader.TryRead(bytes) is not { } module) return Module.FromBytes(engine, "guest", bytes);
        if (module.Imports.FirstOrDefault(import => !import.Type.ValueTypes.All(Kinds.Knows)) is { } import
            && Module.Validate(engine, bytes) is null)
        {
            throw new UnprovidableException(
                $"{import.Module}::{import.Name} {import.Type}: Wasmtime's C API has no word for its type, and ends the process");
        }

        var unlisted = module.Exports.Where(export => !export.Type.ValueTypes.All(Kinds.Knows)).Select(export => export.Name).ToHashSet();
        return Module.FromBytes(engine, "guest", unlisted.Count == 0 ? bytes : ExportRemoval.Without(bytes, unlisted));
    }

    public override byte[] Serialize(Module module) => module.Serialize();

    public override Module Deserialize(byte[] serialized) => Module.Deserialize(engine, "guest", serialized);

    protected override EngineGuest<Module> Open(GuestSetup setup, WasmInterface module) => new Guest(engine, setup, module, Limits);

    protected override ExternType? Own(EngineGuest<Module> guest, WasmImport import) => ((Guest)guest).Own(import);

    protected override void DisposeEngine() => engine.Dispose();

    protected override bool Knows(string valueType) => Kinds.Knows(valueType);

    protected override Ending? Explain(Exception e, Phase phase) => WasmtimeErrors.Explain(e, phase);

    private sealed class Guest : EngineGuest<Module>
    {
        private readonly Linker _linker;
        private readonly Store _store;
        private readonly GuestOutput _output;
        private readonly Dictionary<WasmImport, Function> _hosts = [];
        private Instance? _instance;

        public Guest(Engine engine, GuestSetup setup, WasmInterface module, WorkerLimits limits)
        {
            (_linker, _store, _output) = (new Linker(engine), new Store(engine), new GuestOutput(limits.OutputBytes));
            _store.SetLimits(limits.MemoryBytes, null, null, null, null);
            _store.SetWasiConfiguration(setup.Run is { } run ? Wasi(setup, run) : new WasiConfiguration());
            _linker.DefineWasi();
            _linker.AllowShadowing = true; // a manifest may fulfil a name of WASI itself, and a name may be imported with two types
            foreach (var import in HostImports.Mismatched(module, setup.Imports))
                _linker.DefineFunction(import.Module, import.Name, () => { });
            foreach (var host in HostImports.Fulfilled(module, setup.Imports, Kinds.Knows))
            {
                var (parameters, results) = (Kinds.Kinds(host.Type.Parameters), Kinds.Kinds(host.Type.Results));
                _hosts[host.Import] = Function.FromCallback(_store, Callback(host, setup.Functions), parameters, results);
                _linker.Define(host.Import.Module, host.Import.Name, _hosts[host.Import]);
            }

            foreach (var definition in setup.Definitions)
            {
                using var compiled = Module.FromBytes(engine, "definition", Convert.FromBase64String(definition.Definition));
                var instance = new Instance(_store, compiled);
                if (instance.GetMemory(DefinitionModule.Export) is { } memory) _linker.Define(definition.Module, definition.Name, memory);
                else if (instance.GetTable(DefinitionModule.Export) is { } table) _linker.Define(definition.Module, definition.Name, table);
                else _linker.Define(definition.Module, definition.Name, instance.GetGlobal(DefinitionModule.Export)!);
            }
        }

        public override (CapturedText Stdout, CapturedText Stderr) Output => _output.Text;

        /// <summary>WASI's functions are all that Wasmtime itself brings.</summary>
        public ExternType? Own(WasmImport import) =>
            _linker.GetFunction(_store, import.Module, import.Name) is { } own ? Kinds.Type(own.Parameters, own.Results) : null;

        /// <summary>By name, as everybody links; by position only where one name is imported with several types.</summary>
        public override void Instantiate(CompiledModule<Module> module)
        {
            var imports = module.Interface.Imports;
            var byName = imports.GroupBy(import => (import.Module, import.Name)).All(name => name.Distinct().Count() == 1);
            var externs = byName ? [null] : imports.Select(i => _hosts.GetValueOrDefault(i) ?? Find(i.Module, i.Name)).ToArray();
            _instance = externs.Contains(null) ? _linker.Instantiate(_store, module.Module) : new Instance(_store, module.Module, externs!);
        }

        public override string? Call((int Position, string Name) export) => Decimal((_instance!.GetFunction(export.Name)
            ?? throw new UnprovidableException($"'{export.Name}': Wasmtime's C API has no word for the type of its result")).Invoke());

        public override void Dispose()
        {
            _linker.Dispose();
            _store.Dispose();
        }

        private static Function.UntypedCallbackDelegate Callback(FulfilledImport host, HostFunctions functions)
        {
            var answer = functions.Answering<ValueBox>(host, value => value, value => value, value => value, value => value);
            return (_, _, results) => { if (answer() is { } result) results[0] = result; };
        }

        private object? Find(string m, string n) => _linker.GetFunction(_store, m, n) ?? (object?)_linker.GetMemory(_store, m, n)
            ?? (object?)_linker.GetTable(_store, m, n) ?? _linker.GetGlobal(_store, m, n);

        private WasiConfiguration Wasi(GuestSetup setup, RunParams run)
        {
            var wasi = new WasiConfiguration().WithArgs(setup.Arguments).WithEnvironmentVariables(run.Env.Select(v => (v.Key, v.Value)))
                .WithStandardOutputCallback(_output.Stdout.Write).WithStandardErrorCallback(_output.Stderr.Write);
            if (run.StdinPath is { } stdin) wasi = wasi.WithStandardInput(stdin);
            return run.Preopens.Aggregate(wasi, (all, folder) =>
                all.WithPreopenedDirectory(folder.Folder, folder.GuestPath, !folder.ReadOnly));
        }
    }
}
