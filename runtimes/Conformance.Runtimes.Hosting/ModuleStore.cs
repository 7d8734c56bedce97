using System.Diagnostics;
using System.Security.Cryptography;
using Conformance.Machine;
using Conformance.Model;
using Conformance.Protocol;
using Conformance.Wasm;

namespace Conformance.Runtimes.Hosting;

/// <summary>A compiled module with what its bytes declare.</summary>
public sealed record CompiledModule<TModule>(TModule Module, WasmInterface Interface);

/// <summary>What an engine does with modules, for a <see cref="ModuleStore{TModule}"/>.</summary>
public interface IModuleCompiler<TModule>
{
    /// <summary>Compiles; what the engine throws goes to whoever asked.</summary>
    TModule Compile(byte[] bytes);

    /// <summary>What <see cref="Deserialize"/> takes.</summary>
    byte[] Serialize(TModule module);

    /// <summary>Null where the engine refuses what it is given: another version's.</summary>
    TModule? Deserialize(byte[] serialized);
}

/// <summary>
/// Compiled modules by hash: in memory for the worker's life, and in the cache folder between runs, so that nothing is compiled twice. A cache file carries the SHA-256 of
/// its content, which no engine checks before it executes it; a damaged one, or one that the engine does not take, is thrown away and made anew.
/// </summary>
/// <param name="compiler">The engine.</param>
/// <param name="cacheFolder">Of this very engine: its name has the hash of the engine's library. Null keeps nothing between runs.</param>
public sealed class ModuleStore<TModule>(IModuleCompiler<TModule> compiler, string? cacheFolder) : IDisposable
    where TModule : class, IDisposable
{
    private readonly Dictionary<string, CompiledModule<TModule>> _modules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double> _untold = new(StringComparer.Ordinal);

    /// <summary>True where the module needs no compiling any more.</summary>
    public bool Has(ModuleFile file) => _modules.ContainsKey(file.Sha256);

    /// <exception cref="IOException">The file can't be read, or is not the one that was hashed.</exception>
    /// <exception cref="WasmFormatException">The bytes are not a module.</exception>
    public CompiledModule<TModule> Get(ModuleFile file)
    {
        if (_modules.TryGetValue(file.Sha256, out var known)) return known;
        var bytes = ModuleBytes.Read(file);
        var started = Stopwatch.GetTimestamp();
        var module = FromCache(file.Sha256) ?? Compile(file.Sha256, bytes);
        _untold[file.Sha256] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return _modules[file.Sha256] = new CompiledModule<TModule>(module, WasmInterfaceReader.Read(bytes));
    }

    /// <summary>
    /// The milliseconds that compiling a module (or loading what was compiled before) took: for the first cell that runs it, whoever needed it first; null
    /// for the others, which needed nothing.
    /// </summary>
    public double? TakeCompileTime(ModuleFile file) => _untold.Remove(file.Sha256, out var milliseconds) ? milliseconds : null;

    public void Dispose()
    {
        foreach (var compiled in _modules.Values) compiled.Module.Dispose();
        _modules.Clear();
    }

    private TModule? FromCache(string sha256)
    {
        var path = CachePath(sha256);
        if (path is null || !File.Exists(path)) return null;
        try
        {
            var kept = File.ReadAllBytes(path);
            var content = kept.Length > SHA256.HashSizeInBytes ? kept[SHA256.HashSizeInBytes..] : [];
            var whole = content.Length > 0 && SHA256.HashData(content).AsSpan().SequenceEqual(kept.AsSpan(0, SHA256.HashSizeInBytes));
            if (whole && compiler.Deserialize(content) is { } module) return module;
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"compiled module not used: {e.Message}");
        }

        return null;
    }

    private TModule Compile(string sha256, byte[] bytes)
    {
        var module = compiler.Compile(bytes);
        if (CachePath(sha256) is not { } path) return module;
        try
        {
            var content = compiler.Serialize(module);
            WholeFile.Write(path, file =>
            {
                file.Write(SHA256.HashData(content));
                file.Write(content);
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"compiled module not kept: {e.Message}");
        }

        return module;
    }

    private string? CachePath(string sha256) => cacheFolder is null ? null : Path.Combine(cacheFolder, sha256 + ".compiled");
}
