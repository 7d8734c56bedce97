using System.Collections.Concurrent;
using System.Collections.Immutable;
using Conformance.Machine;
using Conformance.Model.Runtimes;

namespace Conformance.Engine.Installing;

/// <summary>Is told of what a run, or a setup, brings onto the machine.</summary>
public interface ISetupListener
{
    /// <summary>Who is told how far one of them is.</summary>
    IInstallationProgress OnBegin(Installable item);

    /// <summary>It is there.</summary>
    /// <param name="item">What.</param>
    /// <param name="where">A folder, or how it was installed.</param>
    void OnInstalled(Installable item, string where);

    /// <param name="item">What could not be installed.</param>
    /// <param name="why">In one line.</param>
    void OnFailed(Installable item, string why);
}

/// <summary>
/// Carries out <c>[install]</c> of manifests: several at once, each once; its ways in their order, until one holds. What could not be had
/// is remembered, and a host that nobody answers at is asked once.
/// </summary>
/// <param name="tools">All tools that are known.</param>
/// <param name="mirror">Whose server to take all archives from, by the paths that their own URLs have; null takes those.</param>
/// <param name="listener">Is told.</param>
public sealed class Installer(ImmutableArray<ToolManifest> tools, Uri? mirror, ISetupListener listener)
{
    /// <summary>By what is installed, and not by its id: the runtime node needs the tool node.</summary>
    private readonly ConcurrentDictionary<Installable, Lazy<Task<string?>>> _attempts = new();

    /// <summary>Whether a tool is here, by its id: some are started to be asked for their version.</summary>
    private readonly ConcurrentDictionary<string, bool> _here = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, string> _unreachable = new(StringComparer.Ordinal);
    private readonly DebianInstallation _debian = new();

    /// <summary>Whether there is a way to bring it, or a tool that it needs, onto this machine.</summary>
    public bool Knows(Installable item) => HasWay(item) || MissingTools(item).Any(tool => HasWay(Installable.From(tool)));

    /// <summary>The tools that it needs and that are not here.</summary>
    public IEnumerable<ToolManifest> MissingTools(Installable item) =>
        tools.Where(tool => item.Recipe.Tools.Contains(tool.Id) && !IsHere(tool));

    /// <summary>Where an archive is taken from.</summary>
    /// <param name="archive">What a manifest pins.</param>
    /// <param name="mirror">The server to take it from instead of its own; null takes that.</param>
    public static string SourceOf(ReleaseArchive archive, Uri? mirror) =>
        mirror is null ? archive.Url : mirror.AbsoluteUri.TrimEnd('/') + new Uri(archive.Url).PathAndQuery;

    /// <summary>Installs what is missing of one thing; asked again, it answers what it found the first time.</summary>
    /// <param name="item">What.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Null where it is installed; else why not, in one line.</returns>
    public Task<string?> EnsureAsync(Installable item, CancellationToken cancellation) =>
        _attempts.GetOrAdd(item, _ => new Lazy<Task<string?>>(() => EnsureOnceAsync(item, cancellation))).Value;

    /// <summary>Installs a tool that is not here, and puts its programs on PATH.</summary>
    /// <returns>Null where it is here; else why not, in one line.</returns>
    public async Task<string?> EnsureAsync(ToolManifest tool, CancellationToken cancellation)
    {
        if (IsHere(tool)) return null;
        var why = await EnsureAsync(Installable.From(tool), cancellation).ConfigureAwait(false);
        if (why is not null) return why;
        SearchPath.Add(tool);
        _here[tool.Id] = true;
        return null;
    }

    /// <summary>Whether there is a way to bring it onto this machine, whatever it needs besides.</summary>
    public static bool HasWay(Installable item) => item.Recipe.Npm is not null || item.Recipe.Release?.ArchiveFor(Platform.Name) is not null
        || item.Recipe.Debian is { } packages && DebianInstallation.Obstacle(packages) is null;

    private bool IsHere(ToolManifest tool) => _here.GetOrAdd(tool.Id, _ => ToolPresence.IsHere(tool));

    private async Task<string?> EnsureOnceAsync(Installable item, CancellationToken cancellation)
    {
        foreach (var tool in MissingTools(item))
        {
            if (await EnsureAsync(tool, cancellation).ConfigureAwait(false) is { } lacking) return $"{tool.Id}: {lacking}";
        }

        if (!item.Recipe.HasWays) return null;
        var reasons = new List<string>();
        foreach (var (part, install) in Ways(item))
        {
            try
            {
                var where = await install(listener.OnBegin(part), cancellation).ConfigureAwait(false);
                if (where.Length > 0) listener.OnInstalled(part, where);
                return null;
            }
            catch (Exception e) when (e is DownloadException or ConformanceException)
            {
                reasons.Add(e.Message);
            }
        }

        var why = reasons.Count > 0 ? string.Join("; ", reasons) : $"{item.Name} has no release for {Platform.Name}";
        listener.OnFailed(item, why);
        return why;
    }

    /// <summary>
    /// What is told to be installed, and how it is: with where it is then, and an empty word where it was there before. A version is pinned
    /// by releases only.
    /// </summary>
    private IEnumerable<(Installable Part, Func<IInstallationProgress, CancellationToken, Task<string>> Install)> Ways(Installable item)
    {
        var unpinned = item with { Recipe = item.Recipe with { Release = null } };
        if (item.Recipe.Release?.ArchiveFor(Platform.Name) is { } archive)
            yield return (item, (progress, cancellation) => FetchAsync(item, archive, progress, cancellation));
        if (item.Recipe.Debian is { } packages)
            yield return (unpinned, (progress, cancellation) => _debian.InstallAsync(item, packages, progress, cancellation));
        if (item.Recipe.Npm is { } npm)
        {
            yield return (unpinned, (progress, cancellation) =>
                NpmInstallation.InstallAsync(item, npm, NpmRelease, progress, cancellation));
        }
    }

    private string? NpmRelease => tools.FirstOrDefault(tool => tool.Id == "npm") is { } npm ? Installable.From(npm).ReleaseFolder : null;

    private async Task<string> FetchAsync(Installable item, ReleaseArchive archive,
        IInstallationProgress progress, CancellationToken cancellation)
    {
        var installer = new ReleaseInstaller(item.Id, item.Recipe.Release!, item.ReleaseFolder!);
        if (installer.IsInstalled) return "";
        var source = SourceOf(archive, mirror);
        var host = new Uri(source).Authority;
        if (_unreachable.TryGetValue(host, out var known)) throw new DownloadException(known, isUnreachable: true);
        try
        {
            await installer.InstallOrFailAsync(source, again: false, progress, cancellation).ConfigureAwait(false);
            return installer.Folder;
        }
        catch (DownloadException e) when (e.IsUnreachable)
        {
            var why = $"{host} can't be reached: {(e.InnerException?.InnerException ?? e.InnerException)!.Message.TrimEnd('.')}";
            _unreachable.TryAdd(host, why);
            throw new DownloadException(why, isUnreachable: true, e);
        }
    }
}
