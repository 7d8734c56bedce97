using System.Globalization;
using System.Runtime.InteropServices;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;

namespace Conformance.Runtimes.Wamr;

/// <summary>One instance of one module on WAMR, which is initialised for it.</summary>
internal sealed unsafe class WamrGuest(WamrLibrary library, GuestSetup setup, WasmInterface declared, StandardStreams streams)
    : EngineGuest<WamrModule>
{
    private readonly GuestStreams _streams = new(streams, setup.Run?.StdinPath);
    private WamrModule? _module;
    private nint _instance;
    private nint _execution;

    public override (CapturedText Stdout, CapturedText Stderr) Output => _streams.Output;

    public override void Instantiate(CompiledModule<WamrModule> module)
    {
        _module = module.Module;
        var run = setup.Run!;
        if (UnprovidableException.OtherThanFunctions(declared, setup.Definitions, WamrSession.Host) is { } unprovidable)
            throw new UnprovidableException(unprovidable);
        if (_module.Unbound is { } unbound) throw new UnprovidableException(unbound);
        if (!run.Preopens.IsEmpty && library.WasiExitCode is null)
            throw new UnprovidableException("this WAMR is too old to give a guest a folder under another name than the host's");
        if (UnprovidableException.ReadOnlyFolder(run.Preopens, WamrSession.Host) is { } readOnly) throw new UnprovidableException(readOnly);
        _module.SetWasi(setup.Arguments, run.Env, run.Preopens);
        // WAMR's warnings of what it can't link are no output of the guest's; with a start function, which may print, they can't be told
        // apart from it.
        if (declared.HasStart) _streams.Begin();
        Try(() => _instance = _module.Instantiate(WamrSession.StackBytes));
        _streams.Begin();
        _execution = library.CreateExecution(_instance, WamrSession.StackBytes);
        if (_execution == 0) throw new WamrException("wasm_runtime_create_exec_env failed");
    }

    public override string? Call((int Position, string Name) export)
    {
        using var strings = new NativeStrings();
        var function = library.LookUpFunction(_instance, strings.Text(export.Name), null);
        if (function == 0) throw new WamrException($"wasm_runtime_lookup_function finds no '{export.Name}'");
        var cells = stackalloc uint[64];
        if (library.Call(_execution, function, 0, cells) == 0)
        {
            var text = Marshal.PtrToStringUTF8((nint)library.Exception(_instance)) ?? "no words";
            if (_module!.Natives.Failure is { } failure) throw failure;
            if (text.Contains(WamrErrors.ProcExit, StringComparison.Ordinal) && library.WasiExitCode is not null)
                throw new GuestEndException(new Ending(null, null, (int)library.WasiExitCode(_instance)));
            throw new WamrException(text, isExecution: true);
        }

        var types = ((FunctionType)declared.Exports[export.Position].Type).Results;
        return types.IsEmpty ? null : string.Join(' ', types.Select(type => Number(type, ref cells)));
    }

    public override void Dispose()
    {
        _streams.Dispose();
        if (_execution != 0) library.DestroyExecution(_execution);
        if (_instance != 0) library.Deinstantiate(_instance);
    }

    /// <summary>What a host function could not do is told before what WAMR makes of it.</summary>
    private void Try(Action step)
    {
        try
        {
            step();
        }
        catch (WamrException) when (_module!.Natives.Failure is not null)
        {
            throw _module.Natives.Failure;
        }
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
}
