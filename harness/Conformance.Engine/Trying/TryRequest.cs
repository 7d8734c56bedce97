using System.Collections.Immutable;
using Conformance.Model.Modules;

namespace Conformance.Engine.Trying;

/// <summary>What is to be done with a module that nobody wrote a manifest for.</summary>
public sealed record TryRequest
{
    /// <summary>The exported function to call, without parameters; null is <c>_start</c>, or the only one that can be called.</summary>
    public string? Invoke { get; init; }

    /// <summary>Arguments after the program's name.</summary>
    public ImmutableArray<string> Args { get; init; } = [];

    /// <summary>The guest's whole environment.</summary>
    public ImmutableSortedDictionary<string, string> Env { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>The folders that the guest gets copies of, with absolute paths.</summary>
    public ImmutableArray<Preopen> Preopens { get; init; } = [];

    /// <summary>
    /// Whether functions that it imports of others than WASI are given to it: they do nothing, give zero, and their calls are kept.
    /// </summary>
    public bool Stub { get; init; }

    /// <summary>What the guest reads on stdin; null is an empty stdin.</summary>
    public ImmutableArray<byte>? Stdin { get; init; }
}
