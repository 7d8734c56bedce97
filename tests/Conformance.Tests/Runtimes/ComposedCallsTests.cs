using System.Buffers.Binary;
using Conformance.Runtimes.Command;
using Conformance.Runtimes.Hosting;
using CsCheck;

namespace Conformance.Tests.Runtimes;

/// <summary>What a composed guest says is told from what it prints, whatever that is and however the pipe cuts it.</summary>
[TestFixture]
public sealed class ComposedCallsTests
{
    private const int Limit = 1 << 20;

    /// <summary>A piece of what comes from a guest: something that it prints, which may be like the secret; or a message.</summary>
    private sealed record Piece(byte[] Printed, int SecretBytes, long? Message);

    private static readonly Gen<Piece> Pieces = Gen.Select(Gen.Byte.Array[0, 40], Gen.Int[0, HostCallModule.SecretBytes - 1],
        Gen.Long, Gen.Bool, (printed, secret, value, says) => new Piece(printed, secret, says ? value : null));

    [Test]
    public void Output_and_messages_come_apart()
    {
        Gen.Select(Pieces.Array[0, 12], Gen.Int[1, 37]).Sample((pieces, cut) =>
        {
            var guest = new Guest(pieces, cut);
            var output = new OutputBuffer(Limit);
            var calls = new ComposedCalls([], new HostFunctions(""), "i64");
            calls.Serve(guest.Stdout, guest.Stdin, output);
            Assert.That(output.Text.Bytes, Is.EqualTo(guest.Printed));
            var last = pieces.LastOrDefault(piece => piece.Message is not null)?.Message;
            Assert.That((calls.HasReturned, calls.Returned),
                Is.EqualTo((last is not null, last?.ToString(System.Globalization.CultureInfo.InvariantCulture))));
        });
    }

    /// <summary>Says what it has to say once it has been told the secret.</summary>
    private sealed class Guest(Piece[] pieces, int cut)
    {
        private byte[]? _said;
        private int _at;

        public int Printed { get; private set; }

        public Stream Stdin => new Pipe(this);

        public Stream Stdout => new Pipe(this);

        private void Hear(ReadOnlySpan<byte> secret)
        {
            var said = new List<byte>();
            foreach (var piece in pieces)
            {
                // Most of the secret, as a guest can't know it, and then something else.
                byte[] printed = [.. piece.Printed, .. secret[..piece.SecretBytes], (byte)~secret[piece.SecretBytes]];
                Printed += printed.Length;
                said.AddRange(printed);
                if (piece.Message is not { } value) continue;
                var message = new byte[HostCallModule.RequestBytes];
                secret.CopyTo(message);
                BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(HostCallModule.SecretBytes), value);
                message[^1] = HostCallModule.Returned;
                said.AddRange(message);
            }

            _said ??= [.. said];
        }

        private int Say(Span<byte> into)
        {
            var length = Math.Min(Math.Min(cut, into.Length), _said!.Length - _at);
            _said.AsSpan(_at, length).CopyTo(into);
            _at += length;
            return length;
        }

        private sealed class Pipe(Guest guest) : Stream
        {
            public override bool CanRead => true;

            public override bool CanSeek => false;

            public override bool CanWrite => true;

            public override long Length => throw new NotSupportedException();

            public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

            public override void Flush()
            {
            }

            public override int Read(byte[] buffer, int offset, int count) => guest.Say(buffer.AsSpan(offset, count));

            public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

            public override void SetLength(long value) => throw new NotSupportedException();

            public override void Write(byte[] buffer, int offset, int count) => guest.Hear(buffer.AsSpan(offset, count));
        }
    }
}
