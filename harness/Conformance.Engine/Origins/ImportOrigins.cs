using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Conformance.Wasm;

namespace Conformance.Engine.Origins;

/// <summary>Who normally provides an import: a convention that people meet.</summary>
/// <param name="Who">In a few words.</param>
/// <param name="Remedy">What to do where it is missing.</param>
/// <param name="Hosts">How, in one host or another.</param>
/// <param name="Link">Where one can read more.</param>
public sealed record ImportOrigin(string Who, string Remedy, ImmutableArray<HostRemedy> Hosts, string Link)
{
    /// <summary>Whether it is a script of a page, by which alone such modules are entered.</summary>
    public bool IsPage { get; init; }
}

/// <summary>The line of a language, or the command, that provides an import.</summary>
/// <param name="Host">Where it is written.</param>
/// <param name="Runtime">The id of the runtime that has it then, where that has it always; null where it is up to the embedder.</param>
/// <param name="Do">The line; <c>{module}</c>, <c>{name}</c> and <c>{file}</c> stand for the import's.</param>
public sealed record HostRemedy(string Host, string? Runtime, string Do);

/// <summary>
/// What imports tell of their origin, by the conventions of <c>conventions.json</c>: the first that fits counts. Names alone do not tell
/// all of it: <c>env::memory</c> is of who imports what else is beside it.
/// </summary>
public static class ImportOrigins
{
    private static readonly ImmutableArray<Convention> Conventions = Read();

    private static readonly ImmutableDictionary<string, ImmutableHashSet<string>> Surfaces = WasiSurfaces.Namespaces
        .ToImmutableDictionary(name => name, name => WasiSurfaces.Read(name).Select(import => import.Name).ToImmutableHashSet());

    /// <summary>The origin of an import of a module; null where nothing is known of such.</summary>
    public static ImportOrigin? Find(WasmImport import, WasmInterface module) =>
        Conventions.FirstOrDefault(convention => convention.Fits(import, module))?.Origin;

    private static ImmutableArray<Convention> Read()
    {
        using var stream = typeof(ImportOrigins).Assembly.GetManifestResourceStream("conventions.json")!;
        return JsonSerializer.Deserialize(stream, ConventionJson.Default.ConventionFile)!.Conventions;
    }

    /// <summary>Which imports are by a convention. Patterns are .NET's regular expressions.</summary>
    internal sealed record Convention
    {
        public required string Who { get; init; }

        /// <summary>See <see cref="ImportOrigin.IsPage"/>.</summary>
        public bool Page { get; init; }

        /// <summary>Of the import's module.</summary>
        public required string Module { get; init; }

        /// <summary>Of its name; null is any.</summary>
        public string? Name { get; init; }

        /// <summary>What it imports; null is anything.</summary>
        public ImmutableArray<ExternKind>? Kinds { get; init; }

        /// <summary>The namespace of WASI that has a function of its name; null where that is not asked.</summary>
        public string? Surface { get; init; }

        /// <summary>What the module must import, too.</summary>
        public Beside? Beside { get; init; }

        /// <summary>Of a name that the module must export.</summary>
        public string? Exports { get; init; }

        public required string Remedy { get; init; }

        public ImmutableArray<HostRemedy>? Hosts { get; init; }

        public required string Link { get; init; }

        [JsonIgnore]
        public ImportOrigin Origin => new(Who, Remedy, Hosts ?? [], Link) { IsPage = Page };

        public bool Fits(WasmImport import, WasmInterface module) => Matches(Module, import.Module) && Matches(Name, import.Name)
            && Kinds?.Contains(import.Type.Kind) != false && (Surface is null || Surfaces[Surface].Contains(import.Name))
            && (Beside is null || module.Imports.Any(other => Matches(Beside.Module, other.Module) && Matches(Beside.Name, other.Name)))
            && (Exports is null || module.Exports.Any(export => Matches(Exports, export.Name)));

        /// <summary>Names are of strangers: no pattern may take long over one.</summary>
        private static bool Matches(string? pattern, string name) =>
            pattern is null || Regex.IsMatch(name, pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
    }

    /// <param name="Module">Pattern of an import's module.</param>
    /// <param name="Name">Pattern of its name.</param>
    internal sealed record Beside(string Module, string Name);

    internal sealed record ConventionFile(ImmutableArray<Convention> Conventions);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ImportOrigins.ConventionFile))]
internal sealed partial class ConventionJson : JsonSerializerContext;
