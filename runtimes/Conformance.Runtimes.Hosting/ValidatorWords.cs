using System.Text.RegularExpressions;
using Conformance.Model.Observations;

namespace Conformance.Runtimes.Hosting;

/// <summary>The words of wasmparser, which validates for Wasmtime and for Wasmer, by the normalised codes.</summary>
/// <seealso href="https://docs.rs/wasmparser"/>
public static partial class ValidatorWords
{
    /// <summary>The code of a module that was refused: not valid, or valid with a proposal that is not switched on.</summary>
    public static string Code(string text) => Feature().IsMatch(text) ? OutcomeCodes.UnsupportedFeature : OutcomeCodes.Malformed;

    [GeneratedRegex(@"without the [\w-]+ feature|must be enabled for|support is not enabled|when [\w ]+ is disabled|requires the [\w-]+ proposal to be enabled")]
    private static partial Regex Feature();
}
