using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using StreamJsonRpc;

namespace Conformance.Protocol;

/// <summary>The framing of the worker protocol, as both sides use it: JSON-RPC 2.0, one message a line, UTF-8 without a mark.</summary>
public static class WorkerRpc
{
    /// <param name="output">Where messages go: a worker's stdin, or its own protocol output.</param>
    /// <param name="input">Where they come from.</param>
    public static IJsonRpcMessageHandler Handler(Stream output, Stream input)
    {
        var formatter = new SystemTextJsonFormatter();
        var options = new JsonSerializerOptions(formatter.JsonSerializerOptions)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            // The envelope's own types are the library's and are read by reflection.
            TypeInfoResolver = JsonTypeInfoResolver.Combine(ProtocolJson.Default, new DefaultJsonTypeInfoResolver()),
        };
        foreach (var converter in ProtocolJson.Default.Options.Converters) options.Converters.Add(converter);
        formatter.JsonSerializerOptions = options;
        return new NewLineDelimitedMessageHandler(PipeWriter.Create(new PromptStream(output)), PromptReader.Start(input), formatter)
        {
            NewLine = NewLineDelimitedMessageHandler.NewLineStyle.Lf,
        };
    }
}
