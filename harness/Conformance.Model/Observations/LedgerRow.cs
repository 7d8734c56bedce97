using System.Text.Json.Serialization;
using Conformance.Wasm;

namespace Conformance.Model.Observations;

/// <summary>Who fulfils an import.</summary>
public enum Provider
{
    /// <summary>A host function that the module's manifest declares.</summary>
    Host,

    /// <summary>The runtime's WASI.</summary>
    Wasi,

    /// <summary>Something else that the runtime brings.</summary>
    Runtime,

    /// <summary>Nobody.</summary>
    Missing,

    /// <summary>Somebody has that name, with another type or kind.</summary>
    Mismatch,
}

/// <summary>How a runtime stands to an import. Every view of imports is made of this.</summary>
public enum ImportState
{
    /// <summary>Somebody has it, and its type is looked at.</summary>
    Provided,

    /// <summary>Somebody has it, and nobody looks at its type.</summary>
    Unchecked,

    /// <summary>Nobody has it.</summary>
    Missing,

    /// <summary>Somebody has its name, as something else.</summary>
    Misfit,

    /// <summary>Somebody has it, and the runtime does not take it all the same: its code says why.</summary>
    Refused,
}

/// <summary>
/// One import of a module in one runtime. Imports that stand in the module more than once with the same type are one row.
/// </summary>
public sealed record LedgerRow
{
    /// <summary>The module's id.</summary>
    public required string Module { get; init; }

    /// <summary>The import's name.</summary>
    public required string Name { get; init; }

    /// <summary>What is imported.</summary>
    public required ExternKind Kind { get; init; }

    /// <summary>The type that the module declares, in the form of <see cref="ExternType"/>.</summary>
    public required string Type { get; init; }

    /// <summary>Who has what is imported.</summary>
    public required Provider Provider { get; init; }

    /// <summary>With <see cref="Provider.Mismatch"/>, what was found.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Found { get; init; }

    /// <summary>How it is provided, where that is not plainly: <c>bound to wasi_unstable</c>, <c>composed</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Note { get; init; }

    /// <summary>
    /// The runtime's own verdict on this import, asked with a module that imports nothing else: null where it links,
    /// <see cref="OutcomeCodes.Unchecked"/> where it links whatever its type, else why it does not.
    /// </summary>
    public required string? Code { get; init; }

    /// <summary>The runtime's own words, where it refused it, or warned.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    /// <summary>How the runtime stands to the import.</summary>
    [JsonIgnore]
    public ImportState State => Code switch
    {
        null => ImportState.Provided,
        OutcomeCodes.Unchecked when Text is null && Provider != Provider.Missing => ImportState.Unchecked,
        _ when Provider == Provider.Missing => ImportState.Missing,
        _ when Provider == Provider.Mismatch => ImportState.Misfit,
        _ => ImportState.Refused,
    };

    /// <summary>Whether somebody has it, and the runtime takes that.</summary>
    [JsonIgnore]
    public bool IsFulfilled => State is ImportState.Provided or ImportState.Unchecked;

    /// <summary>
    /// Why it is not fulfilled; null where it is. Where the runtime links it all the same, what one that looks would say: to a reader, it
    /// is as missing there as elsewhere.
    /// </summary>
    [JsonIgnore]
    public string? Refusal => IsFulfilled ? null : Code != OutcomeCodes.Unchecked
        ? Code : State == ImportState.Missing ? OutcomeCodes.UnknownImport : OutcomeCodes.IncompatibleType;

    /// <summary>Whether a module that imports it links. Some runtimes link what nobody has, or what does not fit, and warn.</summary>
    [JsonIgnore]
    public bool Links => Code is null or OutcomeCodes.Unchecked;

    /// <summary>How often the module imports it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Times { get; init; }
}
