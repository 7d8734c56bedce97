namespace Conformance.Machine;

/// <summary>Relative paths that others wrote, such as a report's attachments: they lead into their folder, or nowhere.</summary>
public static class InnerPath
{
    /// <summary>Whether a path, as it is written, stays in the folder that it is relative to, on every system.</summary>
    public static bool IsInner(string path) => path.Length > 0 && !Path.IsPathRooted(path) && path.IndexOfAny([':', '\0']) < 0
        && path.Split('/', '\\').All(part => part is not ("" or "." or ".."));

    /// <summary>A file of a folder; null where it is none, or lies outside by way of links.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="path">Relative to it.</param>
    public static string? Find(string folder, string path)
    {
        if (!IsInner(path)) return null;
        var full = Path.GetFullPath(folder);
        foreach (var part in path.Split('/', '\\'))
        {
            full = Path.Combine(full, part);
            if (new FileInfo(full).LinkTarget is not null) return null;
        }

        return File.Exists(full) && OrdinaryFile.Is(new FileInfo(full)) ? full : null;
    }
}
