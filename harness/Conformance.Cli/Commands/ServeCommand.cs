using System.CommandLine;
using Conformance.Engine;
using Conformance.Engine.Planning;
using Conformance.Engine.Servers;
using Conformance.Manifests;

namespace Conformance.Cli.Commands;

/// <summary>
/// <c>conformance serve [MODULE]</c>: a counter server, and the pages of modules that live in one, for a person's own browser.
/// </summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var settings = new RunSettings();
        var id = new Argument<string?>("module")
        {
            Description = "A module with a page; all where none is named.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var pagePort = new Option<int>("--page-port") { Description = "The page's port on 127.0.0.1; 0 takes a free one." };
        RunSettings.Between(pagePort, 0, 65535);
        var command = new Command("serve", "Serve a counter and the pages of modules that live in one, until Ctrl-C.") { id, pagePort };
        settings.AddServer(command);
        settings.AddFolders(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var installation = Installation.Find();
            var withPage = ModuleManifestReader.ReadAll(settings.ModulesFolder(parsed, installation))
                .Where(m => m.Page is not null).ToList();
            var wanted = parsed.GetValue(id);
            var modules = wanted is null ? withPage : withPage.Where(m => m.Id == wanted).ToList();
            if (modules.Count == 0)
            {
                var there = withPage.Count == 0 ? "no module has one" : $"there are {string.Join(", ", withPage.Select(m => m.Id))}";
                throw new CommandException(ExitCode.WrongUsage, $"no page to serve{(wanted is null ? "" : $" of \"{wanted}\"")}: {there}");
            }

            await using var pages = await PageServer.StartAsync(modules, parsed.GetValue(pagePort), cancellation);
            // A person's browser has other pages open, which have no business here.
            await using var server = await CounterServers.StartAsync(
                settings.Server(parsed, installation) with { Origin = pages.Origin }, cancellation);
            Console.WriteLine($"counter: {server.Url}/count ({server.Info.Hosting}, {server.Info.Variant})");
            foreach (var module in modules)
                Console.WriteLine($"{module.Id}: {pages.Link(module, module.Scenarios[0].EnvironmentAt(server.Url))}");
            Console.WriteLine("Ctrl-C ends it");
            // Being told to end is how this one ends.
            var told = new TaskCompletionSource();
            await using (cancellation.Register(told.SetResult)) await told.Task;
            return (int)ExitCode.AsExpected;
        });
        return command;
    }
}
