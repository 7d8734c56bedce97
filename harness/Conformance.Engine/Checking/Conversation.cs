using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Conformance.Engine.Workers;

namespace Conformance.Engine.Checking;

/// <summary>Something that a worker did wrong; the message says what.</summary>
/// <param name="message">What it did.</param>
/// <param name="isEnd">True where nothing more can be asked: it has ended, or does not answer.</param>
internal sealed class WorkerFaultException(string message, bool isEnd = false) : Exception(message)
{
    public bool IsEnd { get; } = isEnd;
}

/// <summary>A conversation with a worker, line by line as it goes over the pipes, so that what is wrong with a line can be told.</summary>
/// <param name="process">The worker, which ends with the conversation.</param>
/// <param name="limit">How long an answer may take.</param>
/// <param name="transcript">Is told every line.</param>
internal sealed class Conversation(WorkerProcess process, TimeSpan limit, Action<string> transcript) : IAsyncDisposable
{
    /// <summary>As a harness writes: null where there is nothing, text as it is.</summary>
    private static readonly JsonSerializerOptions Written = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly StreamReader _reader = new(process.Output, new UTF8Encoding(false));
    private int _id;

    /// <summary>Phases that the worker told of since the last request.</summary>
    public List<string> Phases { get; } = [];

    /// <summary>Sends a request and gives its answer: an object with <c>result</c> or <c>error</c>.</summary>
    /// <exception cref="WorkerFaultException">What came is not an answer to it.</exception>
    public async Task<JsonObject> AskAsync(string method, JsonNode? parameters, CancellationToken cancellation)
    {
        await SendAsync(method, parameters, cancellation).ConfigureAwait(false);
        while (true)
        {
            var message = await ReadAsync(method, cancellation).ConfigureAwait(false);
            if (message["method"] is not null)
            {
                TakeNotification(message);
                continue;
            }

            if (message["id"]?.ToJsonString() != $"{_id}")
            {
                throw new WorkerFaultException(
                $"an answer with id {message["id"]?.ToJsonString() ?? "null"} came to '{method}', whose id is {_id}");
            }

            if (message.ContainsKey("result") == message.ContainsKey("error"))
                throw new WorkerFaultException($"the answer to '{method}' must have either 'result' or 'error'");
            return message;
        }
    }

    /// <summary>Sends a request without waiting for its answer.</summary>
    public Task SendAsync(string method, JsonNode? parameters, CancellationToken cancellation) =>
        WriteAsync(method, ++_id, parameters, cancellation);

    public Task NotifyAsync(string method, CancellationToken cancellation) => WriteAsync(method, null, null, cancellation);

    /// <summary>Reads until the worker has told of a phase.</summary>
    public async Task AwaitPhaseAsync(string phase, CancellationToken cancellation)
    {
        while (!Phases.Contains(phase))
        {
            var message = await ReadAsync($"phase {phase}", cancellation).ConfigureAwait(false);
            if (message["method"] is null)
                throw new WorkerFaultException($"an answer came where a guest must spin: {Shortened(message.ToJsonString(Written))}");
            TakeNotification(message);
        }
    }

    /// <summary>The end of what the harness says.</summary>
    public void Close() => process.Input.Dispose();

    /// <summary>How the process ends, in words; null where it is still there after a time.</summary>
    public async Task<string?> EndsAsync(TimeSpan within)
    {
        try
        {
            await process.Exited.WaitAsync(within).ConfigureAwait(false);
            return process.DescribeExit();
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await process.DisposeAsync().ConfigureAwait(false);
        _reader.Dispose();
    }

    private async Task WriteAsync(string method, int? id, JsonNode? parameters, CancellationToken cancellation)
    {
        Phases.Clear();
        var message = new JsonObject { ["jsonrpc"] = "2.0" };
        if (id is not null) message["id"] = id;
        message["method"] = method;
        if (parameters is not null) message["params"] = parameters;
        var line = message.ToJsonString(Written);
        transcript("→ " + line);
        try
        {
            await process.Input.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), cancellation).ConfigureAwait(false);
            await process.Input.FlushAsync(cancellation).ConfigureAwait(false);
        }
        catch (IOException)
        {
            throw new WorkerFaultException($"the worker {await EndAsync().ConfigureAwait(false)} before '{method}' was sent", isEnd: true);
        }
    }

    private async Task<JsonObject> ReadAsync(string awaited, CancellationToken cancellation)
    {
        string? line;
        try
        {
            line = await _reader.ReadLineAsync(cancellation).AsTask().WaitAsync(limit, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new WorkerFaultException($"nothing came to '{awaited}' within {limit.TotalSeconds:0} s", isEnd: true);
        }
        catch (IOException e)
        {
            throw new WorkerFaultException(e.Message, isEnd: true);
        }

        if (line is null)
        {
            throw new WorkerFaultException(
            $"the worker {await EndAsync().ConfigureAwait(false)} instead of answering '{awaited}'{StderrEnd()}", isEnd: true);
        }

        transcript("← " + line);
        JsonNode? node;
        try
        {
            node = JsonNode.Parse(line);
        }
        catch (JsonException)
        {
            throw new WorkerFaultException($"a line on stdout is not JSON: {Shortened(line)}");
        }

        if (node is not JsonObject message || message["jsonrpc"] is not JsonValue version
            || !version.TryGetValue<string>(out var text) || text != "2.0")
        {
            throw new WorkerFaultException($"a line on stdout is not a JSON-RPC 2.0 message: {Shortened(line)}");
        }

        return message;
    }

    private void TakeNotification(JsonObject message)
    {
        if (message["method"]?.ToJsonString() != "\"phase\"")
            throw new WorkerFaultException($"'{message["method"]}' is not a notification of the protocol; 'phase' is");
        Phases.Add((string?)message["params"]?["phase"] ?? throw new WorkerFaultException("a 'phase' notification has no params.phase"));
    }

    private async Task<string> EndAsync() => await EndsAsync(TimeSpan.FromSeconds(3)).ConfigureAwait(false) ?? "closed its stdout";

    private string StderrEnd() => process.Stderr.Trim() is { Length: > 0 } words ? $"; its stderr ends: {words.Split('\n')[^1]}" : "";

    private static string Shortened(string text) => text.Length <= 200 ? text : text[..200] + "…";
}
