using System.Collections.Immutable;
using Conformance.Machine;
using Conformance.Model.Runtimes;

namespace Conformance.Engine.Installing;

/// <summary>
/// Puts what was installed for this project alone on this process's PATH, and so on that of all it starts: behind what the machine has, but
/// before a program there that is too old.
/// </summary>
public static class SearchPath
{
    /// <summary>Adds all that is installed.</summary>
    public static void AddInstalled(ImmutableArray<ToolManifest> tools)
    {
        Add(UnpackedProgram.Folder, inFront: false);
        foreach (var tool in tools) Add(tool);
    }

    /// <summary>Adds a tool, where it is installed.</summary>
    public static void Add(ToolManifest tool)
    {
        Add(UnpackedProgram.Folder, inFront: false);
        if (tool.Path is { } path && Installable.From(tool).ReleaseFolder is { } folder && Directory.Exists(folder))
            Add(Path.Combine(folder, path), inFront: !ToolPresence.IsHere(tool));
    }

    private static void Add(string folder, bool inFront)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        if (!Directory.Exists(folder) || path.Contains(folder)) return;
        Environment.SetEnvironmentVariable("PATH", string.Join(Path.PathSeparator, inFront ? [folder, .. path] : [.. path, folder]));
    }
}
