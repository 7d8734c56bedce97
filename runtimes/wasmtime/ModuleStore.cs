using System.Diagnostics;
using System.Security.Cryptography;
using Conformance.Model.Wasm;
using Conformance.Protocol;
using Wasmtime;

namespace Conformance.Runtimes.Wasmtime;

/// <summary>A compiled module with what its bytes declare.</summary>
internal sealed record CompiledModule(Module Module, WasmInterface Interface);

/// <summary>
/// Compiled modules by hash: in memory for the worker's life, and in the cache folder between runs, so that nothing is compiled twice.
/// A cache file that Wasmtime does not take (another version's, a damaged one) is thrown away and made anew.
/// </summary>
internal sealed class ModuleStore(Engine engine, string? cacheFolder) : IDisposable
{
    private readonly Dictionary<string, CompiledModule> _modules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double> _untold = new(StringComparer.Ordinal);

    /// <summary>True where the module needs no compiling any more.</summary>
    public bool Has(ModuleFile file) => _modules.ContainsKey(file.Sha256);

    /// <exception cref="IOException">The file can't be read, or is not the one that was hashed.</exception>
    /// <exception cref="WasmFormatException">The bytes are not a module.</exception>
    /// <exception cref="WasmtimeException">Wasmtime refuses to compile it.</exception>
    public CompiledModule Get(ModuleFile file)
    {
        if (_modules.TryGetValue(file.Sha256, out var known)) return known;
        var bytes = File.ReadAllBytes(file.Path);
        if (Convert.ToHexStringLower(SHA256.HashData(bytes)) != file.Sha256) throw new IOException($"{file.Path} has changed since the run began");
        var started = Stopwatch.GetTimestamp();
        var module = FromCache(file.Sha256) ?? Compile(file.Sha256, bytes);
        _untold[file.Sha256] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return _modules[file.Sha256] = new CompiledModule(module, WasmInterfaceReader.Read(bytes));
    }

    /// <summary>
    /// The milliseconds that compiling a module (or loading what was compiled before) took: for the first cell that runs it, whoever needed it first; null
    /// for the others, which needed nothing.
    /// </summary>
    public double? TakeCompileTime(ModuleFile file) => _untold.Remove(file.Sha256, out var milliseconds) ? milliseconds : null;

    public void Dispose()
    {
        foreach (var compiled in _modules.Values) compiled.Module.Dispose();
    }

    private Module? FromCache(string sha256)
    {
        var path = CachePath(sha256);
        if (path is null || !File.Exists(path)) return null;
        try
        {
            return Module.DeserializeFile(engine, sha256, path);
        }
        catch (WasmtimeException)
        {
            File.Delete(path);
            return null;
        }
    }

    private Module Compile(string sha256, byte[] bytes)
    {
        var module = Module.FromBytes(engine, sha256, bytes);
        if (CachePath(sha256) is not { } path) return module;
        try
        {
            Directory.CreateDirectory(cacheFolder!);
            var partial = $"{path}.{Environment.ProcessId}";
            File.WriteAllBytes(partial, module.Serialize());
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"wasmtime: compiled module not kept: {e.Message}");
        }

        return module;
    }

    private string? CachePath(string sha256) => cacheFolder is null ? null : Path.Combine(cacheFolder, sha256 + ".cwasm");
}
