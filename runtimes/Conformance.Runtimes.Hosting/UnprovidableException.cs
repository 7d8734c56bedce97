using System.Collections.Immutable;
using Conformance.Model.Modules;
using Conformance.Protocol;
using Conformance.Wasm;

namespace Conformance.Runtimes.Hosting;

/// <summary>
/// A runtime can't be given something that the manifest provides. It is not asked to run the module without: what that shows would not be
/// about the module.
/// </summary>
public sealed class UnprovidableException(string message) : Exception(message)
{
    /// <summary>
    /// For runtimes whose guests may write in all of their folders: the first that is to be read-only, in words; null where none is.
    /// </summary>
    /// <param name="preopens">What the guest is to be given.</param>
    /// <param name="host">The runtime's API.</param>
    public static string? ReadOnlyFolder(ImmutableArray<Preopen> preopens, string host) =>
        preopens.FirstOrDefault(preopen => preopen.ReadOnly) is { } preopen ? $"{host} has no read-only folders, and '{preopen.GuestPath}' is one" : null;

    /// <summary>
    /// For runtimes whose hosts provide functions only: what else the module imports that its manifest provides, in words; null where that
    /// is nothing.
    /// </summary>
    /// <param name="module">What imports.</param>
    /// <param name="definitions">What the manifest provides besides functions.</param>
    /// <param name="host">The runtime's API.</param>
    public static string? OtherThanFunctions(WasmInterface module, ImmutableArray<DefinedImport>? definitions, string host)
    {
        var defined = (definitions ?? []).Select(definition => (definition.Module, definition.Name)).ToHashSet();
        var wanted = module.Imports.Where(import => defined.Contains((import.Module, import.Name))).ToList();
        return wanted.Count == 0 ? null
            : $"{host} provides functions only, and not {string.Join(", ", wanted.Select(import => $"{import.Module}::{import.Name}"))}";
    }
}
