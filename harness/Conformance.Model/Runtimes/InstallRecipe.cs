using System.Collections.Immutable;

namespace Conformance.Model.Runtimes;

/// <summary>
/// How something that is missing comes onto a machine, as <c>[install]</c> of its manifest says. Its ways are tried in the order in which
/// they stand here, until one holds.
/// </summary>
public sealed record InstallRecipe
{
    /// <summary>Tools that it needs, by id: they come first.</summary>
    public ImmutableArray<string> Tools { get; init; } = [];

    /// <summary>An official release; null where there is none.</summary>
    public OfficialRelease? Release { get; init; }

    /// <summary>Packages of Debian; null where it has none.</summary>
    public DebianPackages? Debian { get; init; }

    /// <summary>Packages of npm; null where it has none.</summary>
    public NpmPackages? Npm { get; init; }

    /// <summary>Whether there is any way.</summary>
    public bool HasWays => Release is not null || Debian is not null || Npm is not null;
}

/// <summary>An official release, pinned.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Keep">What is unpacked of an archive: files by name, folders by a name that ends with a slash.</param>
/// <param name="Archives">
/// Platform (such as <c>linux-x64</c>, or <see cref="AnyPlatform"/>) → archive.
/// </param>
public sealed record OfficialRelease(string Version,
    ImmutableArray<string> Keep, ImmutableSortedDictionary<string, ReleaseArchive> Archives)
{
    /// <summary>The name of an archive that is for every platform.</summary>
    public const string AnyPlatform = "any";

    /// <summary>The archive for a platform; null where there is none.</summary>
    /// <param name="platform">Such as <c>linux-x64</c>.</param>
    public ReleaseArchive? ArchiveFor(string platform) => Archives.GetValueOrDefault(platform) ?? Archives.GetValueOrDefault(AnyPlatform);
}

/// <summary>An archive of a release (<c>.tar.gz</c>, <c>.tar.xz</c> or <c>.zip</c>).</summary>
/// <param name="Url">Where it is published.</param>
/// <param name="Sha256">Of the archive, lower-case hex.</param>
public sealed record ReleaseArchive(string Url, string Sha256);

/// <summary>
/// Packages of Debian. Those of the machine's own suite are installed by root. Those of another suite, and those that can be started from
/// where they were unpacked, are unpacked for this project alone, into a folder of their own: the machine's sources stay as they are.
/// </summary>
/// <param name="Packages">By name.</param>
public sealed record DebianPackages(ImmutableArray<string> Packages)
{
    /// <summary>Another suite, such as <c>sid</c>; null is the machine's own.</summary>
    public string? Suite { get; init; }

    /// <summary>
    /// A program in the packages that can be started from the folder they are unpacked into, so that root is not needed; null where root
    /// is.
    /// </summary>
    public string? Program { get; init; }

    /// <summary>Folders of the libraries that the program needs, below that folder; a <c>*</c> stands for any name.</summary>
    public ImmutableArray<string> Libraries { get; init; } = [];

    /// <summary>The folder of the fonts that the program needs, below that folder; null where it needs none.</summary>
    public string? Fonts { get; init; }
}

/// <summary>Packages of npm, by the <c>package.json</c> of a folder.</summary>
/// <param name="Folder">Absolute path of the folder with the <c>package.json</c> and its lock file.</param>
/// <param name="Into">The name of the folder of <c>CONFORMANCE_HOME</c> that they are installed in; null is the folder itself.</param>
public sealed record NpmPackages(string Folder, string? Into);
