using System.CommandLine;
using Conformance.Engine.Planning;
using Conformance.Manifests;

namespace Conformance.Cli.Commands;

/// <summary><c>conformance list modules|runtimes|cells</c>: ids, one a line, for people and scripts.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        var command = new Command("list", "List modules, runtimes or cells.");
        var settings = new RunSettings();
        var modules = new Command("modules", "Every module: id, kind, what it is.");
        settings.AddFolders(modules);
        modules.SetAction(parsed =>
        {
            foreach (var module in ModuleManifestReader.ReadAll(settings.ModulesFolder(parsed, Installation.Find())))
                Console.WriteLine($"{module.Id,-24} {System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(module.Kind.ToString()),-13} {module.Title} ({module.Toolchain})");
        });
        var runtimes = new Command("runtimes", "Every runtime: id, name, what it needs.");
        settings.AddFolders(runtimes);
        runtimes.SetAction(parsed =>
        {
            foreach (var runtime in RuntimeManifestReader.ReadAll(settings.RuntimesFolder(parsed, Installation.Find())))
                Console.WriteLine($"{runtime.Id,-24} {runtime.Name}; needs {string.Join(", ", runtime.Needs)}");
        });
        var cells = new Command("cells", "Every cell that run would run.");
        settings.AddFilters(cells);
        settings.AddFolders(cells);
        cells.SetAction(parsed =>
        {
            foreach (var cell in settings.Plan(parsed, Installation.Find()).Cells) Console.WriteLine(cell.Id);
        });
        command.Add(modules);
        command.Add(runtimes);
        command.Add(cells);
        return command;
    }
}
