using System.Collections.Immutable;
using Conformance.Machine;

namespace Conformance.Manifests;

/// <summary>A folder with one subfolder for each manifest, whose name is the id.</summary>
internal static class ManifestFolder
{
    public static ImmutableArray<T> ReadAll<T>(string folder, string fileName, Func<string, T> read)
    {
        var problems = new List<ManifestProblem>();
        var manifests = ImmutableArray.CreateBuilder<T>();
        if (!Directory.Exists(folder))
            throw new ManifestException([new ManifestProblem(Path.GetFullPath(folder), 1, 1, "there is no such folder")]);
        foreach (var path in Directory.GetDirectories(folder)
            .Order(StringComparer.Ordinal).Select(f => Path.Combine(f, fileName)).Where(File.Exists))
        {
            try
            {
                manifests.Add(read(path));
            }
            catch (ManifestException e)
            {
                problems.AddRange(e.Problems);
            }
        }

        if (problems.Count > 0) throw new ManifestException(problems);
        return manifests.ToImmutable();
    }

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
