using System.Security.Cryptography;
using Conformance.Machine;
using Conformance.Protocol;
using Conformance.Wasm;

namespace Conformance.Runtimes.Hosting;

/// <summary>Modules as the harness names them: a path, and the hash of what was there when the run began.</summary>
public static class ModuleBytes
{
    /// <exception cref="IOException">The file can't be read, or is not the one that was hashed.</exception>
    public static byte[] Read(ModuleFile file)
    {
        var bytes = File.ReadAllBytes(file.Path);
        return Sha256.Hex(bytes) == file.Sha256 ? bytes : throw new IOException($"{file.Path} has changed since the run began");
    }

    /// <summary>What a module imports and exports; it need not compile.</summary>
    /// <exception cref="IOException">As for <see cref="Read"/>.</exception>
    /// <exception cref="WasmFormatException">The bytes are not a module.</exception>
    public static WasmInterface Interface(ModuleFile file) => WasmInterfaceReader.Read(Read(file));

    /// <summary>The answer to <c>resolve</c> about a module that can be read; a failure about one that can't.</summary>
    public static Task<ResolveResult> Resolve(ResolveParams request, Func<WasmInterface, ResolveResult> answer)
    {
        WasmInterface module;
        try
        {
            module = Interface(request.Module);
        }
        catch (Exception e) when (e is WasmFormatException or IOException)
        {
            return Task.FromResult(new ResolveResult([], e.Message));
        }

        return Task.FromResult(answer(module));
    }
}
