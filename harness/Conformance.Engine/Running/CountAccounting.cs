using System.Globalization;
using System.Text.RegularExpressions;
using Conformance.Engine.Planning;
using Conformance.Model.Counters;
using Conformance.Model.Modules;
using Conformance.Model.Observations;

namespace Conformance.Engine.Running;

/// <summary>The three accounts of a cell's count: what the guest read, what its host sent, what the server received.</summary>
internal static partial class CountAccounting
{
    /// <summary>An observation with its counts.</summary>
    /// <param name="observation">What was seen of the cell.</param>
    /// <param name="cell">The cell.</param>
    /// <param name="journal">The server's; null where it could not be had: then the third account is missing, and the cell will say
    /// so.</param>
    public static Observation WithCounts(Observation observation, Cell cell, Journal? journal) => observation with
    {
        Journal = journal?.Summarise() ?? JournalSummary.Empty,
        Counts = new Counts(GuestCount(observation.Run, cell), HostCount(observation.Run, cell.Module), journal?.Count),
    };

    /// <summary>The guest's own account, where its scenario says that it stands.</summary>
    private static long? GuestCount(RunResult result, Cell cell) => Parse(cell.Scenario.GuestCount switch
    {
        GuestCountSource.Stdout => LastInteger(result.Stdout.Text),
        GuestCountSource.Page => LastInteger(result.Page ?? ""),
        GuestCountSource.Result => result.Result,
        _ => result.HostCalls.LastOrDefault(call => call.Returned is not null && GivesBody(cell.Module, call))?.Returned,
    });

    private static long? HostCount(RunResult result, ModuleManifest module)
    {
        if (result.Outcome.Code is OutcomeCodes.Crashed or OutcomeCodes.TimedOut or OutcomeCodes.ProtocolError
            or OutcomeCodes.Unavailable or OutcomeCodes.NotRun)
        {
            return null;
        }

        var increments = module.Imports.Where(import => import.Increments).Select(import => (import.Module, import.Name)).ToHashSet();
        // A guest with a client of its own: what that sent is the host's account, where the runtime sees it.
        if (increments.Count == 0)
        {
            return result.Requests?.Where(request => request.Key.EndsWith(" /add", StringComparison.Ordinal))
            .Sum(request => (long)request.Value);
        }

        return result.HostCalls.Where(call => call.Error is null && increments.Contains((call.Module, call.Name)))
            .Sum(call => (long)call.Times);
    }

    private static bool GivesBody(ModuleManifest module, HostCall call) =>
        module.Imports.Any(import => import.Returns == HostReturn.Body && import.Module == call.Module && import.Name == call.Name);

    private static string? LastInteger(string text) => Integers().Matches(text).LastOrDefault()?.Value;

    private static long? Parse(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) ? count : null;

    [GeneratedRegex(@"-?\d+")]
    private static partial Regex Integers();
}
