using Conformance.Model.Observations;
using Conformance.Wasm;

namespace Conformance.Engine.Imports;

/// <summary>Names of imports as people read them: what a module calls its imports is nobody's to trust.</summary>
public static class ImportNames
{
    /// <summary>An import's name in a sentence; with what it imports where the name does not tell it from another.</summary>
    /// <param name="row">The import.</param>
    /// <param name="all">All of its module.</param>
    public static string Format(LedgerRow row, IEnumerable<LedgerRow> all) =>
        all.Count(other => (other.Module, other.Name) == (row.Module, row.Name)) > 1
            ? $"{Format(row.Module, row.Name)} ({row.Kind.ToString().ToLowerInvariant()} {row.Type})" : Format(row.Module, row.Name);

    /// <summary>
    /// An import's name: <c>module::name</c>, each quoted and escaped as WebAssembly's text format does where it could be mistaken.
    /// </summary>
    public static string Format(string module, string name) => $"{TextName.Plain(module)}::{TextName.Plain(name)}";
}
