using Conformance.Cli;
using Conformance.Cli.Commands;
using Spectre.Console;

SeenOutput.Attach();
// What is shown is laid out for the console's width; a log has none, and is read in an editor or a browser.
if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 120;
return await CommandExit.InvokeAsync(AllCommands.Root(args), args);
