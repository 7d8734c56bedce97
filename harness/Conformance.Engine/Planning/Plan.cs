using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Conformance.Machine;
using Conformance.Manifests;
using Conformance.Model.Counters;
using Conformance.Model.Modules;
using Conformance.Model.Reports;
using Conformance.Model.Runtimes;
using DotNet.Globbing;

namespace Conformance.Engine.Planning;

/// <summary>Globs over ids; an empty list takes everything.</summary>
public sealed record CellFilter(ImmutableArray<string> Modules, ImmutableArray<string> Runtimes, ImmutableArray<string> Scenarios)
{
    /// <summary>Leaves nothing out.</summary>
    public static CellFilter Everything { get; } = new([], [], []);
}

/// <summary>The cells of a run, module by module.</summary>
/// <param name="Modules">The modules that have cells.</param>
/// <param name="Runtimes">The runtimes that have cells.</param>
/// <param name="Cells">Every cell.</param>
public sealed record Plan(ImmutableArray<ModuleManifest> Modules, ImmutableArray<RuntimeManifest> Runtimes, ImmutableArray<Cell> Cells)
{
    /// <summary>Which part of a larger plan this is; null where it is a whole one.</summary>
    public ShardInfo? Shard { get; private init; }

    /// <summary>Reads the manifests below two folders and plans their cells.</summary>
    /// <param name="modulesFolder">The guests.</param>
    /// <param name="runtimesFolder">The runtimes.</param>
    /// <param name="filter">Which of them to take.</param>
    /// <param name="begin">
    /// What can begin as soon as the runtimes are known that the plan will have, while the guests are still read, of which there may be
    /// many; the plan may come to nothing then.
    /// </param>
    /// <exception cref="ManifestException">Any manifest is wrong.</exception>
    /// <exception cref="ConformanceException">A filter matches nothing.</exception>
    public static Plan Load(string modulesFolder, string runtimesFolder, CellFilter filter,
        Action<ImmutableArray<RuntimeManifest>>? begin = null)
    {
        List<ManifestProblem> ofRuntimes = [], ofModules = [];
        var runtimes = Collect(() => RuntimeManifestReader.ReadAll(runtimesFolder), ofRuntimes);
        Glob[] globs = [.. filter.Runtimes.Select(Glob.Parse)];
        begin?.Invoke([.. runtimes.Where(runtime => globs.Length == 0 || globs.Any(glob => glob.IsMatch(runtime.Id)))]);
        var modules = Collect(() => ModuleManifestReader.ReadAll(modulesFolder), ofModules);
        if (ofModules.Count + ofRuntimes.Count > 0) throw new ManifestException([.. ofModules, .. ofRuntimes]);
        return Make(modules, runtimes, filter);
    }

    /// <param name="modules">All modules.</param>
    /// <param name="runtimes">All runtimes.</param>
    /// <param name="filter">Which of them to take.</param>
    /// <exception cref="ConformanceException">A filter matches nothing, or a manifest names a runtime that does not exist.</exception>
    public static Plan Make(ImmutableArray<ModuleManifest> modules, ImmutableArray<RuntimeManifest> runtimes, CellFilter filter)
    {
        ImmutableArray<string> here = [.. runtimes.Select(runtime => runtime.Id)];
        // Declarations may be about runtimes of this installation that somebody's own folder does not have.
        ImmutableArray<string> known = [.. here.Union(RuntimeManifestReader.Ids(Installation.Find().Runtimes))];
        foreach (var (module, scenario) in modules.SelectMany(module => module.Scenarios.Select(scenario => (module, scenario))))
        {
            CheckDifferences(module, scenario, here, known);
            CheckSplits(module, scenario, here, known);
        }

        var chosenModules = Choose("module", filter.Modules, modules, m => m.Id);
        var chosenRuntimes = ChooseRuntimes(runtimes, filter.Runtimes);
        var scenarioIds = chosenModules.SelectMany(m => m.Scenarios).Select(s => s.Id).Distinct().ToImmutableArray();
        var chosenScenarios = Choose("scenario", filter.Scenarios, scenarioIds, s => s).ToHashSet(StringComparer.Ordinal);
        ImmutableArray<Cell> cells =
        [
            .. from module in chosenModules
               from scenario in module.Scenarios
               where chosenScenarios.Contains(scenario.Id)
               from runtime in chosenRuntimes
               select new Cell(module, scenario, runtime),
        ];
        if (cells.IsEmpty) throw new InputException("there is no cell to run: no module has a scenario");
        return new Plan([.. cells.Select(c => c.Module).Distinct()], [.. cells.Select(c => c.Runtime).Distinct()], cells);
    }

    /// <summary>
    /// One part of this plan. A scenario's cells stay together, so that each part knows its agreements; the parts take the scenarios in
    /// turn, so that neighbours, which are often alike, spread. A part may be empty, where there are more parts than scenarios.
    /// </summary>
    public Plan Part(Shard shard)
    {
        var rows = Cells.Select(cell => (cell.Module.Id, cell.Scenario.Id))
            .Distinct().Index().Where(row => row.Index % shard.Count == shard.Index - 1).Select(row => row.Item).ToHashSet();
        ImmutableArray<Cell> cells = [.. Cells.Where(cell => rows.Contains((cell.Module.Id, cell.Scenario.Id)))];
        var ids = Sha256.Hex(string.Join('\n', Cells.Select(cell => cell.Id)));
        return new Plan([.. cells.Select(c => c.Module).Distinct()], Runtimes, cells)
        {
            Shard = new ShardInfo(shard.Index, shard.Count, Cells.Length, ids),
        };
    }

    /// <summary>The runtimes that any of some globs matches; all where there is none.</summary>
    /// <exception cref="ConformanceException">A glob matches nothing.</exception>
    public static ImmutableArray<RuntimeManifest> ChooseRuntimes(ImmutableArray<RuntimeManifest> runtimes, ImmutableArray<string> globs) =>
        Choose("runtime", globs, runtimes, r => r.Id);

    /// <summary>An entry that no cell can meet would be a declaration that nobody checks.</summary>
    private static void CheckDifferences(ModuleManifest module,
        Scenario scenario, ImmutableArray<string> here, ImmutableArray<string> known)
    {
        for (var i = 0; i < scenario.Differences.Length; i++)
        {
            var when = scenario.Differences[i].When;
            var matched = known.Where(id => Glob.Parse(when.Runtime).IsMatch(id)).ToList();
            var entry = $"{module.ManifestPath}:{scenario.Differences[i].Line}: scenario {scenario.Id}: the difference for runtime \"{when.Runtime}\"";
            if (matched.Count == 0) throw new InputException($"{entry} matches none of {Known(here)}");
            var earlier = scenario.Differences[..i].Select(d => d.When).Where(e =>
                (e.RuntimeVersion is null || e.RuntimeVersion == when.RuntimeVersion)
                    && (e.Os is null || e.Os == when.Os) && (e.ServerVariant is null || e.ServerVariant == when.ServerVariant)).ToList();
            if (matched.All(id => earlier.Any(e => Glob.Parse(e.Runtime).IsMatch(id))))
                throw new InputException($"{entry} never counts: those before it fit all of its cells, and the first that fits counts");
        }
    }

    /// <summary>
    /// A split must say of every runtime where it is, in some version at least, and a group that no runtime can be in would be one that
    /// nobody checks.
    /// </summary>
    private static void CheckSplits(ModuleManifest module, Scenario scenario, ImmutableArray<string> here, ImmutableArray<string> known)
    {
        for (var i = 0; i < scenario.Splits.Length; i++)
        {
            var split = scenario.Splits[i];
            var entry = $"{module.ManifestPath}:{split.Line}: scenario {scenario.Id}: the split";
            var left = here.Where(id => !split.Groups.Any(group => Names(group, id))).ToList();
            if (left.Count > 0) throw new InputException($"{entry} has {string.Join(", ", left)} in no group");
            for (var group = 0; group < split.Groups.Length; group++)
            {
                // Those that an earlier group takes in every version are not left for this one.
                var taken = split.Groups[..group].SelectMany(members => members)
                    .Where(member => member.RuntimeVersion is null).ToImmutableArray();
                if (!known.Any(id => Names(split.Groups[group], id) && !Names(taken, id)))
                    throw new InputException($"{entry} has a group [{string.Join(", ", split.Groups[group].Select(member => member.Runtime))}] that none of {Known(here)} can be in");
            }

            if (scenario.Splits[..i]
                .Any(e => (e.Os is null || e.Os == split.Os) && (e.ServerVariant is null || e.ServerVariant == split.ServerVariant)))
            {
                throw new InputException($"{entry} never counts: one before it fits wherever it does, and the first that fits counts");
            }
        }
    }

    private static bool Names(ImmutableArray<Conditions> members, string runtime) =>
        members.Any(member => Glob.Parse(member.Runtime).IsMatch(runtime));

    private static ImmutableArray<T> Choose<T>(string noun, ImmutableArray<string> patterns, ImmutableArray<T> from, Func<T, string> id)
    {
        if (patterns.IsEmpty) return from;
        var chosen = new HashSet<T>();
        foreach (var pattern in patterns)
        {
            var glob = Glob.Parse(pattern);
            var matched = from.Where(item => glob.IsMatch(id(item))).ToList();
            if (matched.Count == 0) throw new InputException($"no {noun} matches \"{pattern}\"; there are {Known(from.Select(id))}");
            chosen.UnionWith(matched);
        }

        return [.. from.Where(chosen.Contains)];
    }

    private static string Known(IEnumerable<string> ids) =>
        string.Join(", ", ids.Order(StringComparer.Ordinal)) is { Length: > 0 } known ? known : "none";

    private static ImmutableArray<T> Collect<T>(Func<ImmutableArray<T>> read, List<ManifestProblem> problems)
    {
        try
        {
            return read();
        }
        catch (ManifestException e)
        {
            problems.AddRange(e.Problems);
            return [];
        }
    }
}
