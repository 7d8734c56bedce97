using System.Collections.Immutable;
using Conformance.Model.Runtimes;

namespace Conformance.Manifests;

/// <summary>Reads <c>tools/&lt;id&gt;/tool.toml</c>.</summary>
public static class ToolManifestReader
{
    /// <summary>The file's name.</summary>
    public const string FileName = "tool.toml";

    /// <summary>Every tool below a folder, by id.</summary>
    /// <exception cref="ManifestException">Any manifest is wrong; all problems of all files.</exception>
    public static ImmutableArray<ToolManifest> ReadAll(string folder) => ManifestFolder.ReadAll(folder, FileName, Read);

    /// <param name="path">The manifest.</param>
    /// <exception cref="ManifestException">All that is wrong in it.</exception>
    public static ToolManifest Read(string path)
    {
        path = Path.GetFullPath(path);
        var problems = new List<ManifestProblem>();
        var root = new ManifestTable(path, "", TomlTree.Parse(ManifestFolder.ReadText(path), path, problems), problems);
        if (problems.Count > 0) throw new ManifestException(problems);
        var tool = new ToolManifest
        {
            Id = Path.GetFileName(Path.GetDirectoryName(path)!),
            Name = root.RequiredString("name"),
            Use = root.Word<ToolUse>("for", required: true) ?? default,
            Present = root.Strings("present"),
            Oldest = (int?)root.Integer("oldest", 1, int.MaxValue),
            Where = root.String("where"),
            Path = root.String("path"),
            Install = InstallRecipeReader.Read(root, path),
        };
        if (!tool.Install.HasWays) root.Problem("install", "'install' has no way: release, debian or npm");
        else if (tool.Present.IsEmpty && tool.Install is not ({ Debian.Suite: null } or { Npm.Into: not null }))
            root.Problem("present", "'present' must say what is there where the tool is: only packages of Debian and npm can be asked for");
        if (tool.Oldest is not null && tool.Present.IsEmpty)
            root.Problem("oldest", "'oldest' is a version of the first program of 'present'");
        root.Close();
        if (problems.Count > 0) throw new ManifestException(problems);
        return tool;
    }
}
