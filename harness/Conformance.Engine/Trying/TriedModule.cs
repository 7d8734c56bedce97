using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Conformance.Engine.Imports;
using Conformance.Engine.Updating;
using Conformance.Machine;
using Conformance.Manifests;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Wasm;

namespace Conformance.Engine.Trying;

/// <summary>
/// The manifest that a person would write to do once more what is tried, with all that it needs beside it: so that it goes the way of every
/// module, and can be kept.
/// </summary>
/// <param name="input">The module.</param>
/// <param name="request">What is to be done with it.</param>
public sealed class TriedModule(ModuleInput input, TryRequest request)
{
    /// <summary>The scenario's id.</summary>
    public const string Scenario = "tried";

    private const string StdinFile = "stdin";

    /// <summary>
    /// What a host function does that is to do nothing: a question that changes no count, whose answer the guest is not given.
    /// </summary>
    private const string Nothing = "GET /count";

    private readonly TriedEntry _entry = TriedEntry.Find(input, request.Invoke, request.Stub);

    /// <summary>The name of the module's file without its endings, as far as it can be a folder's.</summary>
    private readonly string _id = Id(Path.GetFileName(input.Path));

    private string KindWord => JsonNamingPolicy.KebabCaseLower.ConvertName(_entry.Kind.ToString());

    /// <summary>What it is, and what is called of it: <c>wasi-command, _start</c>.</summary>
    public string Words => $"{KindWord}, {_entry.Name}";

    /// <summary>Writes it below a folder that is gone before the folders that the guest gets, and reads it.</summary>
    /// <param name="folder">Where its own folder is made.</param>
    /// <returns>It expects nothing, and nothing that it prints is taken for a count.</returns>
    public ModuleManifest WriteTo(string folder)
    {
        var module = ModuleManifestReader.Read(Write(folder, null, request.Preopens));
        return module with { Scenarios = [module.Scenarios[0] with { GuestCount = GuestCountSource.HostCall }] };
    }

    /// <summary>Keeps it, with what most runtimes did as what is expected of all.</summary>
    /// <param name="folder">Where its own folder is made, as <c>run --modules-dir</c> takes it.</param>
    /// <param name="seen">What most did.</param>
    /// <returns>The manifest's path.</returns>
    /// <exception cref="InputException">Something of that name is there.</exception>
    /// <exception cref="IOException">It can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public string Keep(string folder, Observation seen)
    {
        if (Path.Exists(Path.Combine(folder, _id)))
            throw new InputException($"{Path.Combine(folder, _id)} is there already, and nothing is written over it");
        return Write(folder, seen, [.. request.Preopens.Select((preopen, i) =>
        {
            var copy = Path.Combine(folder, _id, $"folder-{i + 1}");
            Directory.CreateDirectory(copy);
            FolderCopy.Make(preopen.Folder, copy);
            return preopen with { Folder = Path.GetFileName(copy) };
        })]);
    }

    private string Write(string folder, Observation? seen, ImmutableArray<Preopen> preopens)
    {
        var own = Directory.CreateDirectory(Path.Combine(folder, _id)).FullName;
        var wasm = $"{_id}.wasm";
        File.WriteAllBytes(Path.Combine(own, wasm), input.Bytes);
        if (request.Stdin is { } stdin) File.WriteAllBytes(Path.Combine(own, StdinFile), stdin.AsSpan());
        var text = new StringBuilder()
            .Line("title", Path.GetFileName(input.Path))
            .Line("wasm", wasm)
            .Line("sha256", Sha256.Hex(input.Bytes))
            .Line("kind", KindWord)
            .Line("toolchain", "unknown");
        if (UsedProposals.Known(input.Bytes) is { IsEmpty: false } proposals)
            text.Append(CultureInfo.InvariantCulture, $"proposals = [{string.Join(", ", proposals.Select(TomlText.Write))}]\n");
        foreach (var (module, name) in request.Stub ? Stubs() : [])
        {
            text.Append(CultureInfo.InvariantCulture, $"\n[imports.{TomlText.Write(module)}.{TomlText.Write(name)}]\n")
                .Line("request", Nothing);
        }

        text.Append("\n[[scenarios]]\n")
            .Line("id", Scenario)
            .Line("title", $"{_entry.Name}, as conformance try called it")
            .Line("entry", _entry.Name);
        if (!request.Args.IsEmpty) text.Append(CultureInfo.InvariantCulture, $"args = [{string.Join(", ", request.Args.Select(TomlText.Write))}]\n");
        if (request.Stdin is not null) text.Line("stdin-file", StdinFile);
        if (!request.Env.IsEmpty) text.Append(CultureInfo.InvariantCulture, $"env = {Inline(request.Env.Select(v => (v.Key, TomlText.Write(v.Value))))}\n");
        if (!preopens.IsEmpty) text.Append(CultureInfo.InvariantCulture, $"preopens = {Inline(preopens.Select(p => (p.GuestPath, Folder(p))))}\n");
        text.Append("\n[scenarios.expect]\n");
        if (seen is not null) Expect(text, seen);
        var path = Path.Combine(own, ModuleManifestReader.FileName);
        File.WriteAllText(path, text.ToString());
        return path;
    }

    private IEnumerable<(string Module, string Name)> Stubs() => input.Interface.Imports
        .Where(import => import.Type is FunctionType && !import.Module.StartsWith("wasi", StringComparison.Ordinal))
        .Select(import => (import.Module, import.Name)).Distinct();

    private static string Inline(IEnumerable<(string Key, string Value)> pairs) =>
        $"{{ {string.Join(", ", pairs.Select(pair => $"{TomlText.Write(pair.Key)} = {pair.Value}"))} }}";

    private static string Folder(Preopen preopen) =>
        $"{{ folder = {TomlText.Write(preopen.Folder)}, read-only = {(preopen.ReadOnly ? "true" : "false")} }}";

    private static void Expect(StringBuilder text, Observation seen)
    {
        // An exit code is expected as such, with what was printed.
        if (seen.Outcome.Code is { } code && (seen.Run.Exit is not { } its || code != OutcomeCodes.Exit(its)))
        {
            text.Append(CultureInfo.InvariantCulture, $"fails = {TomlText.Write(new ExpectedFailure(seen.Outcome.Phase, code, null))}\n")
                .Line("reason", Grounds.Tried.Reason).Line("link", Grounds.Tried.Link);
            return;
        }

        if (seen.Run.Exit is { } exit) text.Append(CultureInfo.InvariantCulture, $"exit = {TomlText.Write(exit)}\n");
        if (seen.Run.Result is { } result) text.Line("result", result);
        text.Line("stdout", seen.Run.Stdout.Text);
    }

    private static string Id(string name)
    {
        while (name.Length > 0 && Path.GetExtension(name) is ".wasm" or ".wat" or ".gz" or ".br" or ".wast")
            name = Path.GetFileNameWithoutExtension(name);
        name = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-')).Trim('.', '-');
        return name.Length > 0 ? name : "module";
    }
}

/// <summary>Lines of TOML.</summary>
file static class TomlLines
{
    public static StringBuilder Line(this StringBuilder text, string key, string value) => text.Append(CultureInfo.InvariantCulture, $"{key} = {TomlText.Write(value)}\n");
}
