using System.Collections.Immutable;
using Conformance.Model.Runtimes;

namespace Conformance.Manifests;

/// <summary>Reads <c>runtimes/&lt;id&gt;/runtime.toml</c>.</summary>
public static class RuntimeManifestReader
{
    /// <summary>The file's name.</summary>
    public const string FileName = "runtime.toml";

    /// <summary>What runs all runtimes that are commands.</summary>
    private const string CommandWorker = "Conformance.Runtimes.Command";

    /// <summary>What a worker can reach.</summary>
    private const string LoopbackNetwork = "loopback", MachineNetwork = "machine";

    /// <summary>
    /// A worker that has not answered <c>initialize</c> by then is given up; a browser on a busy machine takes a few seconds.
    /// </summary>
    private static readonly TimeSpan DefaultStartLimit = TimeSpan.FromSeconds(60);

    /// <summary>Every runtime below a folder, by id.</summary>
    /// <exception cref="ManifestException">Any manifest is wrong; all problems of all files.</exception>
    public static ImmutableArray<RuntimeManifest> ReadAll(string folder) => ManifestFolder.ReadAll(folder, FileName, Read);

    /// <summary>The ids of the runtimes below a folder, without reading their manifests.</summary>
    public static IEnumerable<string> Ids(string folder) => ManifestFolder.Ids(folder, FileName);

    /// <param name="path">The manifest.</param>
    /// <exception cref="ManifestException">All that is wrong in it.</exception>
    public static RuntimeManifest Read(string path)
    {
        path = Path.GetFullPath(path);
        var problems = new List<ManifestProblem>();
        var root = new ManifestTable(path, "", TomlTree.Parse(ManifestFolder.ReadText(path), path, problems), problems);
        if (problems.Count > 0) throw new ManifestException(problems);

        var command = root.Table("command") is { } described ? CommandDescriptionReader.Read(described, path) : null;
        if (command is not null && root.Table("worker") is not null)
            root.Problem("worker", "a runtime has either a 'worker' or a 'command', which a worker of this repository runs");
        var manifest = new RuntimeManifest
        {
            Id = Path.GetFileName(Path.GetDirectoryName(path)!),
            ManifestPath = path,
            Name = root.RequiredString("name"),
            Worker = command is not null ? new WorkerCommand(CommandWorker, [], DefaultStartLimit)
                : root.Table("worker", required: true) is { } worker ? ReadWorker(worker) : new WorkerCommand(null, [], default),
            Command = command,
            Environment = root.Strings("environment"),
            UsesMachineNetwork = ReadNetwork(root) == MachineNetwork,
            Needs = root.Strings("needs"),
            Remedy = root.RequiredString("remedy"),
            Install = InstallRecipeReader.Read(root, path),
            Options = root.StringTable("options"),
        };
        root.Close();
        if (problems.Count > 0) throw new ManifestException(problems);
        return manifest;
    }

    private static string ReadNetwork(ManifestTable root)
    {
        var network = root.String("network") ?? LoopbackNetwork;
        if (network is not (LoopbackNetwork or MachineNetwork))
            root.Problem("network", $"'network' is '{LoopbackNetwork}', which it is where it is not said, or '{MachineNetwork}'");
        return network;
    }

    private static WorkerCommand ReadWorker(ManifestTable table)
    {
        var worker = new WorkerCommand(table.String("assembly"),
            table.Strings("command"), table.Seconds("start-limit") ?? DefaultStartLimit);
        if ((worker.Assembly is null) == worker.Command.IsEmpty)
            table.Problem(null, "a worker has either 'assembly' (a .NET program of this repository) or 'command' (program and arguments)");
        table.Close();
        return worker;
    }
}
