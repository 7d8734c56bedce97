using System.IO.Pipelines;

namespace Conformance.Protocol;

/// <summary>
/// Reads a pipe with a thread of its own. Asynchronous reads of pipes are blocking reads on pool threads, with a hand-over before and after
/// each: that costs more than all else in a message.
/// </summary>
internal static class PromptReader
{
    private const int ReadSize = 16 * 1024;

    /// <summary>The reader's continuations run on its thread, and with them all that answers a message.</summary>
    public static PipeReader Start(Stream input)
    {
        var pipe = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline,
            writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
        new Thread(() => Pump(input, pipe.Writer)) { IsBackground = true, Name = "protocol" }.Start();
        return pipe.Reader;
    }

    private static void Pump(Stream input, PipeWriter writer)
    {
        Exception? problem = null;
        try
        {
            while (true)
            {
                var read = input.Read(writer.GetSpan(ReadSize));
                writer.Advance(read);
                // Only a reader that is far behind makes the flush wait.
                if (read == 0 || writer.FlushAsync().AsTask().GetAwaiter().GetResult().IsCompleted) break;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            problem = e;
        }

        writer.Complete(problem);
    }
}

/// <summary>
/// Writes small messages to a pipe at once instead of by a pool thread: they fit in the pipe, which is empty when one is asked and one
/// answers.
/// </summary>
internal sealed class PromptStream(Stream output) : Stream
{
    /// <summary>A pipe takes this much at once (PIPE_BUF); a larger message may have to wait for its reader.</summary>
    private const int Prompt = 4096;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length > Prompt) return output.WriteAsync(buffer, cancellationToken);
        output.Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => output.Write(buffer, offset, count);

    /// <summary>Nothing is kept here, and pipes have nothing to flush.</summary>
    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) output.Dispose();
        base.Dispose(disposing);
    }
}
