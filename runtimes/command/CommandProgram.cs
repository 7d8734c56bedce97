using System.Collections.Immutable;
using Conformance.Machine;
using Conformance.Model.Runtimes;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;

namespace Conformance.Runtimes.Command;

/// <summary>A command's file, and what it is started with.</summary>
/// <param name="Path">The file.</param>
/// <param name="Environment">What is set besides this process's own environment.</param>
internal sealed record CommandProgram(string Path, ImmutableDictionary<string, string> Environment)
{
    /// <summary>Where a release may have its libraries, which its program may not find by itself.</summary>
    private static readonly string[] LibraryFolders = ["lib", "lib64"];

    /// <summary>Where a command is looked for, in order: on PATH, then in the release that the runtime's manifest pins.</summary>
    /// <param name="description">The command.</param>
    /// <param name="here">The manifest's folder.</param>
    /// <param name="release">Where that release is unpacked; null where none is pinned.</param>
    public static ImmutableArray<SearchedPlace> Places(CommandDescription description, string here, string? release)
    {
        if (description.Program.StartsWith('.'))
            return [Place(description.Program, System.IO.Path.GetFullPath(System.IO.Path.Combine(here, description.Program)))];
        var onPath = Programs.Find(description.Program);
        var file = description.Program + (OperatingSystem.IsWindows() ? ".exe" : "");
        return
        [
            new SearchedPlace("PATH", onPath ?? description.Program, onPath is not null),
            .. release is null ? [] : new[] { System.IO.Path.Combine(release, file), System.IO.Path.Combine(release,
                "bin", file) }.Select(path => Place("release", path)).OrderByDescending(place => place.Found).Take(1),
        ];
    }

    /// <summary>The command in one of those places.</summary>
    public static CommandProgram At(string path, string? release)
    {
        ImmutableArray<string> libraries = release is not null && path.StartsWith(release, StringComparison.Ordinal)
            ? [.. LibraryFolders.Select(folder => System.IO.Path.Combine(release, folder)).Where(Directory.Exists)] : [];
        if (libraries.IsEmpty || OperatingSystem.IsWindows()) return new CommandProgram(path, ImmutableDictionary<string, string>.Empty);
        var name = OperatingSystem.IsMacOS() ? "DYLD_LIBRARY_PATH" : "LD_LIBRARY_PATH";
        var own = System.Environment.GetEnvironmentVariable(name) is { Length: > 0 } set ? [set] : Array.Empty<string>();
        return new CommandProgram(path, ImmutableDictionary<string, string>.Empty.Add(name, string.Join(':', [.. libraries, .. own])));
    }

    private static SearchedPlace Place(string name, string path) => new(name, path, File.Exists(path));
}
