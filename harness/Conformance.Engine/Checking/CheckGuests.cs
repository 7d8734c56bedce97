using System.Security.Cryptography;
using Conformance.Machine;
using Conformance.Protocol;

namespace Conformance.Engine.Checking;

/// <summary>The guests that a worker is checked with, written into a folder of the check's own. Their text is in <c>guests/</c>.</summary>
internal sealed class CheckGuests : IDisposable
{
    private readonly DirectoryInfo _folder = SessionFolder.Create("check");

    /// <summary>A guest's file.</summary>
    /// <param name="name">Of a text in <c>guests/</c>.</param>
    public ModuleFile Get(string name)
    {
        using var resource = typeof(CheckGuests).Assembly.GetManifestResourceStream($"guests/{name}.wasm")
            ?? throw new InvalidOperationException($"there is no guest {name}");
        var path = Path.Combine(_folder.FullName, name + ".wasm");
        using (var file = File.Create(path)) resource.CopyTo(file);
        return new ModuleFile(path, Sha256.HexOfFile(path));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
