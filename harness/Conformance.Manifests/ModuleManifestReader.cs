using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Conformance.Machine;
using Conformance.Model.Counters;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;
using Conformance.Wasm;

namespace Conformance.Manifests;

/// <summary>Reads <c>modules/&lt;id&gt;/module.toml</c>.</summary>
public static partial class ModuleManifestReader
{
    /// <summary>The file's name.</summary>
    public const string FileName = "module.toml";

    private static readonly ImmutableArray<string> OperatingSystems = ["linux", "macos", "windows"];

    private static readonly string[] DefinitionKinds = ["memory", "table", "global"];


    /// <summary>Every module below a folder, by id.</summary>
    /// <exception cref="ManifestException">Any manifest is wrong; all problems of all files.</exception>
    public static ImmutableArray<ModuleManifest> ReadAll(string folder) => ManifestFolder.ReadAll(folder, FileName, Read);

    /// <param name="path">The manifest.</param>
    /// <exception cref="ManifestException">All that is wrong in it.</exception>
    public static ModuleManifest Read(string path) => Read(path, ManifestFolder.ReadText(path));

    /// <summary>The text of a module's manifest.</summary>
    /// <exception cref="ManifestException">It can't be read.</exception>
    public static string ReadText(ModuleManifest module) => ManifestFolder.ReadText(module.ManifestPath);

    /// <summary>Reads a manifest as if its file had a text.</summary>
    /// <param name="path">The manifest.</param>
    /// <param name="text">What it is to say.</param>
    /// <exception cref="ManifestException">All that is wrong in it.</exception>
    public static ModuleManifest Read(string path, string text)
    {
        path = Path.GetFullPath(path);
        var problems = new List<ManifestProblem>();
        var root = new ManifestTable(path, "", TomlTree.Parse(text, path, problems), problems);
        if (problems.Count > 0) throw new ManifestException(problems);

        var manifest = Read(path, root);
        if (problems.Count > 0) throw new ManifestException(problems);
        return manifest;
    }

    private static ModuleManifest Read(string path, ManifestTable root)
    {
        var folder = Path.GetDirectoryName(path)!;
        var kind = root.Word<ModuleKind>("kind", required: true);
        var title = root.RequiredString("title");
        var toolchain = root.RequiredString("toolchain");
        var build = root.Table("build") is { } table ? ReadBuild(table) : null;
        var (wasm, sha256) = ReadHashed(root, "wasm", "sha256", folder, "build it with ./build.sh in this folder");
        var proposals = root.Strings("proposals");
        foreach (var unknown in proposals.Except(Proposals.Names))
            root.Problem("proposals", $"\"{unknown}\" is none of {string.Join(", ", Proposals.Names)}");
        var page = ReadPage(root, folder, kind);
        var (imports, definitions) = ReadImports(root);
        var scenarios = root.Tables("scenarios", required: true)
            .Select(table => ReadScenario(table, folder, kind ?? default, page, imports)).ToImmutableArray();
        if (root.Has("scenarios") && scenarios.IsEmpty) root.Problem("scenarios", "a module needs at least one scenario");
        foreach (var twice in scenarios.GroupBy(s => s.Id).Where(g => g.Count() > 1))
            root.Problem("scenarios", $"two scenarios are called '{twice.Key}'");
        root.Close();
        return new ModuleManifest
        {
            Id = Path.GetFileName(folder),
            ManifestPath = path,
            Title = title,
            WasmPath = wasm,
            WasmLine = root.LineOf("wasm"),
            Sha256 = sha256,
            Kind = kind ?? default,
            Toolchain = toolchain,
            Build = build,
            Proposals = proposals,
            Imports = imports,
            Definitions = definitions,
            Page = page,
            Scenarios = scenarios,
        };
    }

    private static ModulePage? ReadPage(ManifestTable root, string folder, ModuleKind? kind)
    {
        if (root.Table("page") is not { } table)
        {
            if (kind == ModuleKind.GoJs) root.Problem("kind", "a module of kind \"go-js\" needs a [page] to live in");
            return null;
        }

        if (kind is not (null or ModuleKind.GoJs)) root.Problem("page", "only a module of kind \"go-js\" lives in a page");
        var name = table.RequiredString("folder");
        var page = Path.GetFullPath(Path.Combine(folder, name));
        if (name.Length > 0 && !File.Exists(Path.Combine(page, "index.html"))) table.Problem("folder", $"'{name}/index.html' is not there");
        var (loader, sha256) = ReadHashed(table, "loader", "loader-sha256", folder, "build.sh writes it beside the module");
        table.Close();
        return new ModulePage(page, loader, sha256);
    }

    /// <summary>A file beside the manifest that must be the one that is meant.</summary>
    private static (string Path, string Sha256) ReadHashed(ManifestTable table, string key, string hashKey, string folder, string remedy)
    {
        var name = table.RequiredString(key);
        var sha256 = table.RequiredString(hashKey);
        var path = Path.GetFullPath(Path.Combine(folder, name));
        if (name.Length == 0 || sha256.Length == 0) return (path, sha256);
        if (!File.Exists(path))
        {
            table.Problem(key, $"'{name}' is not there; {remedy}");
            return (path, sha256);
        }

        if (OrdinaryFile.Obstacle(path, OrdinaryFile.MostModuleBytes) is { } obstacle)
        {
            table.Problem(key, $"'{name}' {obstacle}");
            return (path, sha256);
        }

        try
        {
            var (plain, actual) = name.EndsWith(CompressedFile.Extension, StringComparison.Ordinal)
                ? CompressedFile.Unpack(path, sha256, OrdinaryFile.MostModuleBytes)
                : (path, Sha256.HexOfFile(path));
            if (actual != sha256) table.Problem(hashKey, $"'{name}' has SHA-256 {actual}: it is not the one that this manifest describes");
            return (plain, sha256);
        }
        catch (InvalidDataException e)
        {
            table.Problem(key, $"'{name}' {e.Message}");
            return (path, sha256);
        }
    }

    private static ModuleBuild ReadBuild(ManifestTable table)
    {
        var command = table.RequiredString("command");
        var built = ReadDay(table, "date");
        var comparison = table.Word<BuildComparison>("compare") ?? BuildComparison.Bytes;
        table.Close();
        return new ModuleBuild(command, built, comparison);
    }

    private static DateOnly ReadDay(ManifestTable table, string key)
    {
        var text = table.RequiredString(key);
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture,
            System.Globalization.DateTimeStyles.None, out var day) && text.Length > 0)
        {
            table.Problem(key, $"{key} \"{text}\" must be a day such as \"2026-11-24\"");
        }

        return day;
    }

    private static (ImmutableArray<HostImport> Functions, ImmutableArray<HostDefinition> Others) ReadImports(ManifestTable root)
    {
        var functions = ImmutableArray.CreateBuilder<HostImport>();
        var others = ImmutableArray.CreateBuilder<HostDefinition>();
        var modules = root.Table("imports");
        foreach (var module in modules?.Keys ?? [])
        {
            if (modules!.Table(module) is not { } names) continue;
            foreach (var name in names.Keys)
            {
                if (names.Table(name) is not { } import) continue;
                if (DefinitionKinds.FirstOrDefault(import.Has) is { } kind)
                {
                    if (ReadDefinition(import, kind) is { } definition) others.Add(new HostDefinition(module, name, definition));
                }
                else if (ReadFunction(import, module, name) is { } function)
                {
                    functions.Add(function);
                }

                import.Close();
            }
        }

        return (functions.ToImmutable(), others.ToImmutable());
    }

    private static HostImport? ReadFunction(ManifestTable import, string module, string name)
    {
        var request = import.RequiredString("request");
        var returns = import.Word<HostReturn>("returns") ?? HostReturn.Nothing;
        var type = ReadType(import, "type", ExternTypeText.Function, "(i32) -> (i32)");
        if (type is { Results.Length: > 1 } or { Results: ["v128" or "funcref" or "externref"] })
            import.Problem("type", "a host function has at most one result, and that is a number");
        if (RequestLine().Match(request) is { Success: true } line)
        {
            if (LeadsElsewhere(line.Groups[2].Value))
                import.Problem("request", $"request \"{request}\" must stay below the cell's counter: a path without empty segments, . and ..");
            return new HostImport(module, name, line.Groups[1].Value, line.Groups[2].Value, returns, type);
        }

        if (request.Length > 0)
            import.Problem("request", $"request \"{request}\" must be a method, a space and a path, such as \"PUT /add\"");
        return null;
    }

    /// <summary>Whether some client or server would make another path of it than the one that is written.</summary>
    private static bool LeadsElsewhere(string path)
    {
        var end = path.IndexOf('?', StringComparison.Ordinal);
        var segments = (end < 0 ? path : path[..end])[1..].Split('/');
        return path.AsSpan().IndexOfAny("\\#") >= 0 || segments.Any(segment => Uri.UnescapeDataString(segment) is "." or "..")
            || (segments.Length > 1 && segments.Contains(""));
    }

    private static Definition? ReadDefinition(ManifestTable import, string kind)
    {
        ExternType? type = kind switch
        {
            "memory" => ReadType(import, kind, ExternTypeText.Memory, "1..4"),
            "table" => ReadType(import, kind, ExternTypeText.Table, "10..20 funcref"),
            _ => ReadType(import, kind, ExternTypeText.Global, "mut i32"),
        };
        if (type is not GlobalType global) return type is null ? null : new Definition(type);
        if (global.Value.EndsWith("ref", StringComparison.Ordinal)) return new Definition(global);
        var (least, most) = global.Value == "i32" ? (int.MinValue, uint.MaxValue) : (long.MinValue, long.MaxValue);
        return new Definition(global, import.Integer("value", least, most) ?? 0);
    }

    /// <summary>A type in the form of reports.</summary>
    private static T? ReadType<T>(ManifestTable table, string key, Func<string, T?> parse, string example)
        where T : ExternType
    {
        if (table.String(key) is not { } text) return null;
        var type = parse(text);
        if (type is null) table.Problem(key, $"{key} \"{text}\" must be a type such as \"{example}\"");
        return type;
    }

    private static Scenario ReadScenario(ManifestTable table,
        string folder, ModuleKind kind, ModulePage? page, ImmutableArray<HostImport> imports)
    {
        var id = table.RequiredString("id");
        if (id.Length > 0 && !ScenarioId().IsMatch(id)) table.Problem("id", $"scenario id \"{id}\" must be lower-case words joined by '-'");
        var entry = table.String("entry") ?? (kind == ModuleKind.WasiCommand ? "_start" : "run");
        var source = table.Word<GuestCountSource>("guest-count") ?? kind switch
        {
            ModuleKind.WasiCommand => GuestCountSource.Stdout,
            ModuleKind.GoJs => GuestCountSource.Page,
            _ => GuestCountSource.Result,
        };
        if (source == GuestCountSource.Page && kind != ModuleKind.GoJs)
            table.Problem("guest-count", "this module has no page that a count could be read from");
        if (source == GuestCountSource.HostCall && !imports.Any(i => i.Returns == HostReturn.Body))
            table.Problem("guest-count", "no import of this module returns a body that the guest could read a count from");
        var scenario = new Scenario
        {
            Id = id,
            Title = table.String("title") ?? id.Replace('-', ' '),
            Entry = entry,
            Args = table.Strings("args"),
            Env = table.StringTable("env"),
            Argv0 = table.String("argv0"),
            Stdin = ReadStdin(table, folder),
            Preopens = table.Table("preopens") is { } preopens ? [.. preopens.Keys.Select(guest => ReadPreopen(preopens, guest, folder))] : [],
            TimeLimit = table.Seconds("time-limit"),
            Page = table.Table("page", required: page is not null) is { } steps ? ReadSteps(steps, page) : null,
            GuestCount = source,
            Expect = table.Table("expect", required: true) is { } expect ? ReadExpectation(expect, departure: false) : new Expectation(),
            Differences = [.. table.Tables("differences").Select(ReadDifference)],
            Splits = [.. table.Tables("splits").Select(ReadSplit)],
            Line = table.Line,
        };
        table.Close();
        return scenario;
    }

    /// <summary>Text, or the bytes of a file.</summary>
    private static ImmutableArray<byte>? ReadStdin(ManifestTable table, string folder)
    {
        var text = table.String("stdin");
        if (table.String("stdin-file") is not { } name) return text is null ? null : [.. Encoding.UTF8.GetBytes(text)];
        if (text is not null) table.Problem("stdin-file", "a stdin is 'stdin' or 'stdin-file', not both");
        try
        {
            var path = Path.Combine(folder, name);
            if (OrdinaryFile.Obstacle(path, OrdinaryFile.MostStdinBytes) is not { } obstacle) return [.. File.ReadAllBytes(path)];
            table.Problem("stdin-file", $"'{name}' {obstacle}");
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            table.Problem("stdin-file", $"'{name}' can't be read: {e.Message.TrimEnd('.')}");
            return null;
        }
    }

    /// <summary><c>"/data" = "folder"</c>, or <c>"/data" = { folder = "folder", read-only = true }</c>.</summary>
    private static Preopen ReadPreopen(ManifestTable table, string guest, string folder)
    {
        var (name, isReadOnly) = (default(string), false);
        if (table.IsTable(guest))
        {
            var inner = table.Table(guest)!;
            (name, isReadOnly) = (inner.RequiredString("folder"), inner.Boolean("read-only"));
            inner.Close();
        }
        else
        {
            name = table.String(guest);
        }

        var host = Path.GetFullPath(Path.Combine(folder, name ?? ""));
        if (!Directory.Exists(host)) table.Problem(guest, $"folder '{host}' for '{guest}' is not there");
        else if (name is not null && FolderCopy.Obstacle(host) is { } obstacle)
            table.Problem(guest, $"folder '{host}' for '{guest}' can't be copied for each cell: {obstacle}");
        return new Preopen(guest, host, isReadOnly);
    }

    private static PageSteps ReadSteps(ManifestTable table, ModulePage? page)
    {
        if (page is null) table.Problem(null, "the module has no [page] to do this on");
        var steps = new PageSteps(table.RequiredString("click"),
            (int?)table.Integer("times", 1, 10_000) ?? 1, table.RequiredString("read"));
        table.Close();
        return steps;
    }

    private static Difference ReadDifference(ManifestTable table)
    {
        var runtime = table.RequiredString("runtime");
        RuntimeVersionRange? versions = null;
        if (table.String("runtime-version") is { } range && !RuntimeVersionRange.TryParse(range, out versions))
            table.Problem("runtime-version", $"runtime-version \"{range}\" must be a range of versions such as \"<22\" or \">=1.2 <2\"");
        var (os, variant) = (OneOf(table, "os", OperatingSystems), OneOf(table, "server-variant", ServerVariants.Names));
        var skip = table.Boolean("skip");
        return new Difference(new Conditions(runtime, versions, os, variant), skip, ReadExpectation(table, departure: true))
        {
            Line = table.Line,
        };
    }

    private static DeclaredSplit ReadSplit(ManifestTable table)
    {
        var groups = table.StringLists("groups", required: true)
            .Select(group => group.Select(member => ReadMember(table, member)).ToImmutableArray()).ToImmutableArray();
        if (table.Has("groups") && (groups.Length < 2 || groups.Any(group => group.IsEmpty)))
            table.Problem("groups", "a split has two groups or more, and none of them is empty");
        var split = new DeclaredSplit(
            groups,
            table.Word<Phase>("phase"),
            OneOf(table, "os", OperatingSystems),
            OneOf(table, "server-variant", ServerVariants.Names),
            table.RequiredString("reason"),
            table.RequiredString("link"),
            table.String("until") is not null ? ReadDay(table, "until") : null);
        table.Close();
        return split with { Line = table.Line };
    }

    /// <summary>A runtime, or a runtime in some versions: <c>node</c>, <c>node &lt;22</c>.</summary>
    private static Conditions ReadMember(ManifestTable table, string member)
    {
        var space = member.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0) return new Conditions(member);
        if (!RuntimeVersionRange.TryParse(member[(space + 1)..], out var versions))
            table.Problem("groups", $"\"{member}\" must be a runtime, or a runtime and a range of its versions such as \"node <22\"");
        return new Conditions(member[..space], versions);
    }

    private static string? OneOf(ManifestTable table, string key, ImmutableArray<string> words)
    {
        var word = table.String(key);
        if (word is not null && !words.Contains(word)) table.Problem(key, $"{key} \"{word}\" is none of {string.Join(", ", words)}");
        return word;
    }

    private static Expectation ReadExpectation(ManifestTable table, bool departure)
    {
        var expectation = new Expectation
        {
            Counts = ReadCounts(table),
            Stdout = table.String("stdout"),
            Stderr = table.String("stderr"),
            Exit = (int?)table.Integer("exit", int.MinValue, int.MaxValue),
            Result = table.String("result"),
            Fails = table.Table("fails") is { } fails ? ReadFailure(fails) : null,
            Reason = table.String("reason", required: departure || table.Has("fails")),
            Link = table.String("link", required: departure || table.Has("fails")),
            Until = table.String("until") is not null ? ReadDay(table, "until") : null,
        };
        table.Close();
        return expectation;
    }

    /// <summary><c>counts = 10</c> for all three accounts, or a table of them.</summary>
    private static Counts? ReadCounts(ManifestTable table)
    {
        if (table.IsTable("counts"))
        {
            var each = table.Table("counts")!;
            var counts = new Counts(each.Integer("guest", 0, long.MaxValue),
                each.Integer("host", 0, long.MaxValue), each.Integer("server", 0, long.MaxValue));
            each.Close();
            return counts;
        }

        return table.Integer("counts", 0, long.MaxValue) is { } all ? new Counts(all, all, all) : null;
    }

    private static ExpectedFailure? ReadFailure(ManifestTable table)
    {
        var phase = table.Word<Phase>("phase", required: true);
        var failure = new ExpectedFailure(phase ?? default, table.String("code"), table.String("import"));
        if (failure.Import is { } import && !import.Contains("::", StringComparison.Ordinal))
            table.Problem("import", $"import \"{import}\" must be a module and a name joined by '::', such as \"env::time.resetTimer\"");
        table.Close();
        return failure;
    }

    [GeneratedRegex(@"^([A-Za-z]+) (/[^\s]*)$")]
    private static partial Regex RequestLine();

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex ScenarioId();
}
