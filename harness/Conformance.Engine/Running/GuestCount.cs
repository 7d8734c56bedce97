using System.Globalization;
using System.Text.RegularExpressions;
using Conformance.Engine.Planning;
using Conformance.Model.Modules;
using Conformance.Model.Observations;

namespace Conformance.Engine.Running;

/// <summary>The guest's own account of the count, where its scenario says that it stands.</summary>
internal static partial class GuestCount
{
    public static long? Read(RunResult result, Cell cell) => Parse(cell.Scenario.GuestCount switch
    {
        GuestCountSource.Stdout => LastInteger(result.Stdout.Text),
        GuestCountSource.Page => LastInteger(result.Page ?? ""),
        GuestCountSource.Result => result.Result,
        _ => result.HostCalls.LastOrDefault(call => call.Returned is not null && GivesBody(cell.Module, call))?.Returned,
    });

    private static bool GivesBody(ModuleManifest module, HostCall call) =>
        module.Imports.Any(i => i.Returns == HostReturn.Body && i.Module == call.Module && i.Name == call.Name);

    private static string? LastInteger(string text) => Integers().Matches(text).LastOrDefault()?.Value;

    private static long? Parse(string? text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) ? count : null;

    [GeneratedRegex(@"-?\d+")]
    private static partial Regex Integers();
}
