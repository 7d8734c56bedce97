using System.Collections.Immutable;

namespace Conformance.Model.Counters;

/// <summary>Which server's behaviour is reproduced.</summary>
public enum ServerVariant
{
    /// <summary><c>PUT</c> and <c>POST</c> increment, nothing else does.</summary>
    Correct,

    /// <summary>
    /// The 2022 article's server: every request to <c>/add</c> increments, whatever its method, so a browser's preflight counts too.
    /// Preflight answers may not be cached, as between two clicks of a person (browsers forget after five seconds).
    /// </summary>
    Article2022,
}

/// <summary>What manifests, reports and the command line call the variants.</summary>
public static class ServerVariants
{
    /// <summary>Name → variant.</summary>
    public static IReadOnlyDictionary<string, ServerVariant> ByName { get; } = new Dictionary<string, ServerVariant>(StringComparer.Ordinal)
    {
        ["correct"] = ServerVariant.Correct,
        ["article-2022"] = ServerVariant.Article2022,
    };

    /// <summary>All names, the usual one first.</summary>
    public static ImmutableArray<string> Names { get; } = [.. Enum.GetValues<ServerVariant>().Select(Name)];

    /// <summary>The name of a variant.</summary>
    public static string Name(this ServerVariant variant) => ByName.First(pair => pair.Value == variant).Key;
}
