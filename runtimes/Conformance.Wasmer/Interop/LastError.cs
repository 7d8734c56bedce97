using System.Text;

namespace Conformance.Wasmer.Interop;

/// <summary>What Wasmer said last on this thread.</summary>
internal static unsafe class LastError
{
    /// <summary>The words, which Wasmer then forgets; null where there are none.</summary>
    public static string? Take()
    {
        var length = Native.wasmer_last_error_length();
        if (length <= 0) return null;
        var buffer = new byte[length];
        fixed (byte* start = buffer)
        {
            if (Native.wasmer_last_error_message(start, length) < 0) return null;
        }

        return Encoding.UTF8.GetString(buffer).TrimEnd('\0');
    }
}
