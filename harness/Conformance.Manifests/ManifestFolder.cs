using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Conformance.Machine;

namespace Conformance.Manifests;

/// <summary>A folder with one subfolder for each manifest, whose name is the id.</summary>
internal static class ManifestFolder
{
    public static ImmutableArray<T> ReadAll<T>(string folder, string fileName, Func<string, T> read)
    {
        string[] paths = [.. Ids(folder, fileName).Select(id => Path.Combine(folder, id, fileName))];
        var manifests = new T[paths.Length];
        var problems = new ImmutableArray<ManifestProblem>[paths.Length];
        try
        {
            // Each has a module to hash, or is a long text.
            Parallel.For(0, paths.Length, i =>
            {
                problems[i] = [];
                try
                {
                    manifests[i] = read(paths[i]);
                }
                catch (ManifestException e)
                {
                    problems[i] = [.. e.Problems];
                }
            });
        }
        catch (AggregateException e)
        {
            // What is wrong with the machine is wrong for all of them.
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        List<ManifestProblem> all = [.. problems.SelectMany(its => its)];
        return all.Count > 0 ? throw new ManifestException(all) : ImmutableCollectionsMarshal.AsImmutableArray(manifests);
    }

    /// <summary>The subfolders that have a manifest.</summary>
    public static IEnumerable<string> Ids(string folder, string fileName) => Directory.Exists(folder)
        ? Directory.GetDirectories(folder).Where(inner => File.Exists(Path.Combine(inner, fileName)))
            .Select(inner => Path.GetFileName(inner)).Order(StringComparer.Ordinal)
        : throw new ManifestException([new ManifestProblem(Path.GetFullPath(folder), 1, 1, "there is no such folder")]);

    public static string ReadText(string path)
    {
        try
        {
            return OrdinaryFile.Obstacle(path, OrdinaryFile.MostManifestBytes) is { } obstacle
                ? throw new ManifestException([new ManifestProblem(path, 1, 1, $"it {obstacle}")]) : File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ManifestException([new ManifestProblem(path, 1, 1, $"can't be read: {e.Message}")]);
        }
    }
}
