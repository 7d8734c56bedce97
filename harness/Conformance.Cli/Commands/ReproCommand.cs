using System.CommandLine;
using Conformance.Engine;
using Conformance.Engine.Installing;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Engine.Servers;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Reporting.Terminal;
using Spectre.Console;

namespace Conformance.Cli.Commands;

/// <summary><c>conformance repro CELL</c>: one cell, with everything shown.</summary>
internal static class ReproCommand
{
    public static Command Create()
    {
        var settings = new RunSettings();
        var cellId = new Argument<string>("cell") { Description = "module/scenario/runtime, as a report's repro line has it." };
        var command = new Command("repro", "Run one cell and show everything.") { cellId };
        settings.AddServer(command);
        settings.AddTimeLimit(command);
        settings.AddNoInstall(command);
        settings.AddFolders(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var installation = Installation.Find();
            var whole = settings.Plan(parsed, installation, CellFilter.Everything);
            var id = parsed.GetRequiredValue(cellId);
            var cell = whole.Cells.FirstOrDefault(c => c.Id.ToString() == id)
                ?? throw new CommandException(ExitCode.WrongUsage, $"there is no cell \"{id}\"; conformance list cells names them all");
            var plan = new Plan([cell.Module], [cell.Runtime], [cell]);
            var console = AnsiConsole.Console;
            ShowRequest(cell);
            await using var server = await CounterServers.StartAsync(settings.Server(parsed, installation), cancellation);
            var view = new ReportView(console);
            var fetched = new SetupProgress(null, Console.Out);
            var options = settings.Options(parsed) with
            {
                Setup = settings.Installs(parsed) ? new Installer(installation.ReadTools(), Networking.Mirror, fetched) : null,
            };
            var report = await new MatrixRun(plan, server, options, new Shown(view)).RunAsync(cancellation);
            fetched.WriteFailures(Console.Error);
            view.WriteUnexpected(report.Cells);
            view.WriteNotRun(report.Cells);
            var verdict = report.Cells[0].Verdict;
            return (int)(verdict is Verdict.Unavailable or Verdict.NotRun ? ExitCode.Environment : verdict.IsUnexpected()
                ? ExitCode.Unexpected : ExitCode.AsExpected);
        });
        return command;
    }

    private static void ShowRequest(Cell cell)
    {
        var scenario = cell.Scenario;
        Console.WriteLine($"cell      {cell.Id}");
        Console.WriteLine($"module    {cell.Module.WasmPath}");
        Console.WriteLine($"sha256    {cell.Module.Sha256}");
        Console.WriteLine(scenario.Page is { } page ? $"page      {page.Times} clicks on {page.Click}, then {page.Read} is read"
            : $"entry     {scenario.Entry} {string.Join(' ', scenario.Args)}");
        foreach (var (name, value) in scenario.Env) Console.WriteLine($"env       {name}={value}");
        if (scenario.Argv0 is { } argv0) Console.WriteLine($"argv[0]   {argv0}");
        foreach (var (guest, host, readOnly) in scenario.Preopens)
            Console.WriteLine($"preopen   {guest} ← {host}{(readOnly ? ", read-only" : "")}");
        foreach (var import in cell.Module.Imports)
            Console.WriteLine($"import    {import.Module}::{import.Name} ← {import.Method} {import.Path}");
    }

    private sealed class Shown(ReportView view) : IReportListener
    {
        public void OnHeader(HeaderLine header, int cells)
        {
            var runtime = header.Runtimes[0];
            Console.WriteLine($"runtime   {runtime.Id} {runtime.Version} {runtime.Engine} {runtime.Sha256}");
            Console.WriteLine($"server    {header.Server.Hosting}, {header.Server.Variant}");
        }

        public void OnCell(CellLine cell) => view.WriteCell(cell);
    }
}
