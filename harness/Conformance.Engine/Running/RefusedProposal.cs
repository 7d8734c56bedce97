using System.Collections.Concurrent;
using Conformance.Engine.Imports;
using Conformance.Model.Observations;
using Conformance.Protocol;

namespace Conformance.Engine.Running;

/// <summary>
/// Why one runtime refuses modules, where its words do not say: the first proposal that a module uses, and of which the runtime refuses
/// the smallest module too. Words are the engine's; that it has not got the proposal is seen. It is asked once about each.
/// </summary>
/// <param name="modules">Reads which proposals a module uses.</param>
internal sealed class RefusedProposal(DeclaredModules modules)
{
    private readonly ConcurrentDictionary<string, bool> _answers = new(StringComparer.Ordinal);

    /// <summary>Whether the runtime lacks a proposal.</summary>
    /// <param name="proposal">Its name.</param>
    /// <param name="refuses">Asks the runtime.</param>
    public async Task<bool> IsLackingAsync(string proposal, Func<string, Task<bool>> refuses) =>
        _answers.TryGetValue(proposal, out var known) ? known : _answers[proposal] = await refuses(proposal).ConfigureAwait(false);

    /// <summary>The same result, with the proposal that it is for, where there is one.</summary>
    /// <param name="result">What became of a module.</param>
    /// <param name="wasmPath">The module.</param>
    /// <param name="refuses">Asks the runtime about a proposal.</param>
    public async Task<RunResult> NameAsync(RunResult result, string wasmPath, Func<string, Task<bool>> refuses)
    {
        if (result.Outcome is not { Phase: Phase.Load or Phase.Compile, Code: OutcomeCodes.Malformed or OutcomeCodes.UnsupportedFeature })
            return result;
        foreach (var proposal in modules.UsedBy(wasmPath))
        {
            if (!await IsLackingAsync(proposal, refuses).ConfigureAwait(false)) continue;
            return result with { Outcome = Outcome.Failure(result.Outcome.Phase, OutcomeCodes.Unsupported(proposal)) };
        }

        return result;
    }
}
