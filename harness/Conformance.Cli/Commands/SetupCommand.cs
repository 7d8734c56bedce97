using System.Collections.Immutable;
using System.CommandLine;
using Conformance.Engine;
using Conformance.Engine.Installing;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Machine;
using Conformance.Manifests;
using Conformance.Model.Runtimes;
using Spectre.Console;

namespace Conformance.Cli.Commands;

/// <summary>
/// <c>conformance setup [WHAT…]</c>: brings what the manifests of runtimes and tools say how to; without a name, all runtimes that are
/// missing.
/// </summary>
internal static class SetupCommand
{
    public static Command Create()
    {
        var settings = new RunSettings();
        var ids = new Argument<string[]>("what")
        {
            Description = "Runtimes and tools by id, such as wasmer or node; without one, all runtimes that are not on this machine.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var from = new Option<string?>("--from")
        {
            Description = "The archive's file, or a mirror's URL, instead of the published URL. The digest stays the pinned one.",
        };
        var again = new Option<bool>("--again") { Description = "Install it though it is there." };
        var command = new Command("setup",
            "Bring runtimes and tools: official releases by their digests, packages of Debian and npm.") { ids, from, again };
        command.Validators.Add(result =>
        {
            if (result.GetValue(ids) is not [_] && (result.GetValue(from) is not null || result.GetValue(again)))
                result.AddError("--from and --again are for one release");
        });
        settings.AddFolders(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var installation = Installation.Find();
            var runtimes = RuntimeManifestReader.ReadAll(settings.RuntimesFolder(parsed, installation));
            var tools = installation.ReadTools();
            var names = parsed.GetValue(ids) ?? [];
            ImmutableArray<Installable> chosen = [.. names.Select(name => Find(name, runtimes, tools))];
            if (chosen is [{ Recipe: { Release: not null, Debian: null, Npm: null, Tools.IsEmpty: true } }]
                || chosen is [{ Recipe.Release: not null }] && (parsed.GetValue(from) is not null || parsed.GetValue(again)))
            {
                await InstallAsync(chosen[0], parsed.GetValue(from), parsed.GetValue(again), cancellation);
                return (int)ExitCode.AsExpected;
            }

            if (names.Length == 0) chosen = await MissingAsync(runtimes, settings.Options(parsed), cancellation);
            return (int)await InstallAsync(chosen, tools, cancellation);
        });
        return command;
    }

    /// <summary>Sets up what is missing of things, and tells what could not be had.</summary>
    /// <returns>Whether all of it is here now.</returns>
    public static async Task<ExitCode> InstallAsync(ImmutableArray<Installable> items, ImmutableArray<ToolManifest> tools,
        CancellationToken cancellation)
    {
        if (items.IsEmpty) return ExitCode.AsExpected;
        Networking.Check();
        var failed = false;
        await FollowAsync(async progress =>
        {
            var installer = new Installer(tools, Networking.Mirror, progress);
            await Task.WhenAll(items.Select(item => tools.FirstOrDefault(tool => Installable.From(tool) == item) is { } tool
                ? installer.EnsureAsync(tool, cancellation) : installer.EnsureAsync(item, cancellation)));
            failed = progress.HasFailures;
        });
        return failed ? ExitCode.Environment : ExitCode.AsExpected;
    }

    /// <summary>Runtimes that are not on this machine, and that there is a way to bring.</summary>
    public static async Task<ImmutableArray<Installable>> MissingAsync(ImmutableArray<RuntimeManifest> runtimes,
        RunOptions options, CancellationToken cancellation)
    {
        var probes = await Task.WhenAll(runtimes.Where(runtime => runtime.Install.HasWays || !runtime.Install.Tools.IsEmpty)
            .Select(async runtime => (Runtime: runtime, Probe: await RuntimeProbe.AskAsync(runtime, options, cancellation))));
        foreach (var (runtime, probe) in probes.Where(one => one.Probe.Identity is not null))
            Console.WriteLine($"{runtime.Id} {probe.Identity!.Version} is here");
        return [.. probes.Where(one => one.Probe.Identity is null).Select(one => Installable.From(one.Runtime))];
    }

    /// <summary>One release, from wherever it is said.</summary>
    private static async Task InstallAsync(Installable item, string? from, bool again, CancellationToken cancellation)
    {
        var installer = new ReleaseInstaller(item.Id, item.Recipe.Release!, item.ReleaseFolder!);
        if (installer.IsInstalled && !again)
        {
            Console.WriteLine($"{item.Name} is in {installer.Folder}; --again installs it anew");
            return;
        }

        if (from is null) Networking.Check();
        var source = from ?? Installer.SourceOf(installer.Archive!, Networking.Mirror);
        await FollowAsync(progress => installer.InstallAsync(source, again, progress.OnBegin(item), cancellation));
        Console.WriteLine($"{item.Name} is in {installer.Folder}");
    }

    private static async Task FollowAsync(Func<SetupProgress, Task> install)
    {
        var console = AnsiConsole.Console;
        if (!LiveConsole.Is(console))
        {
            var lines = new SetupProgress(null, Console.Out);
            await install(lines);
            lines.WriteFailures(Console.Error);
            return;
        }

        SetupProgress? bars = null;
        await console.Progress().AutoClear(true).StartAsync(context => install(bars = new SetupProgress(context, TextWriter.Null)));
        bars!.WriteFailures(Console.Error);
    }

    private static Installable Find(string id, ImmutableArray<RuntimeManifest> runtimes, ImmutableArray<ToolManifest> tools)
    {
        if (tools.FirstOrDefault(tool => tool.Id == id) is { } tool) return Installable.From(tool);
        var runtime = runtimes.FirstOrDefault(r => r.Id == id) ?? throw new CommandException(ExitCode.WrongUsage,
            $"there is no runtime or tool \"{id}\"; setup knows {string.Join(", ", runtimes.Where(r => r.Install.HasWays).Select(r => r.Id))} and the tools {string.Join(", ", tools.Select(t => t.Id))}");
        var item = Installable.From(runtime);
        if (!item.Recipe.HasWays && item.Recipe.Tools.IsEmpty)
            throw new CommandException(ExitCode.WrongUsage, $"{id} has nothing to set up: {runtime.Remedy}");
        if (item.Recipe is { Release: { } release, Debian: null, Npm: null } && release.ArchiveFor(Platform.Name) is null)
        {
            throw new CommandException(ExitCode.Environment,
                $"{item.Name} has no release for {Platform.Name}, only for {string.Join(", ", release.Archives.Keys)}");
        }

        return item;
    }
}
