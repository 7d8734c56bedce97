using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Conformance.Model.Modules;

namespace Conformance.Protocol;

/// <summary>
/// Folders as an object in their order: guest path → folder, or → <c>{ "folder": …, "readOnly": true }</c>.
/// </summary>
internal sealed class PreopensJson : JsonConverter<ImmutableArray<Preopen>>
{
    public override ImmutableArray<Preopen> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return [.. document.RootElement.EnumerateObject().Select(preopen => preopen.Value.ValueKind == JsonValueKind.Object
            ? new Preopen(preopen.Name, preopen.Value.GetProperty("folder").GetString()!, preopen.Value.GetProperty("readOnly").GetBoolean())
            : new Preopen(preopen.Name, preopen.Value.GetString()!))];
    }

    public override void Write(Utf8JsonWriter writer, ImmutableArray<Preopen> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (guestPath, folder, readOnly) in value)
        {
            writer.WritePropertyName(guestPath);
            if (!readOnly)
            {
                writer.WriteStringValue(folder);
                continue;
            }

            writer.WriteStartObject();
            writer.WriteString("folder", folder);
            writer.WriteBoolean("readOnly", true);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}
