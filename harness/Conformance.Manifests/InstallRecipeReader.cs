using System.Collections.Immutable;
using Conformance.Machine;
using Conformance.Model.Runtimes;

namespace Conformance.Manifests;

/// <summary>Reads <c>[install]</c> of a runtime's or a tool's manifest.</summary>
internal static class InstallRecipeReader
{
    /// <param name="root">The manifest.</param>
    /// <param name="path">Its absolute path, for folders that it names.</param>
    public static InstallRecipe Read(ManifestTable root, string path)
    {
        if (root.Table("install") is not { } table) return new InstallRecipe();
        var recipe = new InstallRecipe
        {
            Tools = table.Strings("tools"),
            Release = table.Table("release") is { } release ? ReadRelease(release) : null,
            Debian = table.Table("debian") is { } debian ? ReadDebian(debian) : null,
            Npm = table.Table("npm") is { } npm ? ReadNpm(npm, Path.GetDirectoryName(path)!) : null,
        };
        table.Close();
        return recipe;
    }

    private static OfficialRelease ReadRelease(ManifestTable table)
    {
        var archives = ImmutableSortedDictionary.CreateBuilder<string, ReleaseArchive>(StringComparer.Ordinal);
        if (table.Table("archives", required: true) is { } platforms)
        {
            foreach (var platform in platforms.Keys)
            {
                if (platforms.Table(platform) is not { } archive) continue;
                var (url, sha256) = (archive.RequiredString("url"), archive.RequiredString("sha256"));
                if (url.Length > 0 && !(Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https"))
                    archive.Problem("url", $"'{url}' is no http or https URL");
                if (sha256.Length > 0 && (sha256.Length != 64 || sha256.Any(c => !char.IsAsciiHexDigitLower(c))))
                    archive.Problem("sha256", "'sha256' must be 64 lower-case hexadecimal digits");
                archive.Close();
                archives[platform] = new ReleaseArchive(url, sha256);
            }
        }

        var version = table.RequiredString("version");
        // It is part of a folder's name.
        if (version.Any(c => !char.IsAsciiLetterOrDigit(c) && !"+-._".Contains(c)) || version.Contains("..", StringComparison.Ordinal))
            table.Problem("version", $"\"{version}\" is no version: letters, digits, '+', '-', '_' and single dots");
        var release = new OfficialRelease(version, table.Strings("keep"), archives.ToImmutable());
        table.Close();
        return release;
    }

    private static DebianPackages ReadDebian(ManifestTable table)
    {
        var packages = new DebianPackages(table.Strings("packages"))
        {
            Suite = table.String("suite"),
            Program = table.String("program"),
            Libraries = table.Strings("libraries"),
            Fonts = table.String("fonts"),
        };
        if (packages.Packages.IsEmpty) table.Problem("packages", "'packages' names no package");
        // They become arguments of apt-get.
        foreach (var name in packages.Packages.Append(packages.Suite ?? "sid"))
        {
            if (name.Length == 0 || !char.IsAsciiLetterOrDigit(name[0]) || name.Any(c => !char.IsAsciiLetterOrDigit(c) && !"+-.".Contains(c)))
                table.Problem(null, $"\"{name}\" is no name of a package or a suite of Debian");
        }

        foreach (var inner in packages.Libraries.Append(packages.Program ?? "a").Append(packages.Fonts ?? "a"))
        {
            if (Path.IsPathRooted(inner) || inner.Split('/').Contains(".."))
                table.Problem(null, $"\"{inner}\" leads out of the folder that the packages are unpacked in");
        }

        table.Close();
        return packages;
    }

    private static NpmPackages ReadNpm(ManifestTable table, string folder)
    {
        var packages = new NpmPackages(Path.GetFullPath(Path.Combine(folder, table.RequiredString("folder"))), table.String("into"));
        if (packages.Into is { } into && (!InnerPath.IsInner(into) || into.Contains('/', StringComparison.Ordinal)))
            table.Problem("into", $"\"{into}\" is no name of a folder");
        if (!File.Exists(Path.Combine(packages.Folder, "package.json")))
            table.Problem("folder", $"{packages.Folder} has no package.json");
        table.Close();
        return packages;
    }
}
