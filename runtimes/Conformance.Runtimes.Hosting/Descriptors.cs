using System.Runtime.InteropServices;

namespace Conformance.Runtimes.Hosting;

/// <summary>File descriptors by number, for what native code reads and writes. Linux and macOS.</summary>
public static partial class Descriptors
{
    /// <summary>Another descriptor of the same file.</summary>
    /// <exception cref="IOException">There is none to be had.</exception>
    public static int Copy(int descriptor) => Checked(Dup(descriptor), "dup");

    /// <summary>Makes a descriptor one of another's file; what it was is closed.</summary>
    /// <exception cref="IOException">It can't be.</exception>
    public static void Replace(int descriptor, int by) => Checked(Dup2(by, descriptor), "dup2");

    /// <exception cref="IOException">There is none to be had.</exception>
    public static unsafe (int Read, int Write) Pipe()
    {
        var ends = stackalloc int[2];
        Checked(PipeOf(ends), "pipe");
        return (ends[0], ends[1]);
    }

    public static void Close(int descriptor) => Checked(CloseOf(descriptor), "close");

    /// <summary>Writes out what C's buffered streams hold.</summary>
    public static void Flush() => _ = FlushOf(0);

    private static int Checked(int result, string call) =>
        result >= 0 ? result : throw new IOException($"{call}: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    private static partial int Dup(int descriptor);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static partial int Dup2(int from, int to);

    [LibraryImport("libc", EntryPoint = "pipe", SetLastError = true)]
    private static unsafe partial int PipeOf(int* ends);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int CloseOf(int descriptor);

    [LibraryImport("libc", EntryPoint = "fflush")]
    private static partial int FlushOf(nint stream);
}
