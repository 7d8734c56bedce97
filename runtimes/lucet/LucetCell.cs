using System.Globalization;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;

namespace Conformance.Runtimes.Lucet;

/// <summary>A guest ended otherwise than by its entry's return.</summary>
internal sealed class LucetEndException(Ending ending) : Exception(ending.Text)
{
    public Ending Ending => ending;
}

/// <summary>One run of one module on Lucet.</summary>
internal sealed unsafe class LucetCell(RunParams request, ModuleStore<LucetModule> modules, LucetProcess process, Action<Phase> reached) : EngineCell<LucetModule>(request, modules, reached), IDisposable
{
    private readonly NativeStrings _strings = new();
    private (CapturedText Stdout, CapturedText Stderr)? _output;
    private bool _captures;
    private nint _module;
    private nint _instance;
    private WasmInterface? _interface;

    private LucetLibrary Library => process.Library;

    protected override CapturedText Stdout => Output().Stdout;

    protected override CapturedText Stderr => Output().Stderr;

    public void Dispose()
    {
        Output();
        if (_instance != 0) Library.ReleaseInstance(_instance);
        if (_module != 0) Library.ReleaseModule(_module);
        _strings.Dispose();
    }

    protected override void Instantiate(CompiledModule<LucetModule> module)
    {
        _interface = module.Interface;
        if (Unprovided.Of(module.Interface, Request.Definitions, "lucetc") is { } unprovided) throw new UnprovidableException(unprovided);
        if (!Request.Preopens.IsEmpty) throw new UnprovidableException("Lucet's C API gives guests no folders");

        var bindings = new Bindings(module.Interface, Request.Imports);
        process.Connect(bindings, Functions);
        nint loaded;
        Check(Library.LoadModule(_strings.Text(module.Module.Path), &loaded));
        _module = loaded;

        process.Streams.Begin(Request.StdinPath);
        _captures = true;
        LucetLibrary.SetEnvironment(Request.Env);
        var context = Library.CreateContext();
        string[] arguments = [Path.GetFileName(Request.Module.Path), .. Request.Args];
        Check(Library.SetArguments(context, (nuint)arguments.Length, _strings.Array(arguments)));
        Check(Library.InheritEnvironment(context));
        Check(Library.InheritStreams(context));
        nint instance;
        Check(Library.NewInstance(process.Region, _module, context, &instance));
        _instance = instance;
    }

    protected override string? Call((int Position, string Name) export)
    {
        LucetLibrary.Result result;
        var error = Library.Run(_instance, _strings.Text(export.Name), 0, null, &result);
        if (process.Calls.Failure is { } failure) throw new LucetEndException(new Ending(OutcomeCodes.HostCallFailed, failure.Message));
        switch (result.Tag)
        {
            case LucetLibrary.ResultTag.Returned:
                Check(error);
                var types = ((FunctionType)_interface!.Exports[export.Position].Type).Results;
                return types.IsEmpty ? null : types[0] switch
                {
                    "i32" => ((int)result.Integer).ToString(CultureInfo.InvariantCulture),
                    "i64" => result.Integer.ToString(CultureInfo.InvariantCulture),
                    "f32" => result.Float32.ToString(CultureInfo.InvariantCulture),
                    _ => result.Float64.ToString(CultureInfo.InvariantCulture),
                };
            case LucetLibrary.ResultTag.Terminated when result.Reason == LucetLibrary.TerminationReason.Provided:
                // proc_exit: its number is a value of Rust's, for which the C API gives null.
                throw new LucetEndException(new Ending(null, "proc_exit, with a number that Lucet's C API does not tell"));
            case LucetLibrary.ResultTag.Faulted:
                throw new LucetEndException(new Ending(LucetErrors.CodeOfTrap(result.Trap), $"lucet_trapcode {result.Trap}"));
            default:
                throw new LucetEndException(new Ending(OutcomeCodes.Unmapped, $"{result.Tag}, {Library.ErrorName(error)}"));
        }
    }

    protected override Ending? Explain(Exception e, Phase phase) => e switch
    {
        LucetEndException end => end.Ending,
        LucetException => new Ending(phase == Phase.Compile ? LucetErrors.CodeOfCompileError(e.Message) : LucetErrors.CodeOfInstantiationError(e.Message), e.Message),
        UnprovidableException => new Ending(OutcomeCodes.Unprovidable, e.Message),
        _ => null,
    };

    protected override bool IsExecution(Exception e) => e is LucetEndException or LucetException { Message: "lucet_error_runtime_fault" or "lucet_error_runtime_terminated" };

    private void Check(int error)
    {
        if (error != 0) throw new LucetException(Library.ErrorName(error));
    }

    /// <summary>All that was printed; asking for it ends the capture.</summary>
    private (CapturedText Stdout, CapturedText Stderr) Output()
    {
        if (_captures) _output = process.Streams.End();
        _captures = false;
        return _output ?? (CapturedText.Empty, CapturedText.Empty);
    }
}
