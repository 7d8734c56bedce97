using Conformance.Engine.Imports;
using Conformance.Engine.Origins;
using Conformance.Model.Modules;
using Conformance.Wasm;

namespace Conformance.Engine.Trying;

/// <summary>How a module is entered, as its own imports and exports say.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">The exported function to call.</param>
/// <seealso href="https://github.com/WebAssembly/WASI/blob/main/legacy/application-abi.md"/>
internal sealed record TriedEntry(ModuleKind Kind, string Name)
{
    private const string Start = "_start", Initialize = "_initialize";

    /// <param name="input">The module.</param>
    /// <param name="invoke">The function that was named; null where none was.</param>
    /// <param name="stub">Whether it is to do without the host that it was made for.</param>
    /// <exception cref="InputException">It lives in a page, or there is no such function, or no single one.</exception>
    public static TriedEntry Find(ModuleInput input, string? invoke, bool stub)
    {
        // It will hardly come to that.
        if (!input.IsRead) return new TriedEntry(ModuleKind.WasiCommand, invoke ?? Start);
        var module = input.Interface;
        if (!stub && PageOf(module) is { } page) throw new InputException($"{input.Path}: {page}");
        var functions = module.Exports.Where(export => export.Type is FunctionType)
            .Select(export => (export.Name, Type: (FunctionType)export.Type)).ToList();
        var reactor = functions.Exists(function => function.Name == Initialize)
            || module.Imports.Any(import => import.Module.StartsWith("wasi", StringComparison.Ordinal))
                ? ModuleKind.WasiReactor : ModuleKind.Freestanding;
        if ((invoke ?? Start) == Start && functions.Exists(function => function.Name == Start))
            return new TriedEntry(ModuleKind.WasiCommand, Start);
        var callable = functions.Where(function => function.Type.Parameters.IsEmpty && function.Name != Initialize).ToList();
        if (invoke is null)
        {
            return callable.Count == 1 ? new TriedEntry(reactor, callable[0].Name)
                : throw new InputException($"{input.Path}: say which function to call: --invoke NAME; {Exported(callable)}");
        }

        if (functions.Find(function => function.Name == invoke) is not { Type: { } type })
            throw new InputException($"{input.Path} exports no function {TextName.Plain(invoke)}; {Exported(callable)}");
        return type.Parameters.IsEmpty ? new TriedEntry(reactor, invoke)
            : throw new InputException($"{input.Path}: {TextName.Plain(invoke)} is {type}, and only functions without parameters can be called");
    }

    private static string Exported(List<(string Name, FunctionType Type)> callable) => callable.Count == 0
        ? "it exports no function without parameters"
        : $"without parameters it exports {string.Join(", ", callable.Select(function => TextName.Plain(function.Name)))}";

    /// <summary>Why only a page could run a module, in words; null where that is not so.</summary>
    private static string? PageOf(WasmInterface module) => module.Imports
        .Select(import => ImportOrigins.Find(import, module) is { IsPage: true } page
            ? $"made for a page: {ImportNames.Format(import.Module, import.Name)} is of {page.Who}; {page.Remedy}; --stub tries it without" : null)
        .FirstOrDefault(words => words is not null);
}
