using Conformance.Engine.Planning;
using Conformance.Model.Counters;
using Conformance.Model.Modules;
using DotNet.Globbing;

namespace Conformance.Engine.Judging;

/// <summary>What declarations may depend on, besides the cell itself.</summary>
/// <param name="ServerVariant">The counter server's.</param>
/// <param name="RuntimeVersion">Of the cell's runtime; null where it is unavailable.</param>
/// <param name="Os">As manifests name it.</param>
/// <param name="Today">What an expiry date is held against.</param>
public sealed record Circumstances(string ServerVariant, string? RuntimeVersion, string Os, DateOnly Today)
{
    /// <summary>The circumstances of this machine, today (UTC).</summary>
    public static Circumstances Here(string serverVariant, string? runtimeVersion, TimeProvider? time = null) => new(
        serverVariant,
        runtimeVersion,
        OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "macos" : "linux",
        DateOnly.FromDateTime((time ?? TimeProvider.System).GetUtcNow().UtcDateTime));

    /// <summary>Whether an entry is about the cells of a runtime.</summary>
    public bool Meet(Conditions conditions, string runtime) =>
        Glob.Parse(conditions.Runtime).IsMatch(runtime)
        && (conditions.RuntimeVersion is null || conditions.RuntimeVersion.Contains(RuntimeVersion))
        && Meet(conditions.Os, conditions.ServerVariant);

    /// <summary>Whether an entry is about the scenario whose runtimes it parts.</summary>
    public bool Meet(DeclaredSplit split) => Meet(split.Os, split.ServerVariant);

    private bool Meet(string? os, string? variant) => (os is null || os == Os) && (variant is null || variant == ServerVariant);
}
