using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Conformance.Machine;
using Conformance.Model;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Protocol;

namespace Conformance.Runtimes.Browser;

/// <param name="Sha256">The module's.</param>
/// <param name="Imports">Its host functions.</param>
/// <param name="Loader">SHA-256 of the script that provides its imports on its page; null where it has none.</param>
/// <param name="Probes">Base64 of modules of one import each.</param>
/// <param name="Definitions">What else the host provides.</param>
internal sealed record ResolveRequest(string Sha256,
    ImmutableArray<DeclaredImport> Imports, string? Loader, ImmutableArray<string>? Probes, ImmutableArray<DefinedImport>? Definitions);

/// <summary>What went wrong on a guest's page, as the watching script tells it.</summary>
/// <param name="Phase">The page's last mark; null before the first.</param>
/// <param name="Type">The error's name.</param>
/// <param name="Message">Its words.</param>
internal sealed record PageError(string? Phase, string Type, string Message);

/// <param name="Sha256">The module's.</param>
/// <param name="Loader">As in <see cref="ResolveRequest"/>.</param>
/// <param name="Error">What is to be named.</param>
internal sealed record PageErrorRequest(string Sha256, string Loader, PageError Error);

/// <summary>When the page's marks were made, in milliseconds; null for those that were not.</summary>
internal sealed record PageMarks(double? Compile, double? Link, double? Run);

/// <param name="GuestPath">A folder's name for the guest.</param>
/// <param name="Tree">What is in it.</param>
internal sealed record FolderContents(string GuestPath, JsonObject Tree);

/// <summary>A cell as the page runs it; bytes are base64.</summary>
internal sealed record RunRequest(
    string Sha256,
    ImmutableArray<DeclaredImport> Imports,
    ImmutableArray<DefinedImport>? Definitions,
    ModuleKind Kind,
    string Entry,
    ImmutableArray<string> Args,
    ImmutableArray<string> Env,
    string Stdin,
    ImmutableArray<FolderContents> Preopens,
    string CounterUrl,
    int OutputBytes,
    string HostFunctions,
    string Wasi);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters = [typeof(KebabCase<ModuleKind>), typeof(KebabCase<HostReturn>), typeof(KebabCase<Phase>), typeof(KebabCase<Provider>)])]
[JsonSerializable(typeof(ResolveRequest))]
[JsonSerializable(typeof(PageError))]
[JsonSerializable(typeof(PageErrorRequest))]
[JsonSerializable(typeof(PageMarks))]
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
        foreach (var file in Directory.EnumerateFiles(folder))
            tree[Path.GetFileName(file)] = Convert.ToBase64String(File.ReadAllBytes(file));
        foreach (var inner in Directory.EnumerateDirectories(folder)) tree[Path.GetFileName(inner)] = Read(inner);
        return tree;
    }
}
