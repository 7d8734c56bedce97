using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;
using Conformance.Wasm;

namespace Conformance.Model.Reports;

/// <summary>What each line of <c>report.jsonl</c> is; unknown types of line are for later schemas.</summary>
public static class ReportLineTypes
{
    /// <summary><see cref="HeaderLine"/>.</summary>
    public const string Header = "header";
    /// <summary><see cref="CellLine"/>.</summary>
    public const string Cell = "cell";
    /// <summary><see cref="SizeLine"/>.</summary>
    public const string Size = "size";
    /// <summary><see cref="AtlasLine"/>.</summary>
    public const string Atlas = "atlas";
    /// <summary><see cref="FooterLine"/>.</summary>
    public const string Footer = "footer";
}

/// <summary>The first line: what ran where. Two reports are only compared where this allows it.</summary>
public sealed record HeaderLine
{
    /// <summary>One of <see cref="ReportLineTypes"/>.</summary>
    [JsonPropertyOrder(-1)]
    public string Type { get; init; } = ReportLineTypes.Header;

    /// <summary>Raised when a reader would have to change.</summary>
    public required int Schema { get; init; }

    /// <summary>The harness's version and commit.</summary>
    public required string Harness { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>What it ran on.</summary>
    public required MachineInfo Machine { get; init; }

    /// <summary>What counted.</summary>
    public required ServerInfo Server { get; init; }

    /// <summary>The seed that the cells' order was shuffled by; null where it is the plan's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Shuffle { get; init; }

    /// <summary>Which part of a plan was run; null where it was the whole one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ShardInfo? Shard { get; init; }

    /// <summary>The run's runtimes, those that are not here too.</summary>
    public required ImmutableArray<RuntimeInfo> Runtimes { get; init; }

    /// <summary>The run's guests.</summary>
    public required ImmutableArray<ModuleInfo> Modules { get; init; }

    /// <summary>Fields of a later schema, kept as they came.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>One part of a plan whose cells were spread over several runs.</summary>
/// <param name="Index">Which part, from 1.</param>
/// <param name="Count">How many parts there are.</param>
/// <param name="Cells">How many cells the whole plan has.</param>
/// <param name="PlanSha256">SHA-256 over the ids of the whole plan's cells, in order: parts of the same plan have the same.</param>
public sealed record ShardInfo(int Index, int Count, int Cells, string PlanSha256);

/// <summary>What a run ran on.</summary>
/// <param name="Os">The operating system, as it calls itself.</param>
/// <param name="Architecture">Such as <c>x64</c>.</param>
/// <param name="Processors">How many.</param>
/// <param name="Dotnet">The .NET that ran the harness.</param>
/// <param name="Sdk">The SDK that built it; null where that is not known.</param>
public sealed record MachineInfo(string Os, string Architecture, int Processors, string Dotnet, string? Sdk);

/// <param name="Hosting"><c>container</c>, <c>embedded</c> or <c>url</c>.</param>
/// <param name="Variant"><c>correct</c> or <c>article-2022</c>.</param>
/// <param name="Why">Why <c>auto</c> chose this hosting.</param>
/// <param name="Image">The container's image, by tag (the hash of what it was built from).</param>
public sealed record ServerInfo(string Hosting, string Variant, string? Why, string? Image);

/// <param name="Id">The runtime.</param>
/// <param name="Version">Null where it is unavailable.</param>
/// <param name="Engine">What executes wasm in it.</param>
/// <param name="Sha256">SHA-256 over its libraries' hashes; null where it is unavailable.</param>
/// <param name="ManifestSha256">SHA-256 of its <c>runtime.toml</c>.</param>
/// <param name="Libraries">The files that are the runtime.</param>
/// <param name="Features">What it can do, and the settings that it was started with.</param>
/// <param name="Unavailable">Why it is not there.</param>
public sealed record RuntimeInfo(
    string Id,
    string? Version,
    string? Engine,
    string? Sha256,
    string ManifestSha256,
    ImmutableArray<LibraryHash> Libraries,
    ImmutableArray<string> Features,
    Unavailability? Unavailable);

/// <param name="Id">Its folder's name.</param>
/// <param name="Sha256">Of the binary.</param>
/// <param name="ManifestSha256">Of its manifest.</param>
/// <param name="Toolchain">What built it.</param>
/// <param name="Command">How; null where its manifest does not say.</param>
/// <param name="Date">When; null where its manifest does not say.</param>
public sealed record ModuleInfo(string Id, string Sha256, string ManifestSha256, string Toolchain, string? Command, DateOnly? Date)
{
    /// <summary>Where its manifest is; null in reports of harnesses that did not say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ManifestPlace? Manifest { get; init; }
}

/// <summary>Where a module's manifest is and what stands where in it, for those who show results beside it.</summary>
/// <param name="Path">From the folder that the harness was started in, with slashes; where it is not below that, from the folder that holds
/// the modules' folder.</param>
/// <param name="Wasm">The line that names the binary, from 1.</param>
/// <param name="Scenarios">Scenario → the line that it begins at.</param>
public sealed record ManifestPlace(string Path, int Wasm, ImmutableSortedDictionary<string, int> Scenarios);

/// <summary>How large a module is, in bytes, as it is and as it could be sent: between the cells and the footer.</summary>
public sealed record SizeLine
{
    /// <summary>One of <see cref="ReportLineTypes"/>.</summary>
    [JsonPropertyOrder(-1)]
    public string Type { get; init; } = ReportLineTypes.Size;

    /// <summary>The module's id.</summary>
    public required string Module { get; init; }

    /// <summary>As committed.</summary>
    public required long Raw { get; init; }

    /// <summary>After <c>wasm-opt -Oz</c>; null where that is not here, or refuses the module.</summary>
    public required long? Optimised { get; init; }

    /// <summary>Why <see cref="Optimised"/> is null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? NotOptimised { get; init; }

    /// <summary>Raw, compressed.</summary>
    public required long Gzip { get; init; }

    /// <summary>Raw, compressed at the highest quality.</summary>
    public required long Brotli { get; init; }

    /// <summary>All sections, in their order.</summary>
    public required ImmutableArray<WasmPart> Sections { get; init; }

    /// <summary>The largest functions, by the name section's names, else as exports, else by index.</summary>
    public required ImmutableArray<WasmPart> Functions { get; init; }

    /// <summary>Fields of a later schema, kept as they came.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>What one runtime provides of WASI, found by asking it about each function: between the cells and the footer.</summary>
public sealed record AtlasLine
{
    /// <summary>One of <see cref="ReportLineTypes"/>.</summary>
    [JsonPropertyOrder(-1)]
    public string Type { get; init; } = ReportLineTypes.Atlas;

    /// <summary>The runtime's id.</summary>
    public required string Runtime { get; init; }

    /// <summary>
    /// A row for each function of each namespace, as in a ledger, with the runtime's words only where it links and warns.
    /// </summary>
    public required ImmutableArray<LedgerRow> Functions { get; init; }

    /// <summary>Fields of a later schema, kept as they came.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>The last line. A report without it is of a run that was cut short.</summary>
public sealed record FooterLine
{
    /// <summary>The footer of some cells.</summary>
    /// <param name="cells">All that ended.</param>
    /// <param name="agreements">What the runtimes made of each row together.</param>
    /// <param name="elapsed">Wall time.</param>
    /// <param name="complete">Whether every cell of the plan ended.</param>
    public static FooterLine Create(IReadOnlyCollection<CellLine> cells,
        ImmutableArray<Agreement> agreements, TimeSpan elapsed, bool complete) =>
        Create(cells.CountBy(cell => cell.Verdict), agreements, elapsed, complete);

    /// <summary>The footer of some cells, by how often each verdict is there.</summary>
    /// <param name="verdicts">Of all that ended.</param>
    /// <param name="agreements">What the runtimes made of each row together.</param>
    /// <param name="elapsed">Wall time.</param>
    /// <param name="complete">Whether every cell of the plan ended.</param>
    public static FooterLine Create(IEnumerable<KeyValuePair<Verdict, int>> verdicts,
        ImmutableArray<Agreement> agreements, TimeSpan elapsed, bool complete) => new()
        {
            Cells = verdicts.Sum(verdict => verdict.Value),
            Verdicts = verdicts.ToImmutableSortedDictionary(its => its.Key.Word(), its => its.Value, StringComparer.Ordinal),
            Agreements = agreements,
            ElapsedMs = Math.Round(elapsed.TotalMilliseconds, 1),
            Complete = complete,
        };

    /// <summary>One of <see cref="ReportLineTypes"/>.</summary>
    [JsonPropertyOrder(-1)]
    public string Type { get; init; } = ReportLineTypes.Footer;

    /// <summary>How many cells ended.</summary>
    public required int Cells { get; init; }

    /// <summary>Verdict → cells.</summary>
    public required ImmutableSortedDictionary<string, int> Verdicts { get; init; }

    /// <summary>What the runtimes made of each row together.</summary>
    public required ImmutableArray<Agreement> Agreements { get; init; }

    /// <summary>Wall time of the run.</summary>
    public required double ElapsedMs { get; init; }

    /// <summary>Whether every cell of the plan ended.</summary>
    public required bool Complete { get; init; }

    /// <summary>Fields of a later schema, kept as they came.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}
