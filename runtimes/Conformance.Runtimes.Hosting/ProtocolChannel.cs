using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Conformance.Runtimes.Hosting;

/// <summary>
/// The pipes of the protocol, taken away from everybody else: file descriptor 1 is made a copy of 2, so that whatever a native library prints
/// goes to stderr, which the harness keeps with the cell.
/// </summary>
public sealed partial class ProtocolChannel : IDisposable
{
    private ProtocolChannel(Stream input, Stream output)
    {
        Input = input;
        Output = output;
    }

    public Stream Input { get; }

    public Stream Output { get; }

    /// <summary>To be called once, before anything prints.</summary>
    public static ProtocolChannel Take()
    {
        var input = Console.OpenStandardInput();
        if (OperatingSystem.IsWindows())
        {
            // No descriptors to move there: managed code is kept off stdout, native libraries are trusted.
            var windowsOutput = Console.OpenStandardOutput();
            Console.SetOut(Console.Error);
            return new ProtocolChannel(input, windowsOutput);
        }

        // Ctrl-C at the harness's terminal is for the harness: it decides what ends. A worker that leads a group already stays in it.
        _ = SetSid();
        var protocol = Dup(1);
        if (protocol < 0 || Dup2(2, 1) < 0) throw new IOException($"stdout can't be moved: errno {Marshal.GetLastPInvokeError()}");
        Console.SetOut(Console.Error);
        return new ProtocolChannel(input, new FileStream(new SafeFileHandle(protocol, ownsHandle: true), FileAccess.Write, bufferSize: 1));
    }

    public void Dispose()
    {
        Input.Dispose();
        Output.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "setsid")]
    private static partial int SetSid();

    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    private static partial int Dup(int descriptor);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static partial int Dup2(int from, int to);
}
