using System.Text.Json.Serialization;
using Conformance.Model.Wasm;

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

/// <summary>One import of a module in one runtime. Imports that stand in the module more than once with the same type are one row.</summary>
public sealed record LedgerRow
{
    public required string Module { get; init; }

    public required string Name { get; init; }

    public required ExternKind Kind { get; init; }

    /// <summary>The type that the module declares, in the form of <see cref="ExternType"/>.</summary>
    public required string Type { get; init; }

    public required Provider Provider { get; init; }

    /// <summary>With <see cref="Provider.Mismatch"/>, what was found.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Found { get; init; }

    /// <summary>How it is provided, where that is not plainly: <c>bound to wasi_unstable</c>, <c>composed</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Note { get; init; }

    /// <summary>
    /// The runtime's own verdict on this import, asked with a module that imports nothing else: null where it links, <see cref="OutcomeCodes.Unchecked"/> where it links whatever its type,
    /// else why it does not.
    /// </summary>
    public required string? Code { get; init; }

    /// <summary>The runtime's own words, where it refused it, or warned.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    /// <summary>Whether somebody has it, and the runtime takes that. Some runtimes link what nobody has, or what does not fit, and warn.</summary>
    [JsonIgnore]
    public bool IsFulfilled => Code is null || (Code == OutcomeCodes.Unchecked && Text is null && Provider != Provider.Missing);

    /// <summary>How often the module imports it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Times { get; init; }
}
