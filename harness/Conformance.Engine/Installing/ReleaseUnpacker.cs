using System.Collections.Immutable;

namespace Conformance.Engine.Installing;

/// <summary>
/// Unpacks what a manifest keeps of an archive, and refuses the whole archive where an entry is what no release has: a path that leads out,
/// a device, a link to somewhere else. Paths are taken from the archive's root or, where all lies in one folder there, from that folder.
/// </summary>
/// <param name="keep">Files by name, folders by a name that ends with a slash.</param>
/// <param name="folder">Where to; it is empty.</param>
internal sealed class ReleaseUnpacker(ImmutableArray<string> keep, string folder)
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode Executable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);
    private readonly HashSet<string> _files = new(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">It can't be unpacked; why.</exception>
    /// <exception cref="IOException">It can't be written.</exception>
    public async Task UnpackAsync(string archive, CancellationToken cancellation)
    {
        await using var file = File.OpenRead(archive);
        try
        {
            await foreach (var entry in ReleaseArchiveReader.ReadAsync(file, cancellation).ConfigureAwait(false))
            {
                await TakeAsync(entry,
                cancellation).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is not (InvalidDataException or OperationCanceledException or UnauthorizedAccessException)
            && (e is not IOException || e is EndOfStreamException))
        {
            // Each library has exceptions of its own for what is damaged.
            throw new InvalidDataException(e.Message, e);
        }

        foreach (var (link, target) in _links) Link(link, target);
        if (_files.Count == 0) throw new InvalidDataException($"it holds none of {string.Join(", ", keep)}");
    }

    private async Task TakeAsync(ReleaseEntry entry, CancellationToken cancellation)
    {
        var path = Normal(entry.Name) ?? throw new InvalidDataException($"an entry's path climbs out of the folder: {entry.Name}");
        if (entry.Kind == ReleaseEntryKind.Special) throw new InvalidDataException($"an entry is a device or a pipe: {entry.Name}");
        if (entry.Kind == ReleaseEntryKind.Folder || Kept(path) is not { } kept) return;
        if (entry.Kind == ReleaseEntryKind.Link)
        {
            var target = Normal(entry.Target!) is { } inside ? Kept(inside) : null;
            if (!_links.TryAdd(kept, target ?? throw new InvalidDataException(
                $"an entry is a link to what is not unpacked: {entry.Name} → {entry.Target}")))
            {
                throw new InvalidDataException(
                $"two entries are {kept}");
            }

            return;
        }

        if (!_files.Add(kept)) throw new InvalidDataException($"two entries are {kept}");
        var place = Path.Combine(folder, kept);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        await using (var output = new FileStream(place, FileMode.CreateNew, FileAccess.Write))
        {
            await entry.Content!.CopyToAsync(output,
            cancellation).ConfigureAwait(false);
        }

        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(place, entry.IsExecutable ? Executable : Readable);
    }

    /// <summary>Makes a link when all files are there: what is written is never written through one.</summary>
    private void Link(string link, string target)
    {
        var end = target;
        for (var steps = 0; _links.TryGetValue(end, out var next); end = next)
        {
            if (++steps > _links.Count) throw new InvalidDataException($"an entry is a link to itself: {link}");
        }

        if (!_files.Contains(end) || _files.Contains(link))
            throw new InvalidDataException($"an entry is a link to what is not unpacked: {link} → {target}");
        var place = Path.Combine(folder, link);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        File.CreateSymbolicLink(place, Path.GetRelativePath(Path.GetDirectoryName(place)!, Path.Combine(folder, end)));
    }

    /// <summary>The place of a path that is kept, or null.</summary>
    private string? Kept(string path)
    {
        if (IsKept(path)) return path;
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        return slash >= 0 && path[(slash + 1)..] is var below && IsKept(below) ? below : null;
    }

    private bool IsKept(string path) =>
        keep.Any(kept => kept.EndsWith('/') ? path.StartsWith(kept, StringComparison.Ordinal) : path == kept);

    /// <summary>A path without its empty steps; null where it leads out of the archive, or is none of a release's.</summary>
    private static string? Normal(string path)
    {
        if (path.StartsWith('/') || path.Contains('\\', StringComparison.Ordinal)
            || path.Contains(':', StringComparison.Ordinal) || path.Contains('\0', StringComparison.Ordinal))
        {
            return null;
        }

        var steps = new List<string>();
        foreach (var step in path.Split('/'))
        {
            if (step is "" or ".") continue;
            if (step != "..") steps.Add(step);
            else if (steps.Count == 0) return null;
            else steps.RemoveAt(steps.Count - 1);
        }

        return string.Join('/', steps);
    }
}
