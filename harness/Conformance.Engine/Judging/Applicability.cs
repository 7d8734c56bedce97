using Conformance.Engine.Planning;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Protocol;

namespace Conformance.Engine.Judging;

/// <summary>
/// Which cells say nothing of how their runtime runs the module, since it can't take it, or can't be given what the manifest provides. Such
/// cells stand outside of every comparison. A runtime must say of itself what it can't do, or be seen not to have a proposal: what it
/// refuses otherwise is a result like any other.
/// </summary>
public static class Applicability
{
    /// <summary>Whether the runtime may have refused a module for a proposal that it has not got.</summary>
    public static bool IsRefused(RunResult result) => result.Outcome is { Phase: Phase.Load or Phase.Compile, Code: var code }
        && (code == OutcomeCodes.Malformed || OutcomeCodes.IsUnsupported(code));

    /// <summary>Why a cell is not applicable to its runtime, in a few words; null where it is.</summary>
    /// <param name="cell">What was run.</param>
    /// <param name="observation">What was seen of it.</param>
    /// <param name="features">What the runtime says of itself.</param>
    /// <param name="lacking">A proposal that the module needs and the runtime was seen to refuse, where the module was refused; null where
    /// there is none.</param>
    public static string? Limit(Cell cell, Observation observation, IReadOnlyCollection<string> features, string? lacking) =>
        observation.Outcome.Code switch
        {
            OutcomeCodes.UnsupportedKind when features.Contains(WorkerFeatures.CommandsOnly)
                && cell is not { Module.Kind: ModuleKind.WasiCommand, Scenario.Entry: "_start" } => "runs commands only",
            OutcomeCodes.Unprovidable when IsLimited(cell, features) => observation.Run.Text,
            _ when lacking is not null && IsRefused(observation.Run) => $"without {lacking}",
            _ => null,
        };

    private static bool IsLimited(Cell cell, IReadOnlyCollection<string> features) =>
        features.Contains(WorkerFeatures.Composed)
        || (features.Contains(WorkerFeatures.FunctionsOnly) && !cell.Module.Definitions.IsEmpty)
        || (features.Contains(WorkerFeatures.LimitedImports) && !(cell.Module.Imports.IsEmpty && cell.Module.Definitions.IsEmpty))
        || ((features.Contains(WorkerFeatures.NoFolders) || features.Contains(WorkerFeatures.CopiedFolders))
            && !cell.Scenario.Preopens.IsEmpty)
        || (features.Contains(WorkerFeatures.NoReadOnlyFolders) && cell.Scenario.Preopens.Any(preopen => preopen.ReadOnly))
        || (features.Contains(WorkerFeatures.NoArgv0) && cell.Scenario.Argv0 is not null);
}
