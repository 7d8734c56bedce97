using Conformance.Machine;
using Conformance.Model.Runtimes;

namespace Conformance.Engine.Installing;

/// <summary>Something that can be brought onto a machine: a runtime, or a tool.</summary>
/// <param name="Id">Of its manifest.</param>
/// <param name="Recipe">How.</param>
public sealed record Installable(string Id, InstallRecipe Recipe)
{
    /// <summary>What people are told: its id, and the version where one is pinned.</summary>
    public string Name => Recipe.Release is { } release ? $"{Id} {release.Version}" : Id;

    /// <summary>Where its release is unpacked; null where it has none.</summary>
    public string? ReleaseFolder => Recipe.Release is { } release ? ConformanceHome.Within($"{Id}-{release.Version}") : null;

    /// <summary>Where its packages of Debian are unpacked, where they are.</summary>
    public string DebianFolder => ConformanceHome.Within(Id);

    /// <summary>A runtime.</summary>
    public static Installable From(RuntimeManifest runtime) => new(runtime.Id, runtime.Install);

    /// <summary>A tool.</summary>
    public static Installable From(ToolManifest tool) => new(tool.Id, tool.Install);
}
