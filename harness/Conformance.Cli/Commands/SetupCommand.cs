using System.Collections.Immutable;
using System.CommandLine;
using Conformance.Engine;
using Conformance.Engine.Planning;
using Conformance.Engine.Releases;
using Conformance.Engine.Running;
using Conformance.Machine;
using Conformance.Manifests;
using Conformance.Model;
using Conformance.Model.Runtimes;
using Spectre.Console;

namespace Conformance.Cli.Commands;

/// <summary>
/// <c>conformance setup [RUNTIME…]</c>: fetches the releases that runtimes' manifests pin; without a name, of all runtimes that are
/// missing.
/// </summary>
internal static class SetupCommand
{
    public static Command Create()
    {
        var settings = new RunSettings();
        var ids = new Argument<string[]>(
            "runtime")
        {
            Description =
            "Runtimes whose manifests pin a release, such as wasmer; without one, all that are not on this machine.",
            Arity = ArgumentArity.ZeroOrMore
        };
        var from = new Option<string?>("--from")
        {
            Description = "The archive's file, or a mirror's URL, instead of the published URL. The digest stays the pinned one.",
        };
        var again = new Option<bool>("--again") { Description = "Install it though it is there." };
        var command = new Command("setup",
            "Fetch runtimes' official releases, check their digests and unpack them for this project alone.") { ids, from, again };
        command.Validators.Add(result =>
        {
            if (result.GetValue(ids) is not [_] && (result.GetValue(from) is not null || result.GetValue(again)))
                result.AddError("--from and --again are for one runtime");
        });
        settings.AddFolders(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var runtimes = RuntimeManifestReader.ReadAll(settings.RuntimesFolder(parsed, Installation.Find()));
            var names = parsed.GetValue(ids) ?? [];
            if (names is [var id])
            {
                await InstallAsync(Find(id, runtimes), parsed.GetValue(from), parsed.GetValue(again), cancellation);
                return (int)ExitCode.AsExpected;
            }

            var chosen = names.Length > 0 ? [.. names.Select(name => Find(name, runtimes))] : await MissingAsync(runtimes,
                settings.Options(parsed), cancellation);
            return (int)await InstallAsync(chosen, cancellation);
        });
        return command;
    }

    /// <summary>One, from wherever it is said.</summary>
    private static async Task InstallAsync(RuntimeManifest runtime, string? from, bool again, CancellationToken cancellation)
    {
        var installer = new ReleaseInstaller(runtime.Id, runtime.Release!, ConformanceHome.Within(runtime.ReleaseName)!);
        if (installer.IsInstalled && !again)
        {
            Console.WriteLine($"{Where(runtime)}; --again installs it anew");
            return;
        }

        if (from is null) Networking.Check();
        var source = from ?? ReleaseSetup.SourceOf(installer.Archive!, Networking.Mirror);
        await FollowAsync(progress => installer.InstallAsync(source, again, progress.OnBegin(runtime), cancellation));
        Console.WriteLine(Where(runtime));
    }

    private static async Task<ExitCode> InstallAsync(ImmutableArray<RuntimeManifest> runtimes, CancellationToken cancellation)
    {
        var missing = runtimes.Where(runtime => !Directory.Exists(ConformanceHome.Within(runtime.ReleaseName))).ToList();
        foreach (var there in runtimes.Except(missing)) Console.WriteLine($"{Where(there)}; --again installs it anew");
        if (missing.Count == 0) return ExitCode.AsExpected;
        Networking.Check();
        var failed = false;
        await FollowAsync(async progress =>
        {
            var setup = new ReleaseSetup(Networking.Mirror, progress);
            await Task.WhenAll(missing.Select(runtime => setup.EnsureAsync(runtime, cancellation)));
            failed = progress.HasFailures;
        });
        return failed ? ExitCode.Environment : ExitCode.AsExpected;
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

    /// <summary>Those that have a release for this machine and are not on it, from wherever.</summary>
    private static async Task<ImmutableArray<RuntimeManifest>> MissingAsync(ImmutableArray<RuntimeManifest> runtimes,
        RunOptions options, CancellationToken cancellation)
    {
        var probes = await Task.WhenAll(runtimes.Where(ReleaseSetup.Knows)
            .Select(async runtime => (Runtime: runtime, Probe: await RuntimeProbe.AskAsync(runtime, options, cancellation))));
        foreach (var (runtime, probe) in probes.Where(one => one.Probe.Identity is not null))
            Console.WriteLine($"{runtime.Id} {probe.Identity!.Version} is here");
        return [.. probes.Where(one => one.Probe.Identity is null).Select(one => one.Runtime)];
    }

    private static string Where(RuntimeManifest runtime) =>
        $"{runtime.Id} {runtime.Release!.Version} is in {ConformanceHome.Within(runtime.ReleaseName)}";

    private static RuntimeManifest Find(string id, ImmutableArray<RuntimeManifest> runtimes)
    {
        var withRelease = runtimes.Where(r => r.Release is not null).Select(r => r.Id);
        var runtime = runtimes.FirstOrDefault(r => r.Id == id)
            ?? throw new CommandException(ExitCode.WrongUsage,
                $"there is no runtime \"{id}\"; setup knows {string.Join(", ", withRelease)}");
        if (runtime.Release is null) throw new CommandException(ExitCode.WrongUsage, $"{id} has no release to set up: {runtime.Remedy}");
        if (!ReleaseSetup.Knows(runtime))
        {
            throw new CommandException(ExitCode.Environment,
            $"{id} {runtime.Release.Version} has no release for {Platform.Name}, only for {string.Join(", ", runtime.Release.Archives.Keys)}");
        }

        return runtime;
    }
}
