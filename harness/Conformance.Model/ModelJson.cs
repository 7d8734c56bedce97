using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Conformance.Model.Counters;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Wasm;

namespace Conformance.Model;

/// <summary>The JSON of the model, source-generated: camelCase fields, kebab-case words, one line.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters = [
        typeof(KebabCase<ExternKind>), typeof(KebabCase<Phase>),
            typeof(KebabCase<Provider>), typeof(KebabCase<Verdict>), typeof(KebabCase<AgreementResult>)])]
[JsonSerializable(typeof(HeaderLine))]
[JsonSerializable(typeof(CellLine))]
[JsonSerializable(typeof(SizeLine))]
[JsonSerializable(typeof(AtlasLine))]
[JsonSerializable(typeof(FooterLine))]
[JsonSerializable(typeof(LedgerRow))]
[JsonSerializable(typeof(Journal))]
public sealed partial class ModelJson : JsonSerializerContext
{
    /// <summary>The model's JSON as files and pipes carry it: text stays readable (no <c>\u0022</c> for a quote).</summary>
    public static ModelJson Readable =>
        field ??= new(new JsonSerializerOptions(Default.GeneratedSerializerOptions!)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });
}

/// <summary>The JSON of what reports and workers write as one object each.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters = [typeof(KebabCase<ExternKind>), typeof(KebabCase<Phase>), typeof(KebabCase<Provider>), typeof(KebabCase<Verdict>)])]
[JsonSerializable(typeof(FlatRunResult))]
[JsonSerializable(typeof(FlatCell))]
internal sealed partial class FlatJson : JsonSerializerContext;

/// <summary>Writes an enum's members as kebab-case words.</summary>
public sealed class KebabCase<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
