using System.Collections.Immutable;
using Conformance.Engine.Imports;
using Conformance.Engine.Origins;
using Conformance.Engine.Running;
using Conformance.Reporting.Terminal;
using Conformance.Wasm;
using Spectre.Console;

namespace Conformance.Cli;

/// <summary>
/// Who normally provides what some runtime refused, who does so here, and what to do. What was just seen comes before what is known: a
/// runtime that refuses an import is nobody's advice for it.
/// </summary>
/// <param name="input">The module.</param>
/// <param name="answers">What the runtimes said.</param>
internal sealed class ImportExplanation(ModuleInput input, ImmutableArray<SurveyedRuntime> answers)
{
    public void Write(IAnsiConsole console)
    {
        var refused = input.Interface.Imports.Distinct().Where(import => RefusingRuntimes(import).Any()).ToList();
        foreach (var same in refused.GroupBy(import => ImportOrigins.Find(import, input.Interface)))
        {
            console.WriteLine();
            var names = string.Join(", ", same.Select(import => ImportNames.Format(import.Module, import.Name)).Distinct());
            if (same.Key is not { } origin)
            {
                console.WriteFolded(
                    $"{names}: no convention is known; declare it in the module's manifest, if it is the embedding program's");
                continue;
            }

            console.WriteFolded($"{names}: {origin.Who}");
            var refusing = same.SelectMany(RefusingRuntimes).ToHashSet();
            console.WriteFolded($"  here: {Here(refusing)}");
            console.WriteFolded($"  what to do: {origin.Remedy}");
            foreach (var host in origin.Hosts.Where(host => host.Runtime is null || !refusing.Contains(host.Runtime)))
                console.WriteFolded($"  {host.Host}: {Filled(host.Do, same.First())}");
            console.WriteFolded($"  {origin.Link}");
        }
    }

    private IEnumerable<string> RefusingRuntimes(WasmImport import) => answers.Where(answer => answer.Refused.Any(row =>
        row.Module == import.Module && row.Name == import.Name && row.Type == import.Type.ToString())).Select(answer => answer.Runtime);

    /// <summary>Who provides all of them.</summary>
    private string Here(HashSet<string> refusing)
    {
        var providing = answers.Where(answer => answer.Unavailable is null && answer.Failure is null && !answer.Imports.IsEmpty
            && !refusing.Contains(answer.Runtime)).Select(answer => answer.Runtime).ToList();
        return providing.Count == 0 ? "no runtime that was asked provides it" : $"provided by {string.Join(", ", providing)}";
    }

    private string Filled(string line, WasmImport import) => line
        .Replace("{file}", TextName.Plain(Path.GetFileName(input.Path)), StringComparison.Ordinal)
        .Replace("{module}", TextName.Quoted(import.Module), StringComparison.Ordinal)
        .Replace("{name}", TextName.Quoted(import.Name), StringComparison.Ordinal);
}
