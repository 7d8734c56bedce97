using System.Text.RegularExpressions;
using Conformance.Model.Observations;

namespace Conformance.Runtimes.Hosting;

/// <summary>What an engine's words mean: rows of a pattern and its code, of which the first that is found counts.</summary>
public sealed class ErrorTable(params (string Pattern, string Code)[] rows)
{
    private readonly (Regex Pattern, string Code)[] _rows =
        [.. rows.Select(row => (new Regex(row.Pattern, RegexOptions.CultureInvariant), row.Code))];

    /// <summary>
    /// wasmparser, which validates for Wasmtime, Wasmer and Lucet: a module that is not valid, or valid with a proposal that is not
    /// switched on. See https://docs.rs/wasmparser.
    /// </summary>
    public static ErrorTable Validation { get; } = new(
        (@"without the [\w-]+ feature|must be enabled for|support is not enabled", OutcomeCodes.UnsupportedFeature),
        (@"when [\w ]+ is disabled|requires the [\w-]+ proposal to be enabled", OutcomeCodes.UnsupportedFeature),
        ("", OutcomeCodes.Malformed));

    /// <summary>The code; <see cref="OutcomeCodes.Unmapped"/> where no row is found, never a guess.</summary>
    public string CodeOf(string text) => _rows.FirstOrDefault(row => row.Pattern.IsMatch(text)).Code ?? OutcomeCodes.Unmapped;
}
