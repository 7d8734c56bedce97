using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Conformance.Model.Observations;

namespace Conformance.Model;

/// <summary>Reads a text that thousands of lines have, or parts of one line, as one string where it was read a moment ago.</summary>
internal sealed class SharedText : JsonConverter<string>
{
    private const int Places = 256;

    [ThreadStatic]
    private static string?[]? _latest;

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader);

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    /// <summary>The text that a reader is at.</summary>
    public static string? Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String || reader.HasValueSequence || reader.ValueSpan.IsEmpty) return reader.GetString();
        var bytes = reader.ValueSpan;
        var place = (bytes.Length * 31 + bytes[0] * 7 + bytes[^1] * 3 + bytes[bytes.Length / 2]) % Places;
        var latest = _latest ??= new string?[Places];
        if (latest[place] is { } known && reader.ValueTextEquals(known)) return known;
        return latest[place] = reader.GetString();
    }
}

/// <summary>Reads groups of names as the same arrays where they are those that were read last.</summary>
internal sealed class SharedGroups : JsonConverter<ImmutableArray<ImmutableArray<string>>>
{
    [ThreadStatic]
    private static ImmutableArray<ImmutableArray<string>> _latest;

    public override ImmutableArray<ImmutableArray<string>> Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var groups = ImmutableArray.CreateBuilder<ImmutableArray<string>>(1);
        Expect(reader.TokenType, JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Expect(reader.TokenType, JsonTokenType.StartArray);
            var group = ImmutableArray.CreateBuilder<string>(4);
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                Expect(reader.TokenType, JsonTokenType.String);
                group.Add(SharedText.Read(ref reader)!);
            }

            groups.Add(group.ToImmutable());
        }

        if (!_latest.IsDefault && Agreement.AreSame(groups, _latest)) return _latest;
        return _latest = groups.ToImmutable();
    }

    public override void Write(Utf8JsonWriter writer, ImmutableArray<ImmutableArray<string>> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var group in value)
        {
            writer.WriteStartArray();
            foreach (var name in group) writer.WriteStringValue(name);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    private static void Expect(JsonTokenType found, JsonTokenType expected)
    {
        if (found != expected) throw new JsonException($"groups are arrays of names: {found} where {expected} is expected");
    }
}
