using System.Collections.Immutable;
using Conformance.Engine;
using Conformance.Engine.Imports;
using Conformance.Engine.Running;
using Conformance.Reporting.Terminal;
using Conformance.Wasm;
using Spectre.Console;

namespace Conformance.Cli;

/// <summary>Which functions of a module call an import: what <c>--why</c> shows.</summary>
/// <param name="Name">The import's, as people read it.</param>
/// <param name="Ways">See <see cref="CallGraph.WaysTo"/>.</param>
internal sealed record ImportWays(string Name, ImmutableArray<ImmutableArray<string>> Ways)
{
    /// <summary>More than these are counted.</summary>
    private const int Shown = 8;

    /// <param name="path">The module's file.</param>
    /// <param name="imports">Each as <c>module::name</c>, as it is or as the table shows it.</param>
    /// <exception cref="CommandException">The module has no such import.</exception>
    /// <exception cref="ConformanceException">The file is no module, or its code can't be read.</exception>
    public static ImmutableArray<ImportWays> Find(string path, string[] imports)
    {
        if (imports.Length == 0) return [];
        var (module, graph) = ImportSurvey.ReadCode(path);
        return [.. imports.Select(import => Find(path, import, module, graph))];
    }

    private static ImportWays Find(string path, string import, WasmInterface module, CallGraph graph)
    {
        var places = module.Imports.Index().Where(its => $"{its.Item.Module}::{its.Item.Name}" == import
            || ImportNames.Of(its.Item.Module, its.Item.Name) == import).ToList();
        if (places.Count == 0)
            throw new CommandException(ExitCode.WrongUsage, $"--why {TextName.Seen(import)}: {path} imports nothing of that name");
        return new ImportWays(ImportNames.Of(places[0].Item.Module, places[0].Item.Name),
            [.. places.SelectMany(its => graph.WaysTo(its.Index))]);
    }

    public void Write(IAnsiConsole console)
    {
        console.WriteLine();
        console.WriteFolded(Ways.IsEmpty ? $"{Name}: no function of the module calls it" : $"{Name} is called by");
        foreach (var way in Ways.Take(Shown)) console.WriteFolded($"  {string.Join(" → ", way)}");
        if (Ways.Length > Shown) console.WriteFolded($"  and {Ways.Length - Shown} more");
    }
}
