using System.Globalization;
using System.Runtime.InteropServices;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;

namespace Conformance.Runtimes.Wamr;

/// <summary>One run of one module on WAMR, which is initialised for it.</summary>
internal sealed unsafe class WamrCell : EngineCell<WamrModule>, IDisposable
{
    private readonly WamrLibrary _library;
    private readonly StandardStreams _streams;
    private readonly ModuleStore<WamrModule> _modules;
    private (CapturedText Stdout, CapturedText Stderr)? _output;
    private bool _captures;
    private CompiledModule<WamrModule>? _module;
    private nint _instance;
    private nint _execution;

    public WamrCell(RunParams request, WamrLibrary library, StandardStreams streams, Action<Phase> reached)
        : this(request, library, streams, new Compiler(library, request), reached)
    {
    }

    private WamrCell(RunParams request, WamrLibrary library, StandardStreams streams, Compiler compiler, Action<Phase> reached)
        : this(request, library, streams, compiler, new ModuleStore<WamrModule>(compiler, null), reached)
    {
    }

    private WamrCell(RunParams request, WamrLibrary library, StandardStreams streams, Compiler compiler, ModuleStore<WamrModule> modules, Action<Phase> reached)
        : base(request, modules, reached)
    {
        (_library, _streams, _modules) = (library, streams, modules);
        compiler.Functions = Functions;
    }

    protected override CapturedText Stdout => Output().Stdout;

    protected override CapturedText Stderr => Output().Stderr;

    public void Dispose()
    {
        Output();
        if (_execution != 0) _library.DestroyExecution(_execution);
        if (_instance != 0) _library.Deinstantiate(_instance);
        _modules.Dispose();
    }

    protected override void Instantiate(CompiledModule<WamrModule> module)
    {
        _module = module;
        if (Unprovided.Of(module.Interface, Request.Definitions, WamrWorker.Host) is { } unprovided) throw new UnprovidableException(unprovided);
        if (!Request.Preopens.IsEmpty && _library.WasiExitCode is null) throw new UnprovidableException("this WAMR is too old to give a guest a folder under another name than the host's");
        module.Module.SetWasi([Path.GetFileName(Request.Module.Path), .. Request.Args], Request.Env, Request.Preopens);
        // WAMR's warnings of what it can't link are no output of the guest's; with a start function, which may print, they can't be told apart from it.
        if (module.Interface.HasStart) Capture();
        _instance = module.Module.Instantiate(WamrWorker.StackBytes);
        if (!_captures) Capture();
        _execution = _library.CreateExecution(_instance, WamrWorker.StackBytes);
        if (_execution == 0) throw new WamrException("wasm_runtime_create_exec_env failed");
    }

    protected override string? Call((int Position, string Name) export)
    {
        using var strings = new NativeStrings();
        var function = _library.LookUpFunction(_instance, strings.Text(export.Name), null);
        if (function == 0) throw new WamrException($"wasm_runtime_lookup_function finds no '{export.Name}'");
        var cells = stackalloc uint[64];
        if (_library.Call(_execution, function, 0, cells) == 0) throw new WamrException(Marshal.PtrToStringUTF8((nint)_library.Exception(_instance)) ?? "no words", isExecution: true);

        var types = ((FunctionType)_module!.Interface.Exports[export.Position].Type).Results;
        return types.IsEmpty ? null : string.Join(' ', types.Select(type => Number(type, ref cells)));
    }

    protected override Ending? Explain(Exception e, Phase phase) => e switch
    {
        WamrException when _module?.Module.Natives.Failure is { } failure => new Ending(OutcomeCodes.HostCallFailed, failure.Message),
        WamrException { IsExecution: true } when e.Message.Contains(WamrErrors.ProcExit, StringComparison.Ordinal) && _library.WasiExitCode is not null => new Ending(null, null, (int)_library.WasiExitCode(_instance)),
        WamrException { IsExecution: true } => new Ending(WamrErrors.CodeOfTrap(e.Message), e.Message),
        WamrException => new Ending(phase == Phase.Compile ? WamrErrors.CodeOfLoadError(e.Message) : WamrErrors.CodeOfInstantiationError(e.Message), e.Message),
        UnprovidableException => new Ending(OutcomeCodes.Unprovidable, e.Message),
        _ => null,
    };

    protected override bool IsExecution(Exception e) => e is WamrException { IsExecution: true };

    private void Capture()
    {
        _streams.Begin(Request.StdinPath);
        _captures = true;
    }

    /// <summary>All that was printed; asking for it ends the capture.</summary>
    private (CapturedText Stdout, CapturedText Stderr) Output()
    {
        if (_captures) _output = _streams.End();
        _captures = false;
        return _output ?? (CapturedText.Empty, CapturedText.Empty);
    }

    /// <summary>The number of some type that the next of WAMR's 32-bit cells hold.</summary>
    private static string Number(string type, ref uint* cells)
    {
        var at = cells;
        cells += type is "i64" or "f64" ? 2 : 1;
        return type switch
        {
            "i32" => (*(int*)at).ToString(CultureInfo.InvariantCulture),
            "i64" => (*(long*)at).ToString(CultureInfo.InvariantCulture),
            "f32" => (*(float*)at).ToString(CultureInfo.InvariantCulture),
            "f64" => (*(double*)at).ToString(CultureInfo.InvariantCulture),
            _ => type,
        };
    }

    /// <summary>Nothing is compiled: a load binds the module to this cell's host functions, and is not kept.</summary>
    private sealed class Compiler(WamrLibrary library, RunParams request) : IModuleCompiler<WamrModule>
    {
        public HostFunctions? Functions { get; set; }

        public WamrModule Compile(byte[] bytes) => new(library, bytes, Declared(bytes), request.Imports, Functions!);

        /// <summary>What can't be read has no host functions: WAMR is to say itself what is wrong with it.</summary>
        private static WasmInterface Declared(byte[] bytes)
        {
            try
            {
                return WasmInterfaceReader.Read(bytes);
            }
            catch (WasmFormatException)
            {
                return new WasmInterface([], [], HasStart: false);
            }
        }

        public byte[] Serialize(WamrModule module) => throw new NotSupportedException("there is no cache folder");

        public WamrModule? Deserialize(byte[] serialized) => throw new NotSupportedException("there is no cache folder");
    }
}
