using Conformance.Machine;
using Conformance.Model.Runtimes;

namespace Conformance.Engine.Installing;

/// <summary>Whether a tool is on this machine.</summary>
public static class ToolPresence
{
    private const string Home = "{home}";

    private static readonly string[] PackageLists = [".list", ":amd64.list", ":arm64.list"];

    /// <summary>Whether it is here, or not wanted here.</summary>
    public static bool IsHere(ToolManifest tool)
    {
        if (tool.Where is { } where && Find(where) is null) return true;
        if (tool.Install.Npm is { Into: not null } npm) return NpmInstallation.IsInstalled(npm);
        if (tool.Present.IsEmpty) return tool.Install.Debian!.Packages.All(IsInstalled);
        var places = tool.Present.Select(Find).ToList();
        return places.All(place => place is not null) && (tool.Oldest is not { } oldest || ProgramVersion.Major(places[0]!) >= oldest);
    }

    /// <summary>The first of an entry's places that is there; null where none is.</summary>
    private static string? Find(string entry) => entry.Split('|', StringSplitOptions.TrimEntries).Select(place =>
        !place.Contains('/', StringComparison.Ordinal) ? Programs.FindForRoot(place)
        : place.Replace(Home, ConformanceHome.Folder, StringComparison.Ordinal) is var path && Path.Exists(path) ? path : null)
        .FirstOrDefault(path => path is not null);

    /// <summary>As dpkg keeps it, which is faster than asking it.</summary>
    private static bool IsInstalled(string package) => PackageLists.Any(end => File.Exists($"/var/lib/dpkg/info/{package}{end}"));
}
