namespace Conformance.Engine.Running;

/// <summary>
/// What <c>CONFORMANCE_REQUIRE</c> names (comma-separated): runtimes by id, <see cref="Docker"/> and <see cref="Toolchains"/>. A missing one is an error.
/// </summary>
public static class Requirements
{
    /// <summary>A container engine.</summary>
    public const string Docker = "docker";

    /// <summary>What rebuilds the guests; the tests check it, a run has no need of it.</summary>
    public const string Toolchains = "toolchains";

    public static IReadOnlySet<string> FromEnvironment { get; } =
        (Environment.GetEnvironmentVariable("CONFORMANCE_REQUIRE") ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
}
