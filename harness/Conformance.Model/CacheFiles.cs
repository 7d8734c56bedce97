namespace Conformance.Model;

/// <summary>Files below <see cref="ConformanceHome.Cache"/>, which several processes may write at once.</summary>
public static class CacheFiles
{
    /// <summary>Writes a file whole: each writer has a file of its own first, and the last one stays.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public static void Write(string path, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var partial = $"{path}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}";
        File.WriteAllBytes(partial, bytes);
        File.Move(partial, path, overwrite: true);
    }
}
