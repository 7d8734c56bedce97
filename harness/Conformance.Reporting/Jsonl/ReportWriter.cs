using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Conformance.Machine;
using Conformance.Model;
using Conformance.Model.Reports;

namespace Conformance.Reporting.Jsonl;

/// <summary>
/// Writes <c>report.jsonl</c> as the run goes: each line is handed to the operating system whole before the next cell, so that what was
/// observed outlives the harness. The file is made anew; a report of an earlier run in its place is replaced.
/// </summary>
public sealed class ReportWriter : IReportListener, IDisposable
{
    /// <summary>The name of a report in its folder.</summary>
    public const string FileName = "report.jsonl";

    private Stream _file;
    private long _headerBytes;

    /// <param name="folder">Where to write; made where it is missing.</param>
    /// <exception cref="IOException">It can't be written there.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written there.</exception>
    public ReportWriter(string folder)
    {
        Directory.CreateDirectory(folder);
        Path = System.IO.Path.Combine(folder, FileName);
        _file = Open(FileMode.Create);
    }

    private ReportWriter(Stream file, string path)
    {
        _file = file;
        Path = path;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Writes a report that is there already, whole.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(Report report, string folder)
    {
        var path = System.IO.Path.Combine(folder, FileName);
        WholeFile.Write(path, stream =>
        {
            using var writer = new ReportWriter(stream, path);
            writer.OnHeader(report.Header, report.Cells.Length);
            foreach (var cell in report.Cells) writer.OnCell(cell);
            foreach (var size in report.Sizes) writer.OnSize(size);
            foreach (var atlas in report.Atlas) writer.OnAtlas(atlas);
            if (report.Footer is { } footer) writer.OnFooter(footer);
        });
    }

    /// <inheritdoc/>
    public void OnHeader(HeaderLine header, int cells)
    {
        if (_headerBytes == 0)
        {
            Write(header, ModelJson.Readable.HeaderLine);
            _headerBytes = _file.Position;
            return;
        }

        // Written anew beside the file and moved there: whoever reads meanwhile, or after a kill, finds one header and every cell.
        _file.Dispose();
        WholeFile.Write(Path, stream =>
        {
            var line = Line(header, ModelJson.Readable.HeaderLine);
            stream.Write(line);
            using var before = File.OpenRead(Path);
            before.Position = _headerBytes;
            before.CopyTo(stream);
            _headerBytes = line.Length;
        });
        _file = Open(FileMode.Append);
    }

    /// <inheritdoc/>
    public void OnCell(CellLine cell) => Write(cell, ModelJson.Readable.CellLine);

    /// <inheritdoc/>
    public void OnSize(SizeLine size) => Write(size, ModelJson.Readable.SizeLine);

    /// <inheritdoc/>
    public void OnAtlas(AtlasLine atlas) => Write(atlas, ModelJson.Readable.AtlasLine);

    /// <inheritdoc/>
    public void OnFooter(FooterLine footer) => Write(footer, ModelJson.Readable.FooterLine);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private FileStream Open(FileMode mode) => new(Path, mode, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 0);

    private void Write<T>(T line, JsonTypeInfo<T> type) => _file.Write(Line(line, type));

    private static ReadOnlySpan<byte> Line<T>(T line, JsonTypeInfo<T> type)
    {
        using var bytes = new MemoryStream();
        JsonSerializer.Serialize(bytes, line, type);
        bytes.WriteByte((byte)'\n');
        return bytes.GetBuffer().AsSpan(0, (int)bytes.Length);
    }
}
