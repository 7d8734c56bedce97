using System.CommandLine;
using Conformance.Cli;
using Conformance.Cli.Commands;
using Spectre.Console;

var root = new RootCommand("Runs the same WebAssembly guests in every runtime, against one counter server, and tells where the runtimes agree, where they part, and at which import.")
{
    RunCommand.Create(),
    ListCommand.Create(),
    DoctorCommand.Create(),
    SetupCommand.Create(),
    ModulesCommand.Create(),
    ImportsCommand.Create(),
    AtlasCommand.Create(),
    CheckWorkerCommand.Create(),
    ServeCommand.Create(),
    ReproCommand.Create(),
    ShowCommand.Create(),
    ReportCommand.Create(),
    DiffCommand.Create(),
    HistoryCommand.Create(),
    MergeCommand.Create(),
    NightlyCommand.Create(),
};
// The console's width is what a table is laid out for; a log has none, and nobody wants it folded at 80.
if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 200;
return await CommandExit.InvokeAsync(root, args);
