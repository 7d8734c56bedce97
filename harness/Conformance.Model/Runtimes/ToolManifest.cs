using System.Collections.Immutable;

namespace Conformance.Model.Runtimes;

/// <summary>
/// What runtimes, guests or tests need besides themselves (Node.js, a compiler, a container engine), as <c>tools/&lt;id&gt;/tool.toml</c>
/// describes it.
/// </summary>
public sealed record ToolManifest
{
    /// <summary>The name of the folder that the manifest stands in.</summary>
    public required string Id { get; init; }

    /// <summary>The name that people know it by.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for: <c>runtimes</c>, <c>server</c>, <c>tests</c>, <c>long-tests</c>.</summary>
    public required ToolUse Use { get; init; }

    /// <summary>
    /// What is there where the tool is: each entry is a program on PATH or, with a slash, a file (<c>{home}</c> is
    /// <c>CONFORMANCE_HOME</c>); <c> | </c> parts places that are as good. None: its Debian packages.
    /// </summary>
    public ImmutableArray<string> Present { get; init; } = [];

    /// <summary>The oldest major version that will do, as the first program of <see cref="Present"/> says it; null where any does.</summary>
    public int? Oldest { get; init; }

    /// <summary>As an entry of <see cref="Present"/>: it is wanted only where that is there; null: always.</summary>
    public string? Where { get; init; }

    /// <summary>
    /// The folder with its release's programs, below the release's own: it is put on PATH; null where there is none.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>How it comes onto a machine.</summary>
    public required InstallRecipe Install { get; init; }
}

/// <summary>What a tool is for.</summary>
public enum ToolUse
{
    /// <summary>Runtimes that name it.</summary>
    Runtimes,

    /// <summary>The counter server's image.</summary>
    Server,

    /// <summary>The tests of this repository.</summary>
    Tests,

    /// <summary>The long tests, which rebuild the guests from their sources.</summary>
    LongTests,
}
