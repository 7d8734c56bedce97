using System.Runtime.InteropServices;
using Conformance.Runtimes.Hosting;
using Microsoft.Win32.SafeHandles;

namespace Conformance.Runtimes.Lucet;

/// <summary>
/// Answers host functions on a thread of its own: guests run on a stack that Lucet made, on which no managed code may run. One cell at a
/// time.
/// </summary>
internal sealed class HostCalls : IDisposable
{
    private readonly FileStream _requests;
    private readonly FileStream _answers;
    private Bindings? _bindings;
    private HostFunctions? _functions;

    public HostCalls()
    {
        var (requests, toHost) = Descriptors.Pipe();
        var (fromHost, answers) = Descriptors.Pipe();
        (ToHost, FromHost) = (toHost, fromHost);
        _requests = new FileStream(new SafeFileHandle(requests, ownsHandle: true), FileAccess.Read, bufferSize: 0);
        _answers = new FileStream(new SafeFileHandle(answers, ownsHandle: true), FileAccess.Write, bufferSize: 0);
        new Thread(Work) { IsBackground = true, Name = "host functions" }.Start();
    }

    /// <summary>The descriptor that requests are written to.</summary>
    public int ToHost { get; }

    /// <summary>The descriptor that answers are read from.</summary>
    public int FromHost { get; }

    /// <summary>What a host function of the cell could not do; null where all could.</summary>
    public HostCallException? Failure { get; private set; }

    public void Begin(Bindings bindings, HostFunctions functions) => (_bindings, _functions, Failure) = (bindings, functions, null);

    public void Dispose()
    {
        // The thread's read ends with its last writer.
        Descriptors.Close(ToHost);
        Descriptors.Close(FromHost);
    }

    private void Work()
    {
        Span<byte> slot = stackalloc byte[sizeof(uint)];
        Span<ulong> answer = stackalloc ulong[2];
        while (_requests.ReadAtLeast(slot, slot.Length, throwOnEndOfStream: false) == slot.Length)
        {
            try
            {
                (answer[0], answer[1]) = (0, _bindings!.Call((int)MemoryMarshal.Read<uint>(slot), _functions!));
            }
            catch (HostCallException e)
            {
                Failure = e;
                (answer[0], answer[1]) = (1, 0);
            }

            _answers.Write(MemoryMarshal.AsBytes(answer));
        }

        _requests.Dispose();
        _answers.Dispose();
    }
}
