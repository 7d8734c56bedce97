using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Conformance.CounterServer;

/// <summary>
/// A connection of Kestrel's whose requests are received by a thread of its own, and answered there; the thread ends with it.
/// </summary>
internal sealed class ThreadedConnection : DefaultConnectionContext, IDuplexPipe
{
    private const int ReadSize = 4096;

    private readonly Socket _socket;
    private readonly Pipe _received = new(new PipeOptions(readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));

    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _started;

    public ThreadedConnection(Socket socket)
    {
        _socket = socket;
        _socket.NoDelay = true;
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        ConnectionClosed = _closed.Token;
        Output = PipeWriter.Create(new SendingStream(socket), new StreamPipeWriterOptions(leaveOpen: true));
        Transport = this;
    }

    /// <summary>What the client sent. The thread that receives it starts when it is first asked for: by then somebody listens.</summary>
    public PipeReader Input
    {
        get
        {
            if (Interlocked.Exchange(ref _started, 1) == 0) new Thread(Receive) { IsBackground = true, Name = "connection" }.Start();
            return _received.Reader;
        }
    }

    /// <summary>What is written is sent before the writer goes on.</summary>
    public PipeWriter Output { get; }

    public override void Abort(ConnectionAbortedException abortReason) => Close();

    public override async ValueTask DisposeAsync()
    {
        await Output.CompleteAsync();
        await _received.Reader.CompleteAsync();
        Close();
        if (_started != 0) await _ended.Task;
        _closed.Dispose();
        await base.DisposeAsync();
    }

    private void Close()
    {
        try
        {
            // This, and not the end of the descriptor, is what wakes a thread that waits for it.
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The client was faster.
        }

        _socket.Dispose();
    }

    private void Receive()
    {
        Exception? problem = null;
        try
        {
            while (true)
            {
                var read = _socket.Receive(_received.Writer.GetSpan(ReadSize));
                if (read == 0) break;
                _received.Writer.Advance(read);
                // Only a reader that is far behind makes the flush wait.
                if (_received.Writer.FlushAsync().AsTask().GetAwaiter().GetResult().IsCompleted) break;
            }
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
        {
            problem = new ConnectionResetException(e.Message, e);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            problem = new ConnectionAbortedException("the connection is closed", e);
        }

        _received.Writer.Complete(problem);
        // Who answers a request that takes long is told here.
        _closed.Cancel();
        _ended.SetResult();
    }

    /// <summary>Sends at once, as one who writes a file does: a socket that is used asynchronously once waits elsewhere for good.</summary>
    private sealed class SendingStream(Socket socket) : NetworkStream(socket, ownsSocket: false)
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }
    }
}
