using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.InteropServices;
using Conformance.Engine.Planning;
using Conformance.Machine;
using Conformance.Model.Modules;
using Conformance.Model.Reports;
using Conformance.Model.Runtimes;
using Conformance.Protocol;

namespace Conformance.Engine.Running;

/// <summary>What a report says of the machine, the harness and what runs, before the first cell.</summary>
public static class ReportHeader
{
    /// <summary>The schema of the report's lines.</summary>
    public const int Schema = 1;

    /// <summary>The harness's version and, where it was built from a checkout, its commit.</summary>
    public static string HarnessVersion { get; } =
        typeof(ReportHeader).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private static MachineInfo Machine { get; } = new(
        RuntimeInformation.OSDescription,
        RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant(),
        Environment.ProcessorCount,
        RuntimeInformation.FrameworkDescription,
        typeof(ReportHeader).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == "Sdk")?.Value);

    /// <param name="plan">What runs.</param>
    /// <param name="server">Its counter server.</param>
    /// <param name="shuffle">The seed that the cells' order was shuffled by; null where it is the plan's.</param>
    /// <param name="started">When.</param>
    /// <param name="runtime">What is known of each runtime so far.</param>
    internal static HeaderLine Create(Plan plan, ServerInfo server,
        int? shuffle, DateTimeOffset started, Func<RuntimeManifest, RuntimeInfo> runtime) => new()
        {
            Schema = Schema,
            Harness = HarnessVersion,
            Started = started,
            Machine = Machine,
            Server = server,
            Shuffle = shuffle,
            Shard = plan.Shard,
            Runtimes = [.. plan.Runtimes.Select(runtime)],
            Modules = [.. plan.Modules.Select(Module)],
        };

    /// <param name="runtime">The runtime.</param>
    /// <param name="identity">What its worker said; null where there is none.</param>
    /// <param name="missing">Why there is none.</param>
    internal static RuntimeInfo Runtime(RuntimeManifest runtime, InitializeResult? identity, Unavailability? missing) => new(
        runtime.Id,
        identity?.Version,
        identity?.Engine,
        identity is null ? null : Sha256.Hex(string.Join('\n', identity.Libraries.Select(library => $"{library.Sha256} {library.Name}"))),
        Sha256.HexOfFile(runtime.ManifestPath),
        identity?.Libraries ?? [],
        identity?.Features ?? [],
        missing);

    private static ModuleInfo Module(ModuleManifest module) =>
        new(module.Id, module.Sha256, Sha256.HexOfFile(module.ManifestPath),
            module.Toolchain, module.Build?.Command, module.Build?.Date)
        { Manifest = Place(module) };

    private static ManifestPlace Place(ModuleManifest module)
    {
        var path = Path.GetRelativePath(Environment.CurrentDirectory, module.ManifestPath);
        if (Path.IsPathRooted(path) || path.StartsWith("..", StringComparison.Ordinal))
            path = Path.GetRelativePath(Path.Combine(module.ManifestPath, "../../.."), module.ManifestPath);
        var scenarios = module.Scenarios.ToImmutableSortedDictionary(scenario => scenario.Id,
            scenario => scenario.Line, StringComparer.Ordinal);
        return new ManifestPlace(path.Replace('\\', '/'), module.WasmLine, scenarios);
    }
}
