using System.Collections.Immutable;

namespace Conformance.Manifests;

/// <summary>One thing wrong in a manifest.</summary>
/// <param name="File">The manifest.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="Message">What is wrong and, where it isn't plain, what would be right.</param>
public sealed record ManifestProblem(string File, int Line, int Column, string Message)
{
    /// <summary><c>file:line:column: message</c>.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}: {Message}";
}

/// <summary>A manifest that can't be used, with everything that is wrong in it.</summary>
public sealed class ManifestException(IEnumerable<ManifestProblem> problems) : Exception
{
    /// <summary>All of them, by file, line and column.</summary>
    public ImmutableArray<ManifestProblem> Problems { get; } =
        [.. problems.OrderBy(p => p.File, StringComparer.Ordinal).ThenBy(p => p.Line).ThenBy(p => p.Column)];

    /// <summary>A line for each problem.</summary>
    public override string Message => string.Join(Environment.NewLine, Problems);
}
