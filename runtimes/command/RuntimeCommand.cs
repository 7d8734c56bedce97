using System.Collections.Immutable;
using System.Text.Json;
using Conformance.Machine;
using Conformance.Model;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;

namespace Conformance.Runtimes.Command;

/// <summary>The command of one runtime on this machine: what it is, and what it says of modules as they are.</summary>
internal sealed class RuntimeCommand : IDisposable
{
    /// <summary>Exit codes of processes that a signal ended begin here.</summary>
    private const int FirstSignal = 128;

    private readonly Dictionary<string, Ending?> _refusals = new(StringComparer.Ordinal);
    private readonly CommandProgram _program;
    private readonly CommandProcess _process;
    private readonly string _here;
    private readonly string? _cacheFolder;

    /// <summary>
    /// The manifest and what stands beside it, such as a script that it runs: another program's or another flag's word is not this one's.
    /// </summary>
    private readonly Lazy<string> _described;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conformance-command-");

    private RuntimeCommand(CommandDescription description,
        string here, CommandProgram program, string version, ImmutableArray<SearchedPlace> places, WorkerLimits limits, string? cacheFolder)
    {
        (Description, _here, Version, Places) = (description, here, version, places);
        Library = LoadedLibraries.Hash(program.Path);
        _described = new(() => Sha256.Hex(string.Join('\n', new DirectoryInfo(here).EnumerateFiles()
            .OrderBy(file => file.Name, StringComparer.Ordinal)
            .Select(file => $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}")))[..16]);
        _program = program;
        _process = new CommandProcess(program, limits);
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
            throw new RuntimeUnavailableException($"'{description.Program}' is not {(description.Program.StartsWith('.') ? "there" : "on PATH")} ({description.Locations["program"]})", null);

        var program = CommandProgram.At(file, request.ReleaseFolder);
        ToolRun said;
        try
        {
            said = ToolRun.Run(program.Path, CommandArguments.Fill(description.Version, here), program.Environment);
        }
        catch (IOException e)
        {
            throw new RuntimeUnavailableException($"it can't be started: {e.Message} ({description.Locations["program"]})", null);
        }

        foreach (var text in new[] { said.Output, said.Errors })
        {
            if (CommandFailures.Match(description.VersionPattern, text) is not { Success: true } match) continue;
            var version = match.Groups["version"] is { Success: true } group ? group.Value : match.Value;
            return new RuntimeCommand(description, here, program, version, places, request.Limits, request.CacheFolder);
        }

        var key = description.Locations.ContainsKey("version-pattern") ? "version-pattern" : "version";
        throw new RuntimeMisdescribedException(
            $"{description.Locations[key]}: no version is found in what '{string.Join(' ', description.Version.Prepend(description.Program))}' prints (exit code {said.Exit}): \"{FirstLine(said.Output.Length > 0 ? said.Output : said.Errors)}\"; the pattern is {description.VersionPattern}");
    }

    public CommandEnd Run(CommandRun run, string? stdinPath, ComposedCalls? calls)
    {
        // A folder for each module, so that no more is checked than is used.
        var cache = _cacheFolder is null || run.CacheKey is null || Description.Cache.IsEmpty
            ? null : Path.Combine(_cacheFolder, run.CacheKey);
        if (cache is not null) KeptFolder.Open(cache);
        var end = RunWith(cache, run, stdinPath, calls);
        if (cache is not null) KeptFolder.Take(cache);
        return end;
    }

    private CommandEnd RunWith(string? cache, CommandRun run, string? stdinPath, ComposedCalls? calls)
    {
        if (Description.OwnWords.IsEmpty)
            return _process.Run(CommandArguments.Create(Description, _here, cache, run), stdinPath, calls);

        var words = Path.Combine(Folder, $"words-{Guid.NewGuid():n}");
        try
        {
            var end = _process.Run(
                CommandArguments.Create(Description, _here, cache, run with { Words = words }), stdinPath, calls);
            return end with { OwnWords = File.Exists(words) ? File.ReadAllText(words) : "" };
        }
        finally
        {
            File.Delete(words);
        }
    }

    /// <summary>
    /// Why the command does not compile a module, by running it as it is: it is not entered, since its host functions are missing. Asked
    /// once for each.
    /// </summary>
    /// <returns>Null where it is compiled, for all that is known.</returns>
    public Ending? Refusal(ModuleFile module)
    {
        if (_refusals.TryGetValue(module.Sha256, out var known)) return known;
        // What compiles once does so again; what does not is asked again in the next run, and its words are what it says then.
        var compiles = _cacheFolder is null ? null : Path.Combine(_cacheFolder, "compiles", _described.Value, module.Sha256);
        if (compiles is not null && KeptFile.Read(compiles) is not null) return _refusals[module.Sha256] = null;
        var end = Run(CommandRun.Plain(module.Path) with { CacheKey = module.Sha256 }, null, null);
        var refusal = CommandFailures.Find(Description, end) is { Outcome.Phase: Phase.Load or Phase.Compile } refused
            ? new Ending(refused.Outcome.Code, refused.Text) : null;
        if (compiles is not null && refusal is null && end.Exit < FirstSignal) KeptFile.Write(compiles, "yes\n"u8.ToArray());
        return _refusals[module.Sha256] = refusal;
    }

    /// <summary>
    /// The ends of modules that do nothing, run in one process; null where the command has no way, or did not answer for each.
    /// </summary>
    public ImmutableArray<CommandEnd>? RunEach(ImmutableArray<string> paths)
    {
        if (Description.Each.IsEmpty) return null;
        var list = Path.Combine(Folder, $"list-{Guid.NewGuid():n}");
        try
        {
            File.WriteAllLines(list, paths);
            var said = ToolRun.Run(_program.Path, CommandArguments.Fill(Description.Each, _here, ("list", list)), _program.Environment);
            var lines = said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return said.Exit != 0 || lines.Length != paths.Length ? null : [.. lines.Select(line =>
                JsonSerializer.Deserialize<EachLine>(line, JsonSerializerOptions.Web)!.End)];
        }
        catch (JsonException)
        {
            return null;
        }
        finally
        {
            File.Delete(list);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    public static string FirstLine(string text) => text.Split('\n', 2)[0].Trim();

    /// <summary>What is printed for a module of many.</summary>
    private sealed record EachLine(int Exit, string? Words)
    {
        public CommandEnd End => new(Exit, CapturedText.Empty, CapturedText.Empty, 0, Words ?? "");
    }
}
