using System.Collections.Immutable;

namespace Conformance.Manifests;

/// <summary>What a run does where its flags say nothing else.</summary>
/// <param name="Formats">What it writes beside its report.</param>
public sealed record RunConfiguration(ImmutableArray<string> Formats)
{
    /// <summary>Where there is no configuration.</summary>
    public static RunConfiguration None { get; } = new([]);
}

/// <summary>Reads <c>conformance.toml</c>.</summary>
public static class RunConfigurationReader
{
    /// <summary>The file's name.</summary>
    public const string FileName = "conformance.toml";

    /// <param name="path">The configuration.</param>
    /// <param name="knownFormats">The formats that there are.</param>
    /// <exception cref="ManifestException">All that is wrong in it.</exception>
    public static RunConfiguration Read(string path, IReadOnlyCollection<string> knownFormats)
    {
        path = Path.GetFullPath(path);
        var problems = new List<ManifestProblem>();
        var root = new ManifestTable(path, "", TomlTree.Parse(ManifestFolder.ReadText(path), path, problems), problems);
        if (problems.Count > 0) throw new ManifestException(problems);

        var configuration = root.Table("report") is { } report
            ? new RunConfiguration(ReadFormats(report, knownFormats)) : RunConfiguration.None;
        root.Close();
        if (problems.Count > 0) throw new ManifestException(problems);
        return configuration;
    }

    private static ImmutableArray<string> ReadFormats(ManifestTable report, IReadOnlyCollection<string> known)
    {
        var formats = report.Strings("formats");
        foreach (var format in formats.Where(format => !known.Contains(format)))
            report.Problem("formats", $"there is no format \"{format}\"; there are {string.Join(", ", known)}");
        report.Close();
        return [.. formats.Distinct()];
    }
}
