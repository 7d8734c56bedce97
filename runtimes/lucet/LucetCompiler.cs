using System.Security.Cryptography;
using System.Text;
using Conformance.Machine;
using Conformance.Runtimes.Hosting;

namespace Conformance.Runtimes.Lucet;

/// <summary>A module as the shared object that <c>lucetc</c> made of it.</summary>
internal sealed record LucetModule(string Path) : IDisposable
{
    public void Dispose() => File.Delete(Path);
}

/// <summary>Runs <c>lucetc</c> with the bindings of a kind of module, and <c>cc</c> for the host functions.</summary>
/// <param name="release">Where they are.</param>
/// <param name="folder">For the files of this worker.</param>
internal sealed class LucetCompiler(LucetRelease release, string folder)
{
    /// <param name="bytes">The module.</param>
    /// <param name="json">Its bindings.</param>
    /// <exception cref="LucetException">It is refused.</exception>
    public LucetModule Compile(byte[] bytes, string json)
    {
        var (module, bindings, output) = (NewFile("wasm"), NewFile("json"), NewFile("so"));
        File.WriteAllBytes(module, bytes);
        File.WriteAllText(bindings, json);
        try
        {
            var result = ToolRun.Run(release.Compiler, ["--bindings", bindings, "-o", output, module]);
            if (result.Exit == 0) return new LucetModule(output);
            throw new LucetException(result.Errors.Length > 0 ? result.Errors : $"lucetc ended with exit code {result.Exit}", bytes);
        }
        finally
        {
            File.Delete(module);
            File.Delete(bindings);
        }
    }

    public LucetModule Restore(byte[] serialized)
    {
        var file = NewFile("so");
        File.WriteAllBytes(file, serialized);
        return new LucetModule(file);
    }

    /// <summary>Compiles the library of host functions, unless it was before.</summary>
    /// <param name="results">As <see cref="Bindings.Results"/>.</param>
    /// <param name="cacheFolder">Where it may be kept between runs; null is this worker's folder.</param>
    /// <returns>The library.</returns>
    /// <exception cref="LucetException">The C compiler refuses it.</exception>
    public static string HostLibrary(string results, string folder, string? cacheFolder)
    {
        var source = LibrarySource.Write(results);
        var name = $"host-functions-{Sha256.Hex(source)[..16]}";
        var kept = Path.Combine(cacheFolder ?? folder, name + ".so");
        if (KeptFile.IsThere(kept)) return kept;
        var (text, output) = (Path.Combine(folder, name + ".c"), Path.Combine(folder, name + ".so"));
        File.WriteAllText(text, source);
        // Ending a guest unwinds the stack through these functions.
        var result = ToolRun.Run("cc", ["-shared", "-fPIC", "-fexceptions", "-O1", "-o", output, text]);
        if (result.Exit != 0) throw new LucetException($"cc: {result.Errors}");
        if (cacheFolder is not null) KeptFile.Keep(output, kept);
        return kept;
    }

    private string NewFile(string extension) => Path.Combine(folder, $"{Guid.NewGuid():n}.{extension}");
}
