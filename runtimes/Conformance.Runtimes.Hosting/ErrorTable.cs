using System.Text.RegularExpressions;
using Conformance.Model.Observations;
using Conformance.Wasm;

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
        (@"(without|but) the (?<feature>[\w-]+) feature", OutcomeCodes.UnsupportedFeature),
        (@"(the )?\b(?<feature>[\w -]+?) (proposal )?must be enabled (for|to) ", OutcomeCodes.UnsupportedFeature),
        (@"(: |^|\n) *(?<feature>[\w -]+?) support is not enabled", OutcomeCodes.UnsupportedFeature),
        (@"(: |^|\n) *(?<feature>[\w -]+?) (proposal|feature) (is )?not enabled", OutcomeCodes.UnsupportedFeature),
        (@"\b(?<feature>[\w-]+) feature required for ", OutcomeCodes.UnsupportedFeature),
        (@"(?<feature>[\w -]+) required for index reference types", OutcomeCodes.UnsupportedFeature),
        (@"when (?<feature>[\w -]+) is (disabled|not enabled)", OutcomeCodes.UnsupportedFeature),
        (@"requires the (?<feature>[\w -]+) (proposal|feature)", OutcomeCodes.UnsupportedFeature),
        (@"\bwith (?<feature>[\w -]+?) proposal disabled", OutcomeCodes.UnsupportedFeature),
        (@"(?<feature>multiple memories)", OutcomeCodes.UnsupportedFeature),
        // Of the time before these had proposals' switches.
        ("memories count must be at most 1", OutcomeCodes.Unsupported("multi-memory")),
        ("func type returns multiple values", OutcomeCodes.Unsupported("multi-value")),
        ("only one init_expr operator is expected", OutcomeCodes.Unsupported("extended-const")),
        ("", OutcomeCodes.Malformed));

    /// <summary>
    /// The code, with the proposal where the row's pattern has a group <c>feature</c> and that names one;
    /// <see cref="OutcomeCodes.Unmapped"/> where no row is found, never a guess.
    /// </summary>
    public string CodeOf(string text)
    {
        foreach (var (pattern, code) in _rows)
        {
            if (pattern.Match(text) is not { Success: true } match) continue;
            return code == OutcomeCodes.UnsupportedFeature ? OutcomeCodes.Unsupported(Proposals.Named(match.Groups["feature"].Value)) : code;
        }

        return OutcomeCodes.Unmapped;
    }
}
