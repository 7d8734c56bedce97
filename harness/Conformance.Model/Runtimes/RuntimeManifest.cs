using System.Collections.Immutable;

namespace Conformance.Model.Runtimes;

/// <summary>What links and executes modules, as <c>runtimes/&lt;id&gt;/runtime.toml</c> describes it.</summary>
public sealed record RuntimeManifest
{
    /// <summary>The name of the folder that the manifest stands in.</summary>
    public required string Id { get; init; }

    /// <summary>Absolute path of the manifest.</summary>
    public required string ManifestPath { get; init; }

    /// <summary>The name that people know it by.</summary>
    public required string Name { get; init; }

    /// <summary>How its worker starts.</summary>
    public required WorkerCommand Worker { get; init; }

    /// <summary>How to run modules, where the runtime is a command; null where it has a worker of its own.</summary>
    public CommandDescription? Command { get; init; }

    /// <summary>
    /// Variables of the harness's environment that its worker sees besides the usual: names, or their beginnings with a star.
    /// </summary>
    public ImmutableArray<string> Environment { get; init; } = [];

    /// <summary>
    /// True: its worker and its guests have the machine's network; else a loopback device and the servers of the run, where the system can
    /// give a process that.
    /// </summary>
    public bool UsesMachineNetwork { get; init; }

    /// <summary>What must be on the machine, in words.</summary>
    public ImmutableArray<string> Needs { get; init; } = [];

    /// <summary>What to type where it is missing; shown with every <c>unavailable</c>.</summary>
    public required string Remedy { get; init; }

    /// <summary>How <c>conformance setup</c>, or a run, brings it where it is missing.</summary>
    public InstallRecipe Install { get; init; } = new();

    /// <summary>The official release that is pinned; null where the runtime comes another way.</summary>
    public OfficialRelease? Release => Install.Release;

    /// <summary>The name of the folder that the release is kept in; null where there is none to keep.</summary>
    public string? ReleaseName => Release is null ? null : $"{Id}-{Release.Version}";

    /// <summary>Settings that the worker gets in <c>initialize</c>, as they stand in the manifest.</summary>
    public ImmutableSortedDictionary<string, string> Options { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>How a worker starts.</summary>
/// <param name="Assembly">A .NET program built with this repository; null where <paramref name="Command"/> is used.</param>
/// <param name="Command">Program (looked up on PATH) and arguments, started in the manifest's folder.</param>
/// <param name="StartLimit">How long it may take from its start to its answer to <c>initialize</c>.</param>
public sealed record WorkerCommand(string? Assembly, ImmutableArray<string> Command, TimeSpan StartLimit);
