using System.Collections.Immutable;
using Conformance.Model;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;
using Conformance.Model.Wasm;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;

namespace Conformance.Runtimes.Command;

/// <summary>The command of one runtime on this machine: what it is, and what it says of modules as they are.</summary>
internal sealed class RuntimeCommand : IDisposable
{
    private static readonly FunctionType Nothing = new([], []);

    private readonly Dictionary<WasmImport, ProbeVerdict> _verdicts = [];
    private readonly Dictionary<string, Ending?> _refusals = new(StringComparer.Ordinal);
    private readonly CommandProcess _process;
    private readonly string _here;
    private readonly string? _cacheFolder;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conformance-command-");

    private RuntimeCommand(CommandDescription description, string here, CommandProgram program, string version, ImmutableArray<SearchedPlace> places, WorkerLimits limits, string? cacheFolder)
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
        ToolResult said;
        try
        {
            said = ToolProcess.Run(program.Path, CommandArguments.Fill(description.Version, here), program.Environment);
        }
        catch (IOException e)
        {
            throw new RuntimeUnavailableException($"it can't be started: {e.Message} ({description.Places["program"]})", null);
        }

        foreach (var text in new[] { said.Output, said.Errors })
        {
            if (CommandWords.Match(description.VersionPattern, text) is not { Success: true } match) continue;
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
        return _process.Run(CommandArguments.Of(Description, _here, _cacheFolder, run), stdinPath, calls);
    }

    /// <summary>What the command makes of one import that nothing is composed for, by running a module of it alone. Asked once for each.</summary>
    public ProbeVerdict Probe(WasmImport import)
    {
        if (_verdicts.TryGetValue(import, out var known)) return known;
        if (ImportModule.Write([import], enterable: true) is not { } bytes) return _verdicts[import] = new ProbeVerdict(OutcomeCodes.Unchecked, null);
        var path = Path.Combine(Folder, "probe.wasm");
        CacheFiles.Write(path, bytes);
        var end = Run(CommandRun.Of(path), null, null);
        // It does nothing: where it is not 0, it is the command that says so.
        return _verdicts[import] = end.Exit == 0 ? Linked(import)
            : CommandWords.Find(Description, end) is { } found ? new ProbeVerdict(found.Outcome.Code, found.Text)
            : new ProbeVerdict(OutcomeCodes.Unmapped, FirstLine(end.Stderr.Text.Length > 0 ? end.Stderr.Text : end.Stdout.Text));
    }

    /// <summary>Why the command does not compile a module, by running it as it is: it is not entered, since its host functions are missing. Asked once for each.</summary>
    /// <returns>Null where it is compiled, for all that is known.</returns>
    public Ending? Refusal(ModuleFile module)
    {
        if (_refusals.TryGetValue(module.Sha256, out var known)) return known;
        var found = CommandWords.Find(Description, Run(CommandRun.Of(module.Path), null, null));
        return _refusals[module.Sha256] = found is { Outcome.Phase: Phase.Load or Phase.Compile } refused ? new Ending(refused.Outcome.Code, refused.Text) : null;
    }

    public void Dispose() => _folder.Delete(recursive: true);

    public static string FirstLine(string text) => text.Split('\n', 2)[0].Trim();

    /// <summary>A function that links with a type that it can't have is one that nobody looks at the type of.</summary>
    private ProbeVerdict Linked(WasmImport import)
    {
        if (import.Type is not FunctionType type) return new ProbeVerdict(null, null);
        var other = import with { Type = type == Nothing ? new FunctionType(["f64"], ["f64"]) : Nothing };
        return ImportModule.Write([other], enterable: true) is { } bytes && Links(bytes) ? new ProbeVerdict(OutcomeCodes.Unchecked, null) : new ProbeVerdict(null, null);
    }

    private bool Links(byte[] bytes)
    {
        var path = Path.Combine(Folder, "other.wasm");
        CacheFiles.Write(path, bytes);
        return Run(CommandRun.Of(path), null, null).Exit == 0;
    }
}
