using System.Diagnostics;
using System.Security.Cryptography;
using Conformance.Machine;
using Conformance.Protocol;
using Conformance.Wasm;

namespace Conformance.Runtimes.Hosting;

/// <summary>A compiled module with what its bytes declare.</summary>
public sealed record CompiledModule<TModule>(TModule Module, WasmInterface Interface);

/// <summary>
/// Compiled modules by hash: in memory for the worker's life, and in the cache folder between runs, so that nothing is compiled twice. A
/// cache file carries the SHA-256 of its content, which no engine checks before it executes it; a damaged one, or one that the engine does
/// not take, is thrown away and made anew.
/// </summary>
/// <param name="cacheFolder">Of this very engine: its name has the hash of the engine's library. Null keeps nothing between runs.</param>
internal sealed class ModuleStore<TModule>(string? cacheFolder) : IDisposable
    where TModule : class, IDisposable
{
    private readonly Dictionary<(string Sha256, string Variant), CompiledModule<TModule>> _modules = [];
    private readonly Dictionary<string, double> _untold = new(StringComparer.Ordinal);

    /// <summary>True where the module needs no compiling any more.</summary>
    public bool Has(ModuleFile file, string? variant) => variant is not null && _modules.ContainsKey((file.Sha256, variant));

    /// <param name="file">The module.</param>
    /// <param name="variant">What tells compiled modules of the same bytes apart; null keeps none, and it is the caller's to
    /// dispose.</param>
    /// <param name="compile">The engine's; what it throws goes to the caller.</param>
    /// <param name="serialize">What <paramref name="deserialize"/> takes.</param>
    /// <param name="deserialize">Null where the engine refuses what it is given.</param>
    /// <exception cref="IOException">The file can't be read, or is not the one that was hashed.</exception>
    /// <exception cref="WasmFormatException">The bytes are not a module.</exception>
    public CompiledModule<TModule> Get(ModuleFile file,
        string? variant, Func<byte[], TModule> compile, Func<TModule, byte[]> serialize, Func<byte[], TModule?> deserialize)
    {
        if (variant is not null && _modules.TryGetValue((file.Sha256, variant), out var known)) return known;
        var bytes = ModuleBytes.Read(file);
        var started = Stopwatch.GetTimestamp();
        var path = cacheFolder is null || variant is null ? null : Path.Combine(cacheFolder, variant, file.Sha256 + ".compiled");
        var module = FromCache(path, deserialize) ?? Compile(path, bytes, compile, serialize);
        _untold[file.Sha256] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        try
        {
            var compiled = new CompiledModule<TModule>(module, WasmInterfaceReader.Read(bytes));
            return variant is null ? compiled : _modules[(file.Sha256, variant)] = compiled;
        }
        catch (WasmFormatException)
        {
            module.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The milliseconds that compiling a module (or loading what was compiled before) took: for the first cell that runs it, whoever needed
    /// it first; null for the others, which needed nothing.
    /// </summary>
    public double? TakeCompileTime(ModuleFile file) => _untold.Remove(file.Sha256, out var milliseconds) ? milliseconds : null;

    public void Dispose()
    {
        foreach (var compiled in _modules.Values) compiled.Module.Dispose();
        _modules.Clear();
    }

    private static TModule? FromCache(string? path, Func<byte[], TModule?> deserialize)
    {
        if (path is null || !File.Exists(path)) return null;
        try
        {
            var kept = File.ReadAllBytes(path);
            var content = kept.Length > SHA256.HashSizeInBytes ? kept[SHA256.HashSizeInBytes..] : [];
            var whole = content.Length > 0 && SHA256.HashData(content).AsSpan().SequenceEqual(kept.AsSpan(0, SHA256.HashSizeInBytes));
            if (whole && deserialize(content) is { } module)
            {
                KeptFile.Touch(path);
                return module;
            }

            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"compiled module not used: {e.Message}");
        }

        return null;
    }

    private static TModule Compile(string? path, byte[] bytes, Func<byte[], TModule> compile, Func<TModule, byte[]> serialize)
    {
        var module = compile(bytes);
        if (path is null) return module;
        try
        {
            var content = serialize(module);
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
}
