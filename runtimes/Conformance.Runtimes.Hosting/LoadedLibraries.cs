using System.Security.Cryptography;
using Conformance.Machine;
using Conformance.Model.Runtimes;

namespace Conformance.Runtimes.Hosting;

/// <summary>Native libraries of this process.</summary>
public static class LoadedLibraries
{
    /// <summary>
    /// Where the loader found a library, as the process's own memory map has it; null where that is not told (elsewhere than on Linux).
    /// </summary>
    public static string? PathOf(string fileName) => !OperatingSystem.IsLinux() ? null :
        File.ReadLines("/proc/self/maps")
            .Select(line => line[(line.IndexOf('/', StringComparison.Ordinal) is var at and >= 0 ? at : line.Length)..])
            .FirstOrDefault(path => Path.GetFileName(path).StartsWith(fileName, StringComparison.Ordinal));

    /// <summary>A file that is a runtime, as <c>initialize</c> answers it.</summary>
    public static LibraryHash Hash(string path) => new(Path.GetFileName(path), KeptDigests.HexOfFile(path));
}
