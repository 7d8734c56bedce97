using Conformance.Model.Observations;

namespace Conformance.Reporting.Wording;

/// <summary>What a runtime makes of an import in few words, the same in every view.</summary>
public static class ImportWording
{
    /// <summary>Who provides it, or why it is not fulfilled: for tables of one module's imports.</summary>
    public static string Verdict(LedgerRow row) => row.State switch
    {
        ImportState.Provided or ImportState.Unchecked when row.Note is { } note => $"{Provider(row)}, {note}",
        ImportState.Provided => Provider(row),
        ImportState.Unchecked => $"{Provider(row)}, unchecked",
        _ when row.Links => Refused(row),
        _ => row.Found is { } found ? $"{row.Code}: {found}" : row.Code!,
    };

    /// <summary>Whether it is there: for tables of what runtimes provide.</summary>
    public static string Presence(LedgerRow row) => row.State switch
    {
        ImportState.Provided => "yes",
        ImportState.Unchecked => "yes, unchecked",
        _ when row.Links => Refused(row),
        ImportState.Misfit => $"as {row.Found}",
        _ => "no",
    };

    /// <summary>The word of a provider, such as <c>wasi</c>.</summary>
    public static string Word(this Provider provider) => provider.ToString().ToLowerInvariant();

    /// <summary>The word of a state, such as <c>missing</c>.</summary>
    public static string Word(this ImportState state) => state.ToString().ToLowerInvariant();

    /// <summary>Of a runtime that links it all the same.</summary>
    private static string Refused(LedgerRow row) => row.State == ImportState.Misfit ? $"as {row.Found}, and links" : "missing, and links";

    private static string Provider(LedgerRow row) => row.Provider.Word();
}
