using Conformance.Engine.Imports;
using Conformance.Model.Observations;
using Conformance.Protocol;

namespace Conformance.Engine.Running;

/// <summary>
/// Why a runtime refuses a module, where its words do not say: the first proposal that the module uses, and of which the runtime refuses
/// the smallest module too. Words are the engine's; that it has not got the proposal is seen.
/// </summary>
internal static class RefusedProposal
{
    /// <summary>The same result, with the proposal that it is for, where there is one.</summary>
    /// <param name="result">What became of a module.</param>
    /// <param name="wasmPath">The module.</param>
    /// <param name="modules">Reads it.</param>
    /// <param name="refuses">Whether the runtime refuses a proposal.</param>
    public static async Task<RunResult> NameAsync(
        RunResult result, string wasmPath, DeclaredModules modules, Func<string, Task<bool>> refuses)
    {
        if (result.Outcome is not { Phase: Phase.Load or Phase.Compile, Code: OutcomeCodes.Malformed or OutcomeCodes.UnsupportedFeature })
            return result;
        foreach (var proposal in modules.UsedBy(wasmPath))
        {
            if (!await refuses(proposal).ConfigureAwait(false)) continue;
            return result with { Outcome = Outcome.Failure(result.Outcome.Phase, OutcomeCodes.Unsupported(proposal)) };
        }

        return result;
    }
}
