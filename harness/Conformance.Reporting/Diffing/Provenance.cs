using System.Collections.Immutable;
using Conformance.Model.Reports;
using Conformance.Reporting.Jsonl;

namespace Conformance.Reporting.Diffing;

/// <summary>What two headers allow: whether their reports may be compared, and what to keep in mind where they are.</summary>
public static class Provenance
{
    /// <summary>Why two reports can't be compared at all; nothing where they can.</summary>
    public static IEnumerable<string> Refusals(Report before, Report after)
    {
        var (a, b) = (before.Header, after.Header);
        foreach (var (report, name) in new[] { (before, "first"), (after, "second") })
        {
            if (!report.IsComplete) yield return $"the {name} is partial: its run was cut short after {report.Cells.Length} cells";
            if (report.Header.Shard is { } shard) yield return $"the {name} is part {shard.Index} of {shard.Count}: merge the parts first";
        }

        if (a.Schema != b.Schema) yield return $"one has schema {a.Schema}, the other {b.Schema}";
        if (a.Server.Variant != b.Server.Variant)
            yield return $"one is of the counter server {a.Server.Variant}, the other of {b.Server.Variant}: what is expected differs";
        if (Family(a.Machine.Os) != Family(b.Machine.Os) || a.Machine.Architecture != b.Machine.Architecture)
            yield return $"one is of {Family(a.Machine.Os)} on {a.Machine.Architecture}, the other of {Family(b.Machine.Os)} on {b.Machine.Architecture}";
    }

    /// <summary>Modules that both have with other bytes, each in words.</summary>
    public static ImmutableSortedDictionary<string, string> ModulesWithOtherBytes(HeaderLine before, HeaderLine after)
    {
        var old = before.Modules.ToDictionary(module => module.Id, StringComparer.Ordinal);
        return after.Modules.Where(module => old.TryGetValue(module.Id, out var earlier) && earlier.Sha256 != module.Sha256)
            .ToImmutableSortedDictionary(module => module.Id, module =>
                $"{module.Id} is another binary ({Short(old[module.Id].Sha256)}, now {Short(module.Sha256)})", StringComparer.Ordinal);
    }

    /// <summary>What may explain a change, in words.</summary>
    public static IEnumerable<string> Notes(HeaderLine before, HeaderLine after)
    {
        var old = before.Runtimes.ToDictionary(runtime => runtime.Id, StringComparer.Ordinal);
        foreach (var runtime in after.Runtimes)
        {
            if (!old.TryGetValue(runtime.Id, out var earlier)) yield return $"{runtime.Id} is new";
            else if (earlier.Version != runtime.Version)
                yield return $"{runtime.Id}: {earlier.Version ?? "unavailable"}, now {runtime.Version ?? "unavailable"}";
            else if (earlier.Sha256 != runtime.Sha256)
                yield return $"{runtime.Id} {runtime.Version}: the same version from other files ({Short(earlier.Sha256)}, now {Short(runtime.Sha256)})";
            else if (earlier.ManifestSha256 != runtime.ManifestSha256 || !earlier.Features.SequenceEqual(runtime.Features))
                yield return $"{runtime.Id}: other settings";
        }

        foreach (var gone in before.Runtimes.Where(runtime => after.Runtimes.All(r => r.Id != runtime.Id)))
            yield return $"{gone.Id} is gone";
        var manifests = before.Modules.ToDictionary(module => module.Id, module => module.ManifestSha256, StringComparer.Ordinal);
        var expectations = after.Modules.Where(module => manifests.TryGetValue(module.Id, out var earlier)
            && earlier != module.ManifestSha256).Select(module => module.Id).ToList();
        if (expectations.Count > 0) yield return $"other expectations: {string.Join(", ", expectations)}";
        if (before.Harness != after.Harness) yield return $"harness: {before.Harness}, now {after.Harness}";
        if (before.Server.Hosting != after.Server.Hosting)
            yield return $"counter server: {before.Server.Hosting}, now {after.Server.Hosting}";
        if (before.Machine.Os != after.Machine.Os) yield return $"system: {before.Machine.Os}, now {after.Machine.Os}";
    }

    /// <summary>The system as far as runtimes differ by it; its updates do not matter.</summary>
    public static string Family(string os) =>
        os.Contains("Windows", StringComparison.OrdinalIgnoreCase) ? "Windows"
        : os.Contains("Darwin", StringComparison.OrdinalIgnoreCase) || os.Contains("macOS", StringComparison.OrdinalIgnoreCase) ? "macOS"
        : "Linux";

    private static string Short(string? sha256) => sha256?[..Math.Min(12, sha256.Length)] ?? "none";
}
