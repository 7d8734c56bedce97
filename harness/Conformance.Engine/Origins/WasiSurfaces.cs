using System.Collections.Immutable;
using Conformance.Wasm;

namespace Conformance.Engine.Origins;

/// <summary>The functions that WASI's namespaces have, with their types: what an atlas asks runtimes about.</summary>
public static class WasiSurfaces
{
    /// <summary>The namespaces, oldest first.</summary>
    public static ImmutableArray<string> Namespaces { get; } = ["wasi_unstable", "wasi_snapshot_preview1", "wasix_32v1"];

    /// <summary>All functions of a namespace, as imports. They are kept in <c>surfaces/</c>, with where they come from.</summary>
    /// <param name="name">One of <see cref="Namespaces"/>.</param>
    public static ImmutableArray<WasmImport> Read(string name)
    {
        using var stream = typeof(WasiSurfaces).Assembly.GetManifestResourceStream($"surfaces/{name}.txt")
            ?? throw new ArgumentException($"no surface is known of {name}", nameof(name));
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#')
            .Select(line => line.Split(' ', 2)).Select(parts => new WasmImport(name, parts[0], ExternTypeText.Function(parts[1])!))];
    }
}
