using System.CommandLine;
using System.Globalization;
using Conformance.Engine;
using Conformance.Engine.Planning;
using Conformance.Engine.Releases;
using Conformance.Model;
using Conformance.Model.Manifests;
using Conformance.Model.Runtimes;
using Spectre.Console;

namespace Conformance.Cli.Commands;

/// <summary><c>conformance setup RUNTIME</c>: fetches the release that the runtime's manifest pins.</summary>
internal static class SetupCommand
{
    public static Command Create()
    {
        var settings = new RunSettings();
        var id = new Argument<string>("runtime") { Description = "A runtime whose manifest pins a release, such as wasmer." };
        var from = new Option<string?>("--from") { Description = "The archive's file, or a mirror's URL, instead of the published URL. The digest stays the pinned one." };
        var again = new Option<bool>("--again") { Description = "Install it though it is there." };
        var command = new Command("setup", "Fetch a runtime's official release, check its digest and unpack it for this project alone.") { id, from, again };
        settings.AddFolders(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var runtime = Find(parsed.GetRequiredValue(id), settings.RuntimesFolder(parsed, Installation.Find()));
            var folder = ConformanceHome.Release(runtime)!;
            if (Directory.Exists(folder) && !parsed.GetValue(again))
            {
                Console.WriteLine($"{runtime.Id} {runtime.Release!.Version} is in {folder}; --again installs it anew");
                return (int)ExitCode.AsExpected;
            }

            var installer = new ReleaseInstaller(runtime.Id, runtime.Release!, folder);
            var console = AnsiConsole.Console;
            Task InstallAsync(IInstallationProgress progress) => installer.InstallAsync(parsed.GetValue(from), progress, cancellation);
            if (LiveConsole.Is(console)) await console.Progress().AutoClear(true).StartAsync(context => InstallAsync(new LiveInstallation(context)));
            else await InstallAsync(new PlainInstallation());
            Console.WriteLine($"{runtime.Id} {runtime.Release!.Version} is in {folder}");
            return (int)ExitCode.AsExpected;
        });
        return command;
    }

    private static RuntimeManifest Find(string id, string folder)
    {
        var runtimes = RuntimeManifestReader.ReadAll(folder);
        var withRelease = runtimes.Where(r => r.Release is not null).Select(r => r.Id);
        var runtime = runtimes.FirstOrDefault(r => r.Id == id)
            ?? throw new ConformanceException(ExitCode.WrongUsage, $"there is no runtime \"{id}\"; setup knows {string.Join(", ", withRelease)}");
        return runtime.Release is not null ? runtime : throw new ConformanceException(ExitCode.WrongUsage, $"{id} has no release to set up: {runtime.Remedy}");
    }

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB");

    /// <summary>A line for each step, and one for each tenth of the way.</summary>
    private sealed class PlainInstallation : IInstallationProgress
    {
        private long? _size;
        private int _tenths;

        public void OnFetching(string source, long? bytes)
        {
            _size = bytes;
            Console.WriteLine($"fetching {source}{(bytes is { } size ? $" ({Size(size)})" : "")}");
        }

        public void OnFetched(long bytes)
        {
            if (_size is not > 0 || (int)(bytes * 10 / _size.Value) is var tenths && tenths <= _tenths) return;
            _tenths = tenths;
            Console.WriteLine($"  {tenths}0 %");
        }

        public void OnUnpacking(long bytes) => Console.WriteLine($"the digest is the pinned one; unpacking {Size(bytes)}");
    }

    private sealed class LiveInstallation(ProgressContext context) : IInstallationProgress
    {
        private ProgressTask? _task;

        public void OnFetching(string source, long? bytes)
        {
            _task = context.AddTask(Markup.Escape(source), maxValue: bytes ?? 1);
            _task.IsIndeterminate = bytes is null;
        }

        public void OnFetched(long bytes) => _task!.Value = bytes;

        public void OnUnpacking(long bytes)
        {
            _task!.StopTask();
            context.AddTask("unpacking").IsIndeterminate = true;
        }
    }
}
