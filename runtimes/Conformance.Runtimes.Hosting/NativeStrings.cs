using System.Runtime.InteropServices;

namespace Conformance.Runtimes.Hosting;

/// <summary>Strings and arrays of strings for native code that keeps what it is given, as long as this lives.</summary>
public sealed unsafe class NativeStrings : IDisposable
{
    private readonly List<nint> _allocated = [];

    /// <summary>UTF-8, ending with a zero.</summary>
    public byte* Text(string text)
    {
        var native = Marshal.StringToCoTaskMemUTF8(text);
        _allocated.Add(native);
        return (byte*)native;
    }

    /// <summary>An array of such.</summary>
    public byte** Array(IReadOnlyCollection<string> texts)
    {
        var array = (byte**)Allocate(Math.Max(1, texts.Count) * sizeof(byte*));
        foreach (var (i, text) in texts.Index()) array[i] = Text(text);
        return array;
    }

    /// <summary>Bytes that are zero.</summary>
    public void* Allocate(int bytes)
    {
        var native = Marshal.AllocCoTaskMem(bytes);
        new Span<byte>((void*)native, bytes).Clear();
        _allocated.Add(native);
        return (void*)native;
    }

    public void Dispose()
    {
        foreach (var native in _allocated) Marshal.FreeCoTaskMem(native);
        _allocated.Clear();
    }
}
