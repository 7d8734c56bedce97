using Conformance.Machine;
using Conformance.Manifests;
using Conformance.Model.Modules;
using Wasmtime;

namespace Conformance.Tests.Runtimes;

/// <summary>Small guests written for one test each, with manifests like any other.</summary>
internal static class Guests
{
    /// <param name="folder">Gets <c>modules/{id}</c>.</param>
    /// <param name="id">The module's.</param>
    /// <param name="text">In the text format.</param>
    /// <param name="kind">As the manifest has it.</param>
    /// <param name="rest">The manifest from its imports on; a scenario that expects nothing where it is null.</param>
    public static ModuleManifest FromText(TemporaryFolder folder,
        string id, string text, string kind = "wasi-command", string? rest = null) =>
        FromBytes(folder, id, Module.ConvertText(text), kind, rest);

    public static ModuleManifest FromBytes(TemporaryFolder folder,
        string id, byte[] bytes, string kind = "wasi-command", string? rest = null)
    {
        var text = new GuestManifest($"{id}.wasm", Sha256.Hex(bytes))
        {
            Title = id,
            Kind = kind,
            Tables = rest ?? GuestManifest.OneScenario,
        };
        var manifest = folder.Write($"modules/{id}/module.toml", text.ToString());
        File.WriteAllBytes(folder.Sub("modules", id, $"{id}.wasm"), bytes);
        return ModuleManifestReader.Read(manifest);
    }
}
