using System.Collections.Immutable;
using System.Text;
using Conformance.Engine;
using Conformance.Engine.Planning;
using Conformance.Engine.Updating;
using Conformance.Machine;
using Conformance.Model;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Conformance.Model.Runtimes;
using DiffPlex.Renderer;

namespace Conformance.Cli;

/// <summary>Writes what a run observed into the manifests, and shows what it changed.</summary>
/// <param name="plan">What is run.</param>
/// <param name="runtimes">All runtimes that there are.</param>
/// <param name="grounds">For departures that are new; null where none were given, and then no manifest is written that needs them.</param>
internal sealed class ManifestUpdater(Plan plan, ImmutableArray<RuntimeManifest> runtimes, Grounds? grounds)
{
    private const int ContextLines = 3;

    /// <returns>As expected where the same observations would be it now.</returns>
    public ExitCode Update(HeaderLine header, IReadOnlyCollection<CellLine> cells, IReadOnlyCollection<Agreement> agreements)
    {
        var updates = ExpectationUpdate.Create(plan, runtimes, header, cells, agreements, grounds ?? Grounds.Wanted);
        var wanted = new List<string>();
        foreach (var update in updates.Where(update => update.After != update.Before))
        {
            var file = Shown(update.Path);
            Console.WriteLine();
            Console.Write(UnidiffRenderer.GenerateUnidiff(update.Before,
                update.After, file, file, ignoreWhitespace: false, ignoreCase: false, ContextLines));
            if (grounds is null && !update.NeedsReason.IsEmpty) wanted.AddRange(update.NeedsReason);
            else Write(update);
        }

        foreach (var left in updates.SelectMany(update => update.Left)) Console.WriteLine($"left as it is: {left}");
        if (wanted.Count > 0)
        {
            throw new CommandException(ExitCode.WrongUsage,
                $"not written, for a departure needs grounds: say --reason and --link for {string.Join(", ", wanted)}");
        }

        return updates.Any(update => !update.Left.IsEmpty) ? ExitCode.Unexpected : ExitCode.AsExpected;
    }

    private static void Write(ManifestUpdate update)
    {
        try
        {
            WholeFile.Write(update.Path, Encoding.UTF8.GetBytes(update.After));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Environment, $"{update.Path} can't be written: {e.Message}", e);
        }

        Console.WriteLine($"written: {Shown(update.Path)}");
    }

    /// <summary>From the current folder where it is below it.</summary>
    private static string Shown(string path) => Path.GetRelativePath(Environment.CurrentDirectory, path) is var below
        && below.StartsWith("..", StringComparison.Ordinal) ? path : below;
}
