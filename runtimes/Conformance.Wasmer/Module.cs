using System.Collections.Immutable;
using System.Text;
using Conformance.Wasmer.Interop;

namespace Conformance.Wasmer;

/// <summary>A compiled module. It can be instantiated any number of times, in any store of its engine.</summary>
public sealed unsafe class Module : IDisposable
{
    private ImmutableArray<Import> _imports;
    private ImmutableArray<Export> _exports;

    private Module(WasmModuleHandle handle)
    {
        Handle = handle;
    }

    /// <summary>
    /// What it imports, in the order of its bytes. The C API has no words for some types of later proposals (<c>v128</c>, tags): reading a
    /// module that imports one fails.
    /// </summary>
    public ImmutableArray<Import> Imports => _imports.IsDefault ? _imports = ReadImports() : _imports;

    /// <summary>What it exports, in the order of its bytes.</summary>
    public ImmutableArray<Export> Exports => _exports.IsDefault ? _exports = ReadExports() : _exports;

    internal WasmModuleHandle Handle { get; }

    /// <summary>Compiles a module in the binary format.</summary>
    /// <exception cref="WasmerException">It isn't valid; with Wasmer's words.</exception>
    public static Module FromBytes(Engine engine, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            return new Module(
            Native.wasm_module_new(engine.CompilingStore, Vector(start, bytes.Length)).Owned("wasm_module_new"));
        }
    }

    /// <summary>Compiles a module in the text format.</summary>
    /// <exception cref="WasmerException">It isn't valid; with Wasmer's words.</exception>
    public static Module FromText(Engine engine, string text) => FromBytes(engine, ConvertText(text));

    /// <summary>Turns the text format into the binary one.</summary>
    /// <exception cref="WasmerException">The text isn't valid; with Wasmer's words.</exception>
    public static byte[] ConvertText(string text)
    {
        WasmerLibrary.EnsureLoaded();
        var utf8 = Encoding.UTF8.GetBytes(text);
        fixed (byte* start = utf8)
        {
            Native.wat2wasm(Vector(start, utf8.Length), out var bytes);
            if (bytes.Size == 0) throw new WasmerException(LastError.Take() ?? "the text is not a module");
            return TakeBytes(ref bytes);
        }
    }

    /// <summary>Takes what <see cref="Serialize"/> gave.</summary>
    /// <param name="engine">An engine of the same Wasmer.</param>
    /// <param name="serialized">Wasmer checks that it is its own kind and version, not that it is whole: what it holds is executed, so keep
    /// it where only
    /// you can write, with a digest.</param>
    /// <exception cref="WasmerException">It is another Wasmer's, or nothing of the kind.</exception>
    public static Module Deserialize(Engine engine, ReadOnlySpan<byte> serialized)
    {
        fixed (byte* start = serialized)
        {
            return new Module(
            Native.wasm_module_deserialize(engine.CompilingStore, Vector(start, serialized.Length)).Owned("wasm_module_deserialize"));
        }
    }

    /// <summary>The compiled code, for <see cref="Deserialize"/>.</summary>
    /// <exception cref="WasmerException">Wasmer can't.</exception>
    public byte[] Serialize()
    {
        Native.wasm_module_serialize(Handle, out var bytes);
        return bytes.Size > 0 ? TakeBytes(ref bytes) : throw new WasmerException(
            LastError.Take() ?? "wasm_module_serialize failed without a word");
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    internal static string Text(WasmVector* name) => Encoding.UTF8.GetString(name->Bytes);

    internal static WasmVector Vector(void* data, int size) => new() { Size = (nuint)size, Data = data };

    private static byte[] TakeBytes(ref WasmVector owned)
    {
        var bytes = owned.Bytes.ToArray();
        Native.wasm_byte_vec_delete(ref owned);
        return bytes;
    }

    private ImmutableArray<Import> ReadImports()
    {
        Native.wasm_module_imports(Handle, out var vector);
        var imports = ImmutableArray.CreateBuilder<Import>((int)vector.Size);
        foreach (var import in vector.Pointers)
        {
            imports.Add(new Import(Text(Native.wasm_importtype_module(import)),
                Text(Native.wasm_importtype_name(import)), ExternType.Read(Native.wasm_importtype_type(import))));
        }

        Native.wasm_importtype_vec_delete(ref vector);
        return imports.MoveToImmutable();
    }

    private ImmutableArray<Export> ReadExports()
    {
        Native.wasm_module_exports(Handle, out var vector);
        var exports = ImmutableArray.CreateBuilder<Export>((int)vector.Size);
        foreach (var export in vector.Pointers)
            exports.Add(new Export(Text(Native.wasm_exporttype_name(export)), ExternType.Read(Native.wasm_exporttype_type(export))));
        Native.wasm_exporttype_vec_delete(ref vector);
        return exports.MoveToImmutable();
    }
}
