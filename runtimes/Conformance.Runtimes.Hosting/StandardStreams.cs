using System.Collections.Concurrent;
using Conformance.Model.Observations;
using Microsoft.Win32.SafeHandles;

namespace Conformance.Runtimes.Hosting;

/// <summary>
/// For engines whose WASI reads and writes the process's own file descriptors 0, 1 and 2: gives them a cell's stdin and pipes of the cell's
/// own, and reads those while the guest runs. One cell at a time. Linux and macOS.
/// </summary>
public sealed class StandardStreams : IDisposable
{
    private const string Nothing = "/dev/null";

    private readonly int _realError = Descriptors.Copy(2);
    private readonly PipeReader _stdout;
    private readonly PipeReader _stderr;

    /// <param name="outputBytes">What is kept of stdout, and of stderr.</param>
    public StandardStreams(int outputBytes)
    {
        _stdout = new PipeReader(outputBytes, null);
        // A guest's last words, or an engine's, before it ends the process are the harness's to keep.
        _stderr = new PipeReader(outputBytes,
            new FileStream(new SafeFileHandle(Descriptors.Copy(_realError), ownsHandle: true), FileAccess.Write, bufferSize: 0));
    }

    /// <summary>From here on, what is printed is the cell's.</summary>
    /// <param name="stdinPath">The file that is its stdin; null is an empty one.</param>
    /// <exception cref="IOException">The file can't be opened, or there are no descriptors.</exception>
    public void Begin(string? stdinPath)
    {
        // What native code printed by C's buffered streams before is not the cell's.
        Descriptors.Flush();
        Open(stdinPath ?? Nothing);
        Redirect(1, _stdout.Begin());
        Redirect(2, _stderr.Begin());
    }

    /// <summary>The end of it, and all that was printed.</summary>
    public (CapturedText Stdout, CapturedText Stderr) End()
    {
        Descriptors.Flush();
        // The pipes' last writers: their readers come to the end.
        Descriptors.Replace(1, by: _realError);
        Descriptors.Replace(2, by: _realError);
        Open(Nothing);
        return (_stdout.End(), _stderr.End());
    }

    public void Dispose()
    {
        _stdout.Dispose();
        _stderr.Dispose();
        Descriptors.Close(_realError);
    }

    private static void Open(string stdinPath)
    {
        using var file = File.OpenHandle(stdinPath);
        Descriptors.Replace(0, by: (int)file.DangerousGetHandle());
    }

    private static void Redirect(int descriptor, int writeEnd)
    {
        Descriptors.Replace(descriptor, by: writeEnd);
        Descriptors.Close(writeEnd);
    }

    /// <summary>A thread that reads one pipe after another to its end.</summary>
    private sealed class PipeReader : IDisposable
    {
        private readonly BlockingCollection<int> _pipes = [];
        private readonly SemaphoreSlim _ended = new(0);
        private readonly int _limit;
        private readonly FileStream? _copy;
        private OutputBuffer _buffer;

        public PipeReader(int limit, FileStream? copy)
        {
            _limit = limit;
            _copy = copy;
            _buffer = new OutputBuffer(limit);
            new Thread(Work) { IsBackground = true, Name = "guest output" }.Start();
        }

        /// <summary>The end to write to.</summary>
        public int Begin()
        {
            var (read, write) = Descriptors.Pipe();
            _buffer = new OutputBuffer(_limit);
            _pipes.Add(read);
            return write;
        }

        public CapturedText End()
        {
            _ended.Wait();
            return _buffer.Text;
        }

        public void Dispose() => _pipes.CompleteAdding();

        private void Work()
        {
            var bytes = new byte[64 * 1024];
            foreach (var pipe in _pipes.GetConsumingEnumerable())
            {
                using (var stream = new FileStream(new SafeFileHandle(pipe, ownsHandle: true), FileAccess.Read, bufferSize: 0))
                {
                    int read;
                    while ((read = stream.Read(bytes)) > 0)
                    {
                        _buffer.Write(bytes.AsSpan(0, read));
                        _copy?.Write(bytes.AsSpan(0, read));
                    }
                }

                _ended.Release();
            }
        }
    }
}
