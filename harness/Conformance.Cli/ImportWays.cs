using System.Collections.Immutable;
using Conformance.Engine;
using Conformance.Engine.Imports;
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

    /// <param name="input">The module.</param>
    /// <param name="imports">Each as <c>module::name</c>, as it is or as the table shows it.</param>
    /// <exception cref="CommandException">The module has no such import.</exception>
    /// <exception cref="ConformanceException">Its code can't be read.</exception>
    public static ImmutableArray<ImportWays> Find(ModuleInput input, string[] imports)
    {
        if (imports.Length == 0) return [];
        var calls = input.ReadCalls();
        return [.. imports.Select(import => Find(input, import, calls))];
    }

    private static ImportWays Find(ModuleInput input, string import, CallGraph calls)
    {
        var places = input.Interface.Imports.Index().Where(its => $"{its.Item.Module}::{its.Item.Name}" == import
            || ImportNames.Format(its.Item.Module, its.Item.Name) == import).ToList();
        if (places.Count == 0)
            throw new CommandException(ExitCode.WrongUsage, $"--why {TextName.Seen(import)}: {input.Path} imports nothing of that name");
        return new ImportWays(ImportNames.Format(places[0].Item.Module, places[0].Item.Name),
            [.. places.SelectMany(its => calls.WaysTo(its.Index))]);
    }

    public void Write(IAnsiConsole console)
    {
        console.WriteLine();
        console.WriteFolded(Ways.IsEmpty ? $"{Name}: no function of the module calls it" : $"{Name} is called by");
        foreach (var way in Ways.Take(Shown)) console.WriteFolded($"  {string.Join(" → ", way)}");
        if (Ways.Length > Shown) console.WriteFolded($"  and {Ways.Length - Shown} more");
    }
}
