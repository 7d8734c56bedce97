using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Conformance.Runtimes.Hosting;

namespace Conformance.Runtimes.Command;

/// <summary>
/// The host's side of a composed guest: its requests come on its stdout, between whatever it prints, and are answered on its stdin. A
/// request begins with sixteen random bytes that the guest's host functions read from stdin when they are first called, and that nothing
/// else of the guest is told: so nothing that it prints is taken for one.
/// </summary>
/// <param name="hosts">The host functions, by the number that requests have.</param>
/// <param name="functions">What they do.</param>
/// <param name="resultType">The type of what the entry returns; null where that is nothing, or not told.</param>
/// <param name="stdinPath">The file that is the guest's own stdin; null is an empty one.</param>
internal sealed class ComposedCalls(ImmutableArray<FulfilledImport> hosts, HostFunctions functions, string? resultType,
    string? stdinPath = null)
{
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(HostCallModule.SecretBytes);
    private readonly ArrayBufferWriter<byte> _pending = new();
    private readonly Lazy<Stream> _stdin = new(() => stdinPath is null ? Stream.Null : File.OpenRead(stdinPath));

    /// <summary>What a host function could not do; null where all could.</summary>
    public HostCallException? Failure { get; private set; }

    /// <summary>Whether the entry has returned.</summary>
    public bool HasReturned { get; private set; }

    /// <summary>Whether the guest ended by <c>proc_exit</c>.</summary>
    public bool HasExited { get; private set; }

    /// <summary>A request that no guest of ours makes, in words; null where there was none.</summary>
    public string? Violation { get; private set; }

    /// <summary>What the entry returned, as decimal text.</summary>
    public string? Returned { get; private set; }

    /// <summary>Serves until the guest's stdout ends.</summary>
    public void Serve(Stream stdout, Stream stdin, OutputBuffer output)
    {
        Send(stdin, _secret);
        var bytes = new byte[64 * 1024];
        int read;
        while ((read = stdout.Read(bytes)) > 0)
        {
            _pending.Write(bytes.AsSpan(0, read));
            Take(stdin, output);
        }

        // What looked like the beginning of a request was output.
        output.Write(_pending.WrittenSpan);
        if (_stdin.IsValueCreated) _stdin.Value.Dispose();
    }

    private void Take(Stream stdin, OutputBuffer output)
    {
        var pending = _pending.WrittenSpan;
        while (pending.IndexOf(_secret) is var at and >= 0)
        {
            output.Write(pending[..at]);
            pending = pending[at..];
            if (pending.Length < HostCallModule.RequestBytes) break;
            Answer(pending[HostCallModule.SecretBytes..HostCallModule.RequestBytes], stdin);
            pending = pending[HostCallModule.RequestBytes..];
        }

        // The rest is output but for what may be the beginning of the next request.
        var kept = pending.Length;
        if (!pending.StartsWith(_secret))
        {
            kept = Math.Min(pending.Length, _secret.Length - 1);
            while (!pending[^kept..].SequenceEqual(_secret.AsSpan(0, kept))) kept--;
        }

        output.Write(pending[..^kept]);
        var rest = pending[^kept..].ToArray();
        _pending.ResetWrittenCount();
        _pending.Write(rest);
    }

    private void Answer(ReadOnlySpan<byte> request, Stream stdin)
    {
        var value = BinaryPrimitives.ReadInt64LittleEndian(request);
        var what = request[sizeof(long)];
        if (what == HostCallModule.Returned)
        {
            HasReturned = true;
            Returned = resultType switch
            {
                null => null,
                "f32" => BitConverter.Int32BitsToSingle((int)value).ToString(CultureInfo.InvariantCulture),
                "f64" => BitConverter.Int64BitsToDouble(value).ToString(CultureInfo.InvariantCulture),
                _ => value.ToString(CultureInfo.InvariantCulture),
            };
            return;
        }

        if (what == HostCallModule.Exiting)
        {
            HasExited = true;
            return;
        }

        if (HasReturned || HasExited)
        {
            Violation ??= $"a guest that had ended asked for {what}";
            return;
        }

        if (what is HostCallModule.Reading or HostCallModule.Polling)
        {
            AnswerStdin(what, value, stdin);
            return;
        }

        if (what >= hosts.Length)
        {
            Violation ??= $"the guest asked for {what}, which nothing of it is called";
            return;
        }

        Span<byte> answer = stackalloc byte[HostCallModule.AnswerBytes];
        try
        {
            var host = hosts[what];
            var result = host.Type.Results is [var type] ? type : null;
            var number = functions.Call(host.Host, wantsResult: result is not null);
            BinaryPrimitives.WriteInt64LittleEndian(answer, 0);
            BinaryPrimitives.WriteInt64LittleEndian(answer[sizeof(long)..], result switch
            {
                "f32" => BitConverter.SingleToInt32Bits(number),
                "f64" => BitConverter.DoubleToInt64Bits(number),
                _ => number
            });
        }
        catch (HostCallException e)
        {
            // The guest traps when it is told so.
            Failure = e;
            BinaryPrimitives.WriteInt64LittleEndian(answer, 1);
        }

        Send(stdin, answer);
    }

    /// <summary>Of the guest's own stdin: how much is left of it, or so much of it as is asked for.</summary>
    private void AnswerStdin(byte what, long wanted, Stream stdin)
    {
        var room = what == HostCallModule.Reading ? (int)Math.Clamp(wanted, 0, HostCallModule.MostRead) : 0;
        var bytes = new byte[HostCallModule.AnswerBytes + room];
        var read = _stdin.Value.ReadAtLeast(bytes.AsSpan(HostCallModule.AnswerBytes), room, throwOnEndOfStream: false);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(sizeof(long)),
            what == HostCallModule.Reading ? read : _stdin.Value.Length - _stdin.Value.Position);
        Send(stdin, bytes.AsSpan(0, HostCallModule.AnswerBytes + read));
    }

    private static void Send(Stream stdin, ReadOnlySpan<byte> bytes)
    {
        try
        {
            stdin.Write(bytes);
            stdin.Flush();
        }
        catch (IOException)
        {
            // It has ended: its exit code tells how.
        }
    }
}
