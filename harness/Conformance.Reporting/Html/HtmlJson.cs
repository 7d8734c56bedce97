using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Conformance.Reporting.Trends;

namespace Conformance.Reporting.Html;

/// <summary>What the page is told besides the report's own records.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ImmutableArray<TrendNight>))]
[JsonSerializable(typeof(ImmutableArray<TrendBand>))]
internal sealed partial class HtmlJson : JsonSerializerContext;
