using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Conformance.Model;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Protocol;

namespace Conformance.Runtimes.Browser;

internal sealed record ResolveRequest(string Sha256, ImmutableArray<DeclaredImport> Imports);

/// <summary>A cell as the page runs it; bytes are base64.</summary>
internal sealed record RunRequest(
    string Sha256,
    ImmutableArray<DeclaredImport> Imports,
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
    Converters = [typeof(KebabCase<ModuleKind>), typeof(KebabCase<HostReturn>), typeof(KebabCase<Phase>), typeof(KebabCase<Provider>)])]
[JsonSerializable(typeof(ResolveRequest))]
[JsonSerializable(typeof(ResolveResult))]
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
