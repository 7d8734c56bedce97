using System.Globalization;

namespace Conformance.Engine.Running;

/// <summary>
/// What <c>CONFORMANCE_REQUIRE</c> names (comma-separated): runtimes by id, <see cref="Docker"/> and <see cref="Toolchains"/>. A missing
/// one is an error.
/// </summary>
public static class Requirements
{
    /// <summary>A container engine.</summary>
    public const string Docker = "docker";

    /// <summary>What rebuilds the guests; the tests check it, a run has no need of it.</summary>
    public const string Toolchains = "toolchains";

    /// <summary>
    /// How long the container engine may take for each thing, by <c>CONFORMANCE_CONTAINER_LIMIT</c> in seconds; null leaves it as it is.
    /// </summary>
    public static TimeSpan? ContainerLimit { get; } =
        double.TryParse(Environment.GetEnvironmentVariable("CONFORMANCE_CONTAINER_LIMIT"), NumberStyles.Float,
            CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 86_400 ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>The names in <c>CONFORMANCE_REQUIRE</c>, of this process.</summary>
    public static IReadOnlySet<string> FromEnvironment { get; } =
        (Environment.GetEnvironmentVariable("CONFORMANCE_REQUIRE") ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
}
