using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Conformance.Engine.Imports;
using Conformance.Engine.Planning;
using Conformance.Engine.Workers;
using Conformance.Machine;
using Conformance.Model;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;
using Conformance.Protocol;
using Conformance.Wasm;

namespace Conformance.Engine.Running;

/// <summary>
/// What one runtime said of imports, kept from run to run: it says the same of the same imports and definitions as long as it, its worker
/// and its manifest are the same. One file for each question; who asks another version replaces it.
/// </summary>
/// <param name="runtime">The runtime.</param>
/// <param name="identity">What its worker said it is.</param>
/// <param name="options">Where it is kept, and what guests' memories may grow to: whether one can be given depends on it.</param>
internal sealed class KeptLedgers(RuntimeManifest runtime, InitializeResult identity, RunOptions options)
{
    /// <summary>Changed where the harness asks otherwise than before.</summary>
    private const string Form = "1";

    /// <summary>What says something of the moment, and not of the import.</summary>
    private static readonly string[] Passing =
        [OutcomeCodes.Crashed, OutcomeCodes.TimedOut, OutcomeCodes.ProtocolError, OutcomeCodes.NotRun, OutcomeCodes.Unmapped];

    /// <summary>A worker that lies among more files than this is not looked at: what it says is asked each time.</summary>
    private const int MostFiles = 1000;

    private readonly Lazy<string?> _answerer = new(() => WorkerFiles(runtime).Take(MostFiles + 1).ToList() is { Count: <= MostFiles } files
        ? Digest(
        [
            Form, Sha256.HexOfFile(runtime.ManifestPath), options.MemoryBytes.ToString(CultureInfo.InvariantCulture),
            JsonSerializer.Serialize(identity with { Places = null }, ProtocolJson.Default.InitializeResult),
            .. WorkerEnvironment.Named(runtime), "files", .. files.Order(StringComparer.Ordinal).Select(Stamp),
        ])
        : null);

    /// <summary>What it said of a module's imports; null where that is not known.</summary>
    /// <param name="module">What imports; its interface is known.</param>
    /// <param name="loader">With a module of a page, the script that provides its imports there.</param>
    public ImmutableArray<LedgerRow>? Read(DeclaredModule module, ModuleFile? loader)
    {
        if (!IsKept(module) || KeptFile.Read(Place(module, loader)) is not { } bytes) return null;
        try
        {
            var kept = MissingValue.Checked(JsonSerializer.Deserialize(bytes, KeptLedgerJson.Default.KeptLedger));
            return kept.Answerer == _answerer.Value && IsComplete(module, kept.Rows) ? kept.Rows : null;
        }
        catch (JsonException)
        {
            return null; // of another harness
        }
    }

    /// <summary>Keeps what it said, where that is all there is to say.</summary>
    /// <inheritdoc cref="Read"/>
    /// <param name="module">What imports; its interface is known.</param>
    /// <param name="loader">With a module of a page, the script that provides its imports there.</param>
    /// <param name="rows">The ledger.</param>
    public void Keep(DeclaredModule module, ModuleFile? loader, ImmutableArray<LedgerRow> rows)
    {
        if (!IsKept(module) || !IsComplete(module, rows) || rows.Any(row => Passing.Contains(row.Code))) return;
        try
        {
            KeptFile.Write(Place(module, loader),
                JsonSerializer.SerializeToUtf8Bytes(new KeptLedger(_answerer.Value!, rows), KeptLedgerJson.Default.KeptLedger));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is asked again the next time; a cache that can't be written is told by who looks at the machine.
        }
    }

    private bool IsKept(DeclaredModule module) =>
        options.CacheFolder is not null && !module.Interface!.Imports.IsEmpty && _answerer.Value is not null;

    private string Place(DeclaredModule module, ModuleFile? loader)
    {
        var imports = module.Interface!.Imports;
        return Path.Combine(options.CacheFolder!, "ledgers", runtime.Id, Digest(
        [
            .. imports.SelectMany(import => new[] { import.Module, import.Name, import.Type.Kind.ToString(), import.Type.ToString() }),
            "given",
            .. module.Imports.SelectMany(host =>
                new[] { host.Module, host.Name, host.Returns.ToString(), host.Result ?? "", host.Type ?? "" }),
            "defined",
            .. (module.Definitions ?? []).SelectMany(definition => new[] { definition.Module, definition.Name, definition.Definition }),
            loader?.Sha256 ?? "",
            // An import that can't be written alone is asked about with the module itself.
            imports.All(import => import.Type.ValueTypes.All(WasmEncoding.Writes)) ? "" : module.File.Sha256,
        ]) + ".json");
    }

    /// <summary>
    /// Whether a ledger has a row for each distinct import of a module, in the section's order; none has of one that can't be read.
    /// </summary>
    public static bool IsComplete(DeclaredModule module, ImmutableArray<LedgerRow> rows) =>
        module.Interface is { } its
        && its.Imports.Distinct().Select(import => (import.Module, import.Name, import.Type.Kind, import.Type.ToString()))
            .SequenceEqual(rows.Select(row => (row.Module, row.Name, row.Kind, row.Type)));

    /// <summary>
    /// The worker's own files: what stands beside the manifest, and the program that is built with the harness, or what
    /// the command names and folders of code that several runtimes share.
    /// </summary>
    private static IEnumerable<string> WorkerFiles(RuntimeManifest runtime)
    {
        var folder = Path.GetDirectoryName(runtime.ManifestPath)!;
        var files = Files(folder).Where(file => file != runtime.ManifestPath);
        if (runtime.Worker.Assembly is { } assembly)
        {
            Installation.Find().Worker(assembly, out var program);
            foreach (var place in new[] { Path.GetDirectoryName(program)!, Path.Combine(Path.GetDirectoryName(program)!, "web") })
                files = files.Concat(Directory.Exists(place) ? Files(place) : []);
        }
        else
        {
            var shared = Folders(Path.GetDirectoryName(folder)!)
                .Where(other => !File.Exists(Path.Combine(other, Path.GetFileName(runtime.ManifestPath))));
            files = files.Concat(shared.SelectMany(Scripts))
                .Concat(runtime.Worker.Command.Select(argument => Path.Combine(folder, argument)).Where(File.Exists));
        }

        return files;
    }

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*", new EnumerationOptions { IgnoreInaccessible = true });

    private static IEnumerable<string> Folders(string folder) =>
        Directory.EnumerateDirectories(folder, "*", new EnumerationOptions { IgnoreInaccessible = true });

    private static string Stamp(string path)
    {
        var file = new FileInfo(path);
        // It may have gone since it was seen.
        return !file.Exists ? path : string.Create(CultureInfo.InvariantCulture, $"{path} {file.Length} {file.LastWriteTimeUtc.Ticks}");
    }

    /// <summary>The files of a folder and of those in it, without what npm has installed there.</summary>
    private static IEnumerable<string> Scripts(string folder) => Path.GetFileName(folder) is ['.', ..] or "node_modules" or "obj" ? []
        : Files(folder).Concat(Folders(folder).SelectMany(Scripts));

    /// <summary>Of texts, none of which can pass for the end of one and the beginning of the next.</summary>
    private static string Digest(IEnumerable<string> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in texts)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>A ledger as it is kept.</summary>
/// <param name="Answerer">The digest of all that the answers depend on, besides the question.</param>
/// <param name="Rows">The ledger.</param>
internal sealed record KeptLedger(string Answerer, ImmutableArray<LedgerRow> Rows);

/// <summary>The JSON of what is kept.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters = [typeof(KebabCase<ExternKind>), typeof(KebabCase<Provider>)])]
[JsonSerializable(typeof(KeptLedger))]
internal sealed partial class KeptLedgerJson : JsonSerializerContext;
