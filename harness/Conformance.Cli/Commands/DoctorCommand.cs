using System.CommandLine;
using Conformance.Engine;
using Conformance.Engine.Installing;
using Conformance.Engine.Planning;
using Conformance.Engine.Running;
using Conformance.Engine.Servers;
using Conformance.Machine;
using Conformance.Manifests;
using Conformance.Model;
using Conformance.Model.Runtimes;
using Conformance.Protocol;

namespace Conformance.Cli.Commands;

/// <summary><c>conformance doctor</c>: what is here, what is not, and what to do about it.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var settings = new RunSettings();
        var command = new Command("doctor", "Tell what this machine has, and what to type for what it lacks.");
        settings.AddFolders(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var installation = Installation.Find();
            Console.WriteLine(
                $"harness   {ReportHeader.HarnessVersion} on {System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}");
            Console.WriteLine($"home      {ConformanceHome.Folder}");
            var engine = await ContainerEngine.FindAsync(cancellation);
            Console.WriteLine(engine is null
                ? "container no engine answers: the counter server runs embedded; as root on Debian: apt-get install -y docker.io iptables, then dockerd"
                : $"container API {engine.ApiVersion} at {engine.Address.OriginalString}");
            Console.WriteLine(LoopbackNetwork.Absence is { } noNetwork
                ? $"network   workers can reach all that this machine can ({noNetwork}): only root can give them less"
                : "network   workers can reach the counter server and nothing else, on a loopback device of their own");
            Console.WriteLine(ControlGroup.Absence is { } noGroups
                ? $"processes of workers are known by their environment ({noGroups}), and counted with all that their user runs: one that hides gets away"
                : "processes of workers are in control groups: none gets away");
            var healthy = engine is not null || !Requirements.FromEnvironment.Contains(Requirements.Docker);
            foreach (var runtime in RuntimeManifestReader.ReadAll(settings.RuntimesFolder(parsed, installation)))
            {
                var found = await RuntimeProbe.AskAsync(runtime, settings.Options(parsed), cancellation);
                Console.WriteLine($"{runtime.Id,-9} {found.Description}");
                var places = found.Identity?.Places ?? [];
                var used = places.FirstOrDefault(place => place.Found);
                foreach (var place in places)
                    Console.WriteLine($"          {place.Name}: {Describe(place)}{(place == used ? " (used)" : "")}");
                if (runtime.Release is { } release) Console.WriteLine($"          release {release.Version}: {Describe(runtime)}");
                foreach (var library in found.Identity?.Libraries ?? []) Console.WriteLine($"          {library.Sha256}  {library.Name}");
                healthy &= found.Identity is not null || !Requirements.FromEnvironment.Contains(runtime.Id);
            }

            return (int)(healthy ? ExitCode.AsExpected : ExitCode.Environment);
        });
        return command;
    }

    private static string Describe(RuntimeManifest runtime) =>
        Directory.Exists(ConformanceHome.Within(runtime.ReleaseName)) ? $"in {ConformanceHome.Within(runtime.ReleaseName)}"
        : runtime.Release!.ArchiveFor(Platform.Name) is not null ? $"not fetched: {Installation.Find().Command} setup {runtime.Id}"
        : $"there is none for {Platform.Name}";

    private static string Describe(SearchedPlace place) => place switch
    {
        { Path: null } => "not set",
        { Found: false } => $"nothing at {place.Path}",
        _ => $"{place.Path}, SHA-256 {(File.Exists(place.Path) ? Sha256.HexOfFile(place.Path) : "unknown")}",
    };
}
