namespace Conformance.Reporting.Jsonl;

/// <summary>A line of a file.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Position">Where it begins, in bytes.</param>
/// <param name="Bytes">What it holds, without its end; good until the next line is asked for.</param>
internal readonly record struct WholeLine(int Number, long Position, ReadOnlyMemory<byte> Bytes);

/// <summary>The lines of a file of UTF-8, one after another, however many there are.</summary>
internal static class WholeLines
{
    private const int ReadSize = 64 * 1024;

    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>Every line that has its end: the last may be one that a killed writer left.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    public static IEnumerable<WholeLine> Of(Stream file)
    {
        var buffer = new byte[ReadSize];
        var (number, begin, end, position) = (1, 0, 0, 0L);
        while (true)
        {
            if (end == buffer.Length && begin > 0)
            {
                buffer.AsSpan(begin, end - begin).CopyTo(buffer);
                (begin, end) = (0, end - begin);
            }

            if (end == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
            var read = file.Read(buffer, end, buffer.Length - end);
            if (read == 0) yield break;
            end += read;
            if (number == 1 && position == 0 && buffer.AsSpan(0, end).StartsWith(Mark)) (begin, position) = (Mark.Length, Mark.Length);
            int length;
            while ((length = buffer.AsSpan(begin, end - begin).IndexOf((byte)'\n')) >= 0)
            {
                yield return new WholeLine(number++, position, buffer.AsMemory(begin, length));
                begin += length + 1;
                position += length + 1;
            }
        }
    }
}
