using System.Text.Json;
using Conformance.Wasm;

namespace Conformance.FakeRuntime;

/// <summary>
/// A worker that knows the protocol's envelope and nothing else: it answers with text that is wrong in the one way that its behaviour's
/// name says, and that no type of the protocol could have.
/// </summary>
internal static class RawWorker
{
    private const string Identity = """{"version":"1","engine":"raw","libraries":[],"features":[]}""";

    private const string Run = """{"phase":"observe","code":null,"text":null,"exit":0,"result":null,"hostCalls":[],"stdout":{"text":"","bytes":0,"truncated":false},"stderr":{"text":"","bytes":0,"truncated":false},"timingsMs":{"compile":null,"link":null,"run":1}}""";

    /// <summary>Which answer is another than it should be, by the behaviour's name.</summary>
    private static readonly Dictionary<string, (string Method, string Answer)> Answers = new()
    {
        ["identity-is-empty"] = ("initialize", "{}"),
        ["identity-is-null"] = ("initialize", "null"),
        ["identity-is-a-list"] = ("initialize", "[]"),
        ["identity-has-a-null-library"] = ("initialize", Identity.Replace("\"libraries\":[]", "\"libraries\":[null]")),
        ["identity-has-no-version"] = ("initialize", Identity.Replace("\"version\":\"1\"", "\"version\":null")),
        ["ledger-is-empty"] = ("resolve", "{}"),
        ["ledger-has-a-null"] = ("resolve", """{"imports":[null,null],"failure":null}"""),
        ["ledger-has-no-names"] = ("resolve", """{"imports":[{},{}],"failure":null}"""),
        ["run-is-empty"] = ("run", "{}"),
        ["run-is-a-number"] = ("run", "7"),
        ["run-has-a-null-call"] = ("run", Run.Replace("\"hostCalls\":[]", "\"hostCalls\":[null]")),
        ["run-has-a-call-without-a-name"] = ("run", Run.Replace("\"hostCalls\":[]",
            "\"hostCalls\":[{\"module\":null,\"name\":null,\"times\":1}]")),
        ["run-has-no-stdout"] = ("run", Run.Replace("\"stdout\":{\"text\":\"\",\"bytes\":0,\"truncated\":false}", "\"stdout\":null")),
        ["run-has-stdout-without-text"] = ("run", Run.Replace("\"stdout\":{\"text\":\"\"", "\"stdout\":{\"text\":null")),
        ["run-has-a-phase-of-its-own"] = ("run", Run.Replace("observe", "lunch")),
        ["run-has-a-null-attachment"] = ("run", Run.Replace("\"timingsMs\"", "\"attachments\":[null],\"timingsMs\"")),
    };

    /// <summary>Serves until its stdin ends; false where there is no such behaviour.</summary>
    public static bool Serve(string behaviour)
    {
        if (!Answers.TryGetValue(behaviour, out var wrong)) return false;
        while (Console.ReadLine() is { } line)
        {
            using var request = JsonDocument.Parse(line);
            if (!request.RootElement.TryGetProperty("id", out var id)) continue;
            var method = request.RootElement.GetProperty("method").GetString()!;
            var answer = method == wrong.Method ? wrong.Answer : method switch
            {
                "initialize" => Identity,
                "resolve" => Ledger(request.RootElement.GetProperty("params")),
                _ => Run,
            };
            Console.WriteLine($$"""{"jsonrpc":"2.0","id":{{id.GetRawText()}},"result":{{answer}}}""");
        }

        return true;
    }

    private static string Ledger(JsonElement request)
    {
        var module = WasmInterfaceReader.Read(File.ReadAllBytes(request.GetProperty("module").GetProperty("path").GetString()!));
        return JsonSerializer.Serialize(new
        {
            imports = module.Imports.Select(import => new { module = import.Module, name = import.Name, provider = "host", text = "" }),
            failure = (string?)null,
            verdicts = request.GetProperty("probes").EnumerateArray().Select(_ => new { code = (string?)null, text = (string?)null }),
        });
    }
}
