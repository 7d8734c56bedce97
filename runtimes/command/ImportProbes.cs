using System.Collections.Immutable;
using Conformance.Model.Observations;
using Conformance.Protocol;
using Conformance.Wasm;

namespace Conformance.Runtimes.Command;

/// <summary>What a command says of imports, each of which it is asked about once.</summary>
/// <param name="command">Has the word.</param>
internal sealed class ImportProbes(RuntimeCommand command)
{
    private static readonly FunctionType Nothing = new([], []);

    /// <summary>
    /// Imports that are asked about at once where not all link. Where all are refused, small parts ask more often; where one is, large
    /// ones.
    /// </summary>
    private const int PartSize = 16;

    /// <summary>The exit code of a process that <c>SIGKILL</c> ended.</summary>
    private const int Killed = 128 + 9;

    private readonly Dictionary<WasmImport, ProbeVerdict> _verdicts = [];

    /// <summary>
    /// What the command makes of imports that nothing is composed for: each as if it stood in a module alone. Each is asked about once.
    /// </summary>
    public IReadOnlyDictionary<WasmImport, ProbeVerdict> Ask(IEnumerable<WasmImport> imports)
    {
        var asked = imports.Distinct().ToList();
        var alone = asked.Where(import => !_verdicts.ContainsKey(import))
            .ToLookup(import => ImportModule.Write([import], enterable: true) is not null);
        foreach (var import in alone[false]) _verdicts[import] = new ProbeVerdict(OutcomeCodes.Unchecked, null);
        CheckTypes(Linking([.. alone[true]]));
        return asked.ToDictionary(import => import, import => _verdicts[import]);
    }

    /// <summary>Takes what the command said before for what it would say now.</summary>
    /// <param name="imports">Imports that nothing is composed for.</param>
    public void Learn(IEnumerable<(WasmImport Import, ProbeVerdict Verdict)> imports)
    {
        foreach (var (import, verdict) in imports) _verdicts.TryAdd(import, verdict);
    }

    /// <summary>
    /// Those that link; the others have their verdict. A start of a program takes longer than all that it says of imports, so that many are
    /// asked about at once, and alone only where their module was refused.
    /// </summary>
    private ImmutableArray<WasmImport> Linking(ImmutableArray<WasmImport> imports)
    {
        if (imports.IsEmpty || Links(imports)) return imports;
        ImmutableArray<ImmutableArray<WasmImport>> parts =
            command.Description.Each.IsEmpty ? [.. imports.Chunk(PartSize).Select(part => part.ToImmutableArray())] : [imports];
        var linking = parts.Length == 1 ? [] : Entered([.. parts.Where(part => part.Length > 1)])
            .Where(entered => entered.End.Exit == 0).SelectMany(entered => entered.Imports).ToHashSet();
        // What the command says of a module, and not of the name in it, it would say of any name.
        var alone = imports.Where(import => !linking.Contains(import)).ToList();
        var first = command.Description.Each.IsEmpty ? alone.DistinctBy(import => import.Module).ToList() : alone;
        linking.UnionWith(LinkingAlone(first));
        var unknown = first.Where(import => _verdicts.TryGetValue(import, out var its) && its.Code == OutcomeCodes.UnknownModule
            && its.Text?.Contains(import.Name, StringComparison.Ordinal) == false)
            .ToDictionary(import => import.Module, import => _verdicts[import]);
        foreach (var import in alone.Where(import => unknown.ContainsKey(import.Module))) _verdicts[import] = unknown[import.Module];
        linking.UnionWith(LinkingAlone(alone.Except(first).Where(import => !unknown.ContainsKey(import.Module))));
        return [.. imports.Where(linking.Contains)];
    }

    /// <summary>Those of imports that link when each is asked about alone; the others have their verdict.</summary>
    private List<WasmImport> LinkingAlone(IEnumerable<WasmImport> imports)
    {
        var linking = new List<WasmImport>();
        foreach (var (alone, end) in Entered([.. imports.Select(import => ImmutableArray.Create(import))]))
        {
            if (end.Exit == 0) linking.Add(alone[0]);
            else _verdicts[alone[0]] = Refusal(end);
        }

        return linking;
    }

    /// <summary>The module does nothing: where the exit code is not 0, it is the command that says so.</summary>
    private ProbeVerdict Refusal(CommandEnd end) => CommandFailures.Find(command.Description, end) is { } found
        ? new ProbeVerdict(found.Outcome.Code, found.Text)
        : new ProbeVerdict(OutcomeCodes.Unmapped,
            RuntimeCommand.FirstLine(end.Stderr.Text.Length > 0 ? end.Stderr.Text : end.Stdout.Text));

    /// <summary>A function that links with a type that it can't have is one that nobody looks at the type of.</summary>
    private void CheckTypes(ImmutableArray<WasmImport> linking)
    {
        var others = linking.Where(import => import.Type is FunctionType).ToDictionary(
            import => import, import => import with
            {
                Type = (FunctionType)import.Type == Nothing ? new FunctionType(["f64"], ["f64"]) : Nothing,
            });
        var distinct = others.Values.Distinct().ToImmutableArray();
        var unchecking = distinct.Length > 1 && Links(distinct) ? [.. distinct] : Entered([.. distinct.Select(ImmutableArray.Create)])
            .Where(entered => entered.End.Exit == 0).Select(entered => entered.Imports[0]).ToHashSet();
        foreach (var import in linking)
        {
            var isUnchecked = others.TryGetValue(import, out var other) && unchecking.Contains(other);
            _verdicts[import] = new ProbeVerdict(isUnchecked ? OutcomeCodes.Unchecked : null, null);
        }
    }

    private bool Links(ImmutableArray<WasmImport> imports) => Entered([imports])[0].End.Exit == 0;

    /// <summary>A process that somebody killed has said nothing of its module: it is asked once more.</summary>
    private CommandEnd EndOf(string path)
    {
        var end = command.Run(CommandRun.Plain(path), null, null);
        return end.Exit == Killed ? command.Run(CommandRun.Plain(path), null, null) : end;
    }

    /// <summary>
    /// What becomes of modules that do nothing but import: in one process where the command has a way, else side by side, one for each
    /// processor.
    /// </summary>
    /// <param name="modules">The imports of each; each can be written alone.</param>
    private ImmutableArray<(ImmutableArray<WasmImport> Imports, CommandEnd End)> Entered(
        ImmutableArray<ImmutableArray<WasmImport>> modules)
    {
        if (modules.IsEmpty) return [];
        var folder = Directory.CreateDirectory(Path.Combine(command.Folder, $"probes-{Guid.NewGuid():n}"));
        try
        {
            var paths = modules.Select((_, at) => Path.Combine(folder.FullName, $"probe-{at}.wasm")).ToImmutableArray();
            foreach (var (path, imports) in paths.Zip(modules)) File.WriteAllBytes(path, ImportModule.Write(imports, enterable: true)!);
            var ends = (modules.Length > 1 ? command.RunEach(paths) : null)
                ?? [.. paths.AsParallel().AsOrdered().WithDegreeOfParallelism(Environment.ProcessorCount)
                    .Select(EndOf)];
            return [.. modules.Zip(ends)];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
