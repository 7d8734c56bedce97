using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Conformance.Runtimes.Hosting;

/// <summary>
/// The pipes of the protocol, taken away from everybody else: file descriptor 1 is made a copy of 2, so that whatever a native library
/// prints goes to stderr, which the harness keeps with the cell; and 0 is empty, so that no guest reads the harness's messages.
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
        if (OperatingSystem.IsWindows())
        {
            // No descriptors to move there: managed code is kept off stdout, native libraries are trusted.
            var windowsOutput = Console.OpenStandardOutput();
            Console.SetOut(Console.Error);
            return new ProtocolChannel(Console.OpenStandardInput(), windowsOutput);
        }

        // Ctrl-C at the harness's terminal is for the harness: it decides what ends. A worker that leads a group already stays in it.
        _ = SetSid();
        // A file that may not grow is an error of the write that would, for a guest as for everybody, and not the end of the process.
        _ = SetSignal(FileTooLarge, Ignored);
        var (input, output) = (Descriptors.Copy(0), Descriptors.Copy(1));
        Descriptors.Replace(1, by: 2);
        using (var nothing = File.OpenHandle("/dev/null")) Descriptors.Replace(0, by: (int)nothing.DangerousGetHandle());
        Console.SetOut(Console.Error);
        return new ProtocolChannel(
            new FileStream(new SafeFileHandle(input, ownsHandle: true), FileAccess.Read, bufferSize: 1),
            new FileStream(new SafeFileHandle(output, ownsHandle: true), FileAccess.Write, bufferSize: 1));
    }

    public void Dispose()
    {
        Input.Dispose();
        Output.Dispose();
    }

    /// <summary><c>SIGXFSZ</c>, on Linux and macOS, and <c>SIG_IGN</c>.</summary>
    private const int FileTooLarge = 25, Ignored = 1;

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetSignal(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "setsid")]
    private static partial int SetSid();
}
