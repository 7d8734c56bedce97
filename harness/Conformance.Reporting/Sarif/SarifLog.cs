using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Conformance.Reporting.Sarif;

/// <summary>
/// The part of SARIF 2.1.0 that is written here (https://docs.oasis-open.org/sarif/sarif/v2.1.0/); names are the standard's.
/// </summary>
internal sealed record SarifLog([property: JsonPropertyName("$schema")] string Schema, string Version, ImmutableArray<SarifRun> Runs);

internal sealed record SarifRun(SarifTool Tool, ImmutableArray<SarifInvocation> Invocations,
    ImmutableArray<SarifResult> Results, string ColumnKind);

internal sealed record SarifTool(SarifDriver Driver);

internal sealed record SarifDriver(string Name, string Version, ImmutableArray<SarifRule> Rules);

internal sealed record SarifRule(string Id, SarifMessage ShortDescription, SarifMessage FullDescription, string HelpUri);

internal sealed record SarifInvocation(bool ExecutionSuccessful,
    DateTime StartTimeUtc, DateTime? EndTimeUtc, ImmutableArray<SarifNotification>? ToolExecutionNotifications);

internal sealed record SarifNotification(string Level, SarifMessage Message);

internal sealed record SarifResult(
    string RuleId, int RuleIndex, string Level, SarifMessage Message,
        ImmutableArray<SarifLocation> Locations, ImmutableSortedDictionary<string, string> PartialFingerprints,
    ImmutableArray<SarifSuppression>? Suppressions, string? BaselineState);

internal sealed record SarifMessage(string Text);

internal sealed record SarifLocation(SarifPhysicalLocation? PhysicalLocation, ImmutableArray<SarifLogicalLocation> LogicalLocations);

internal sealed record SarifPhysicalLocation(SarifArtifactLocation ArtifactLocation, SarifRegion Region);

internal sealed record SarifArtifactLocation(string Uri);

internal sealed record SarifRegion(int StartLine);

internal sealed record SarifLogicalLocation(string FullyQualifiedName, string Kind);

internal sealed record SarifSuppression(string Kind, string Justification);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(SarifLog))]
internal sealed partial class SarifJson : JsonSerializerContext
{
    public static SarifJson Readable => field ??= new(new JsonSerializerOptions(Default.GeneratedSerializerOptions!)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
