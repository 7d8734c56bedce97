using System.Collections.Concurrent;
using System.Collections.Immutable;
using Conformance.Machine;
using Conformance.Model;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;
using Conformance.Wasm;

namespace Conformance.Runtimes.Command;

/// <summary>The command of one runtime on this machine: what it is, and what it says of modules as they are.</summary>
internal sealed class RuntimeCommand : IDisposable
{
    private static readonly FunctionType Nothing = new([], []);

    /// <summary>
    /// Imports that are asked about at once where not all link. Where all are refused, small parts ask more often; where one is, large
    /// ones.
    /// </summary>
    private const int PartSize = 16;

    private readonly ConcurrentDictionary<WasmImport, ProbeVerdict> _verdicts = [];
    private readonly Dictionary<string, Ending?> _refusals = new(StringComparer.Ordinal);
    private readonly CommandProcess _process;
    private readonly string _here;
    private readonly string? _cacheFolder;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conformance-command-");

    private RuntimeCommand(CommandDescription description,
        string here, CommandProgram program, string version, ImmutableArray<SearchedPlace> places, WorkerLimits limits, string? cacheFolder)
    {
        (Description, _here, Version, Places) = (description, here, version, places);
        Library = LoadedLibraries.Hash(program.Path);
        _process = new CommandProcess(program, limits.OutputBytes);
        _cacheFolder = cacheFolder is null ? null : Path.Combine(cacheFolder, $"command-{Library.Sha256[..16]}");
    }

    public CommandDescription Description { get; }

    public string Version { get; }

    /// <summary>The program.</summary>
    public LibraryHash Library { get; }

    /// <summary>Where it was looked for.</summary>
    public ImmutableArray<SearchedPlace> Places { get; }

    /// <summary>For the files of this worker.</summary>
    public string Folder => _folder.FullName;

    /// <param name="manifest">The runtime's.</param>
    /// <param name="request">Limits and the cache.</param>
    /// <exception cref="RuntimeUnavailableException">The command is not there.</exception>
    /// <exception cref="RuntimeMisdescribedException">It does not tell its version as the manifest says.</exception>
    public static RuntimeCommand Find(RuntimeManifest manifest, InitializeParams request)
    {
        var description = manifest.Command!;
        var here = Path.GetDirectoryName(manifest.ManifestPath)!;
        var places = CommandProgram.Places(description, here, request.ReleaseFolder);
        if (places.FirstOrDefault(place => place.Found)?.Path is not { } file)
            throw new RuntimeUnavailableException($"'{description.Program}' is not {(description.Program.StartsWith('.') ? "there" : "on PATH")} ({description.Places["program"]})", null);

        var program = CommandProgram.At(file, request.ReleaseFolder);
        ToolRun said;
        try
        {
            said = ToolRun.Run(program.Path, CommandArguments.Fill(description.Version, here), program.Environment);
        }
        catch (IOException e)
        {
            throw new RuntimeUnavailableException($"it can't be started: {e.Message} ({description.Places["program"]})", null);
        }

        foreach (var text in new[] { said.Output, said.Errors })
        {
            if (CommandFailures.Match(description.VersionPattern, text) is not { Success: true } match) continue;
            var version = match.Groups["version"] is { Success: true } group ? group.Value : match.Value;
            return new RuntimeCommand(description, here, program, version, places, request.Limits, request.CacheFolder);
        }

        var key = description.Places.ContainsKey("version-pattern") ? "version-pattern" : "version";
        throw new RuntimeMisdescribedException(
            $"{description.Places[key]}: no version is found in what '{string.Join(' ', description.Version.Prepend(description.Program))}' prints (exit code {said.Exit}): \"{FirstLine(said.Output.Length > 0 ? said.Output : said.Errors)}\"; the pattern is {description.VersionPattern}");
    }

    public CommandEnd Run(CommandRun run, string? stdinPath, ComposedCalls? calls)
    {
        if (_cacheFolder is not null && !Description.Cache.IsEmpty) Directory.CreateDirectory(_cacheFolder);
        if (Description.OwnWords.IsEmpty)
            return _process.Run(CommandArguments.Create(Description, _here, _cacheFolder, run), stdinPath, calls);

        var words = Path.Combine(Folder, $"words-{Guid.NewGuid():n}");
        try
        {
            var end = _process.Run(
                CommandArguments.Create(Description, _here, _cacheFolder, run with { Words = words }), stdinPath, calls);
            return end with { OwnWords = File.Exists(words) ? File.ReadAllText(words) : "" };
        }
        finally
        {
            File.Delete(words);
        }
    }

    /// <summary>
    /// What the command makes of imports that nothing is composed for: each as if it stood in a module alone. Each is asked about once.
    /// </summary>
    public IReadOnlyDictionary<WasmImport, ProbeVerdict> Probe(IEnumerable<WasmImport> imports)
    {
        var asked = imports.Distinct().ToList();
        var alone = asked.Where(import => !_verdicts.ContainsKey(import))
            .ToLookup(import => ImportModule.Write([import], enterable: true) is not null);
        foreach (var import in alone[false]) _verdicts[import] = new ProbeVerdict(OutcomeCodes.Unchecked, null);
        CheckTypes(Linking([.. alone[true]]));
        return asked.ToDictionary(import => import, import => _verdicts[import]);
    }

    /// <summary>
    /// Why the command does not compile a module, by running it as it is: it is not entered, since its host functions are missing. Asked
    /// once for each.
    /// </summary>
    /// <returns>Null where it is compiled, for all that is known.</returns>
    public Ending? Refusal(ModuleFile module)
    {
        if (_refusals.TryGetValue(module.Sha256, out var known)) return known;
        var found = CommandFailures.Find(Description, Run(CommandRun.Plain(module.Path), null, null));
        return _refusals[module.Sha256] = found is { Outcome.Phase: Phase.Load or Phase.Compile } refused
            ? new Ending(refused.Outcome.Code, refused.Text) : null;
    }

    public void Dispose() => _folder.Delete(recursive: true);

    public static string FirstLine(string text) => text.Split('\n', 2)[0].Trim();

    /// <summary>
    /// Those that link; the others have their verdict. A start of a program takes longer than all that it says of imports, so that many are
    /// asked about at once, and alone only where their module was refused.
    /// </summary>
    private ImmutableArray<WasmImport> Linking(ImmutableArray<WasmImport> imports)
    {
        if (imports.IsEmpty || Links(imports)) return imports;
        var parts = SideBySide(imports.Chunk(PartSize)).ToLookup(part => part.Length > 1 && Links([.. part]));
        return [.. parts[true].SelectMany(part => part), .. SideBySide(parts[false].SelectMany(part => part)).Where(LinksAlone)];
    }

    private bool LinksAlone(WasmImport import)
    {
        var end = Enter([import]);
        if (end.Exit == 0) return true;
        // The module does nothing: where the exit code is not 0, it is the command that says so.
        _verdicts[import] = CommandFailures.Find(Description, end) is { } found
            ? new ProbeVerdict(found.Outcome.Code, found.Text)
            : new ProbeVerdict(OutcomeCodes.Unmapped, FirstLine(end.Stderr.Text.Length > 0 ? end.Stderr.Text : end.Stdout.Text));
        return false;
    }

    /// <summary>A function that links with a type that it can't have is one that nobody looks at the type of.</summary>
    private void CheckTypes(ImmutableArray<WasmImport> linking)
    {
        var others = linking.Where(import => import.Type is FunctionType).ToDictionary(
            import => import, import => import with
            {
                Type = (FunctionType)import.Type == Nothing ? new FunctionType(["f64"], ["f64"]) : Nothing,
            });
        var none = others.Count > 1 && Links([.. others.Values.Distinct()]);
        SideBySide(linking).ForAll(import => _verdicts[import] = new ProbeVerdict(
            others.TryGetValue(import, out var other) && (none || Links([other])) ? OutcomeCodes.Unchecked : null, null));
    }

    /// <summary>Side by side, one for each processor.</summary>
    private static ParallelQuery<T> SideBySide<T>(IEnumerable<T> items) =>
        items.ToList().AsParallel().WithDegreeOfParallelism(Environment.ProcessorCount);

    private bool Links(ImmutableArray<WasmImport> imports) => Enter(imports).Exit == 0;

    /// <param name="imports">Each can be written alone.</param>
    private CommandEnd Enter(ImmutableArray<WasmImport> imports)
    {
        var path = Path.Combine(Folder, $"probe-{Environment.CurrentManagedThreadId}.wasm");
        WholeFile.Write(path, ImportModule.Write(imports, enterable: true)!);
        return Run(CommandRun.Plain(path), null, null);
    }
}
