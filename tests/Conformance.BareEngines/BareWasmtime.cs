using Wasmtime;

namespace Conformance.BareEngines;

/// <summary>Wasmtime by its package for .NET.</summary>
internal static class BareWasmtime
{
    public static string Run(BareGuest guest)
    {
        using var engine = new Engine();
        using var module = Module.FromFile(engine, guest.Module);
        using var linker = new Linker(engine);
        using var store = new Store(engine);
        linker.DefineWasi();
        store.SetWasiConfiguration(guest.Folders.Aggregate(
            new WasiConfiguration().WithArgs(guest.Arguments).WithEnvironmentVariables(guest.Variables)
                .WithInheritedStandardInput().WithInheritedStandardOutput().WithInheritedStandardError(),
            (wasi, folder) => wasi.WithPreopenedDirectory(folder.Folder, folder.GuestPath, true)));
        try
        {
            linker.Instantiate(store, module).GetAction("_start")!();
            return "exit 0";
        }
        catch (WasmtimeException e)
        {
            return e.ExitCode is { } exit ? $"exit {exit}" : $"stopped {e.Message}";
        }
    }
}
