using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Conformance.Model;
using Conformance.Model.Modules;
using Conformance.Model.Observations;

namespace Conformance.Runtimes.Browser;

/// <summary>A host function as the page makes it; <paramref name="Result"/> is the declared result's type, or null.</summary>
internal sealed record HostFunction(string Module, string Name, string Method, string Path, HostReturn Returns, string? Result);

internal sealed record ResolveRequest(string Sha256, ImmutableArray<HostFunction> Imports);

internal sealed record ResolveAnswer(ImmutableArray<string>? Providers, string? Failure);

/// <summary>A cell as the page runs it; bytes are base64.</summary>
internal sealed record RunRequest(
    string Sha256,
    ImmutableArray<HostFunction> Imports,
    ModuleKind Kind,
    string Entry,
    ImmutableArray<string> Args,
    ImmutableArray<string> Env,
    string Stdin,
    Dictionary<string, JsonObject> Preopens,
    string CounterUrl,
    int OutputBytes,
    string HostFunctions);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters = [typeof(KebabCase<ModuleKind>), typeof(KebabCase<HostReturn>), typeof(KebabCase<Phase>)])]
[JsonSerializable(typeof(ResolveRequest))]
[JsonSerializable(typeof(ResolveAnswer))]
[JsonSerializable(typeof(RunRequest))]
[JsonSerializable(typeof(RunResult))]
internal sealed partial class RunnerJson : JsonSerializerContext;

/// <summary>A cell's folder as the page gets it: names, with base64 for a file and an object for a folder.</summary>
internal static class FixtureTree
{
    public static JsonObject Read(string folder)
    {
        var tree = new JsonObject();
        foreach (var file in Directory.EnumerateFiles(folder)) tree[Path.GetFileName(file)] = Convert.ToBase64String(File.ReadAllBytes(file));
        foreach (var inner in Directory.EnumerateDirectories(folder)) tree[Path.GetFileName(inner)] = Read(inner);
        return tree;
    }
}
