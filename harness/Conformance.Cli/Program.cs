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
    TestCommand.Create(),
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
    CacheCommand.Create(),
};
SeenOutput.Attach();
// What is shown is laid out for the console's width; a log has none, and is read in an editor or a browser.
if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 120;
return await CommandExit.InvokeAsync(root, args);
