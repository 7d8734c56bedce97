using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace Conformance.Model.Reports;

/// <summary>The JSON Schema of a report's lines, made from the records that write them, so that the two can't drift.</summary>
public static class ReportSchema
{
    /// <summary>A schema that each line of a report fits: one of header, cell, size, atlas and footer, told apart by <c>type</c>.</summary>
    public static JsonObject Create() => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["title"] = "A line of report.jsonl",
        ["oneOf"] = new JsonArray(
            Line(ModelJson.Readable.HeaderLine, ReportLineTypes.Header),
            Line(FlatJson.Default.FlatCell, ReportLineTypes.Cell),
            Line(ModelJson.Readable.SizeLine, ReportLineTypes.Size),
            Line(ModelJson.Readable.AtlasLine, ReportLineTypes.Atlas),
            Line(ModelJson.Readable.FooterLine, ReportLineTypes.Footer)),
    };

    private static JsonNode Line(JsonTypeInfo type, string name)
    {
        var schema = (JsonObject)type.GetJsonSchemaAsNode(new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = WithoutReferences,
        });
        schema["title"] = name;
        var properties = (JsonObject)schema["properties"]!;
        properties["type"] = new JsonObject { ["enum"] = new JsonArray(name) };
        ((JsonArray)schema["required"]!).Insert(0, "type");
        return schema;
    }

    /// <summary>
    /// References point from the root of one line's schema, which is no root here: what they would point to is written out. How a text is
    /// read is nobody's business.
    /// </summary>
    private static JsonNode WithoutReferences(JsonSchemaExporterContext context, JsonNode schema) =>
        context.PropertyInfo?.CustomConverter is SharedText ? new JsonObject { ["type"] = "string" }
        : schema is JsonObject o && o.ContainsKey("$ref")
            ? context.TypeInfo.GetJsonSchemaAsNode(new JsonSchemaExporterOptions
            {
                TreatNullObliviousAsNonNullable = true,
                TransformSchemaNode = WithoutReferences,
            })
            : schema;
}
