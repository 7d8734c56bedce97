using System.Collections.Immutable;
using Conformance.Wasm;

namespace Conformance.Runtimes.Hosting;

/// <summary>Between the names of value types and an engine's numbers for them.</summary>
public sealed class ValueKinds<TKind>(params (string Name, TKind Kind)[] kinds)
    where TKind : struct
{
    /// <summary>Whether the engine has a number for a type.</summary>
    public bool Knows(string type) => kinds.Any(kind => kind.Name == type);

    /// <summary>The engine's numbers; it has one for each.</summary>
    public TKind[] Kinds(ImmutableArray<string> types) => [.. types.Select(type => kinds.First(kind => kind.Name == type).Kind)];

    /// <summary>A function's type in the specification's names, or in the engine's where it is none of ours.</summary>
    public FunctionType Type(IEnumerable<TKind> parameters, IEnumerable<TKind> results) => new(Names(parameters), Names(results));

    private ImmutableArray<string> Names(IEnumerable<TKind> given) =>
        [.. given.Select(value => kinds.FirstOrDefault(kind => EqualityComparer<TKind>.Default.Equals(kind.Kind, value)).Name
            ?? value.ToString()!)];
}
