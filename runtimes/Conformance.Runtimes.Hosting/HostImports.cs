using System.Collections.Immutable;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Wasm;

namespace Conformance.Runtimes.Hosting;

/// <summary>
/// An import that the manifest fulfils by a function, with the function's type: what the manifest fixes, or what the module declares.
/// </summary>
public sealed record FulfilledImport(WasmImport Import, FunctionType Type, DeclaredImport Host);

/// <summary>Which of a module's imports the manifest's host functions fulfil, and who provides the others.</summary>
public static class HostImports
{
    /// <summary>
    /// Imports that the manifest fulfils by a function, each once. Where the manifest fixes no type, those whose declared type a host
    /// function can have.
    /// </summary>
    /// <param name="module">What declares them.</param>
    /// <param name="hosts">The manifest's.</param>
    /// <param name="knows">Whether the runtime's API has a name for a value type.</param>
    public static IEnumerable<FulfilledImport> Fulfilled(WasmInterface module,
        ImmutableArray<DeclaredImport> hosts, Func<string, bool> knows) =>
        from import in module.Imports.Distinct()
        let host = Named(hosts, import)
        where host is not null
        let type = host.Type is { } its ? ExternTypeText.Function(its) : import.Type as FunctionType
        where type is not null && HostFunctions.Fits(type) && type.Parameters.Concat(type.Results).All(knows)
        select new FulfilledImport(import, type, host);

    /// <summary>
    /// Imports of another kind under a host function's name: the engine is given a function all the same, so that it says in its own words
    /// why that does not fit.
    /// </summary>
    public static IEnumerable<WasmImport> Mismatched(WasmInterface module, ImmutableArray<DeclaredImport> hosts) =>
        module.Imports.Distinct().Where(import => import.Type is not FunctionType && Named(hosts, import) is { Type: null });

    /// <summary>
    /// Why the first function that is to be fulfilled can't be: the runtime's API can't pass its values. Null where all can. What engines
    /// make of such a function instead goes as far as ending the process.
    /// </summary>
    /// <param name="imports">What a module declares.</param>
    /// <param name="hosts">The manifest's.</param>
    /// <param name="knows">As for <see cref="Fulfilled"/>.</param>
    public static string? Unprovidable(ImmutableArray<WasmImport> imports,
        ImmutableArray<DeclaredImport> hosts, Func<string, bool> knows)
    {
        foreach (var import in imports)
        {
            if (Named(hosts, import) is not { } host) continue;
            var type = host.Type is { } its ? ExternTypeText.Function(its) : import.Type as FunctionType;
            if (type is null || (HostFunctions.Fits(type) && type.Parameters.Concat(type.Results).All(knows))) continue;
            var why = type.Results.Length > 1 ? "it returns several values"
                : type.Results is [var result] && !HostFunctions.IsNumber(result) ? $"it returns a {result}, and a host function a number"
                : $"no {type.Parameters.First(parameter => !knows(parameter))} can be passed to a host function";
            return $"{import.Module}::{import.Name} {type}: {why}";
        }

        return null;
    }

    /// <summary>The answers to <c>resolve</c>, one for each entry of the import section.</summary>
    /// <param name="module">What declares them.</param>
    /// <param name="request">Its host functions, and what else the manifest provides.</param>
    /// <param name="knows">As for <see cref="Fulfilled"/>.</param>
    /// <param name="found">What the runtime itself defines under an import's name, in its own words for the type; null where it defines
    /// nothing.</param>
    public static ImmutableArray<ImportAnswer> Answers(WasmInterface module,
        ResolveParams request, Func<string, bool> knows, Func<WasmImport, ExternType?> found)
    {
        var served = Fulfilled(module, request.Imports, knows).Select(fulfilled => fulfilled.Import).ToHashSet();
        var defined = (request.Definitions ?? []).Select(definition => (definition.Module, definition.Name)).ToHashSet();
        return [.. module.Imports.Select(import => Answer(import,
            served.Contains(import) || defined.Contains((import.Module, import.Name)), Named(request.Imports, import) is not null, found))];
    }

    private static ImportAnswer Answer(WasmImport import, bool served, bool named, Func<WasmImport, ExternType?> found)
    {
        var (provider, text) = served ? (Provider.Host, null)
            : named && import.Type is FunctionType ? (Provider.Host, null) // which can't be given: its verdict says why
            : named ? (Provider.Mismatch, "func, as a host function")
            : found(import) switch
            {
                null => (Provider.Missing, null),
                var type when type == import.Type =>
                    (import.Module.StartsWith("wasi", StringComparison.Ordinal) ? Provider.Wasi : Provider.Runtime, null),
                var type => (Provider.Mismatch, $"{type.Kind.ToString().ToLowerInvariant()} {type}"),
            };
        return new ImportAnswer(import.Module, import.Name, provider, text);
    }

    private static DeclaredImport? Named(ImmutableArray<DeclaredImport> hosts, WasmImport import) =>
        hosts.FirstOrDefault(h => h.Module == import.Module && h.Name == import.Name);
}
