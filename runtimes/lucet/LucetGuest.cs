using System.Collections.Immutable;
using Conformance.Model.Observations;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;

namespace Conformance.Runtimes.Lucet;

/// <summary>One instance of one module on Lucet.</summary>
internal sealed unsafe class LucetGuest(GuestSetup setup, WasmInterface declared, LucetProcess process) : EngineGuest<LucetModule>
{
    private readonly NativeStrings _strings = new();
    private readonly GuestStreams _streams = new(process.Streams, setup.Run?.StdinPath);
    private nint _module;
    private nint _instance;

    public override (CapturedText Stdout, CapturedText Stderr) Output => _streams.Output;

    private LucetLibrary Library => process.Library;

    public override void Instantiate(CompiledModule<LucetModule> module)
    {
        if (UnprovidableException.OtherThanFunctions(declared, setup.Definitions, "lucetc") is { } unprovidable)
            throw new UnprovidableException(unprovidable);
        if (!setup.Run!.Preopens.IsEmpty) throw new UnprovidableException("Lucet's C API gives guests no folders");

        process.Connect(new Bindings(declared, setup.Imports), setup.Functions);
        nint loaded;
        Check(Library.LoadModule(_strings.Text(module.Module.Path), &loaded));
        _module = loaded;

        _streams.Begin();
        LucetLibrary.SetEnvironment(setup.Run.Env);
        var context = Library.CreateContext();
        Check(Library.SetArguments(context, (nuint)setup.Arguments.Length, _strings.Array(setup.Arguments)));
        Check(Library.InheritEnvironment(context));
        Check(Library.InheritStreams(context));
        nint instance;
        var error = Library.NewInstance(process.Region, _module, context, &instance);
        if (error != 0) process.Renew();
        Check(error);
        _instance = instance;
        if (declared.HasStart) Call(LucetSession.Start, []);
    }

    public override string? Call((int Position, string Name) export) =>
        Call(export.Name, ((FunctionType)declared.Exports[export.Position].Type).Results);

    public override void Dispose()
    {
        _streams.Dispose();
        if (_instance != 0) Library.ReleaseInstance(_instance);
        if (_module != 0) Library.ReleaseModule(_module);
        _strings.Dispose();
    }

    private string? Call(string name, ImmutableArray<string> types)
    {
        LucetLibrary.Result result;
        var error = Library.Run(_instance, _strings.Text(name), 0, null, &result);
        if (process.Calls.Failure is { } failure) throw failure;
        switch (result.Tag)
        {
            case LucetLibrary.ResultTag.Returned:
                Check(error);
                return types.IsEmpty ? null : Decimal(types[0] switch
                {
                    "i32" => (int)result.Integer,
                    "i64" => result.Integer,
                    "f32" => result.Float32,
                    _ => (object)result.Float64
                });
            case LucetLibrary.ResultTag.Terminated when result.Reason == LucetLibrary.TerminationReason.Provided:
                // proc_exit: its number is a value of Rust's, for which the C API gives null.
                throw new GuestEndException(new Ending(null, "proc_exit, with a number that Lucet's C API does not tell"));
            case LucetLibrary.ResultTag.Faulted:
                throw Failed(LucetErrors.CodeOfTrap(result.Trap), $"lucet_trapcode {result.Trap}");
            default:
                throw Failed(OutcomeCodes.Unmapped, $"{result.Tag}, {Library.ErrorName(error)}");
        }
    }

    private static GuestEndException Failed(string code, string text) => new(new Ending(code, text) { IsExecution = true });

    private void Check(int error)
    {
        if (error != 0) throw new LucetException(Library.ErrorName(error));
    }
}
