using System.Collections.Immutable;
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

    private readonly RecordedCells _cells = new();
    private readonly ImmutableArray<SizeLine>.Builder _sizes = ImmutableArray.CreateBuilder<SizeLine>();
    private readonly ImmutableArray<AtlasLine>.Builder _atlas = ImmutableArray.CreateBuilder<AtlasLine>();
    private readonly MemoryStream _line = new();
    private Stream _file;
    private long _headerBytes;
    private HeaderLine? _header;
    private FooterLine? _footer;

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

    /// <summary>What was written until now: its cells are read from the file when they are asked for.</summary>
    /// <exception cref="InvalidOperationException">Nothing was.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public Report Report
    {
        get
        {
            var header = _header ?? throw new InvalidOperationException("a report begins with a header, and none was written");
            _cells.ReadFrom(Path, _headerBytes);
            return new Report(header, _cells, _sizes.ToImmutable(), _atlas.ToImmutable(), _footer);
        }
    }

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
        _header = header;
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
    public void OnCell(CellLine cell)
    {
        var position = _file.Position - _headerBytes;
        _cells.Add(cell, position, Write(cell, ModelJson.Readable.CellLine));
    }

    /// <inheritdoc/>
    public void OnSize(SizeLine size)
    {
        _sizes.Add(size);
        Write(size, ModelJson.Readable.SizeLine);
    }

    /// <inheritdoc/>
    public void OnAtlas(AtlasLine atlas)
    {
        _atlas.Add(atlas);
        Write(atlas, ModelJson.Readable.AtlasLine);
    }

    /// <inheritdoc/>
    public void OnFooter(FooterLine footer)
    {
        _footer = footer;
        // Of many rows it is as long as thousands of cells, and is not held besides.
        JsonSerializer.Serialize(_file, footer, ModelJson.Readable.FooterLine);
        _file.WriteByte((byte)'\n');
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _line.Dispose();
    }

    private FileStream Open(FileMode mode) => new(Path, mode, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 0);

    /// <returns>How many bytes it has.</returns>
    private int Write<T>(T line, JsonTypeInfo<T> type)
    {
        var bytes = Line(line, type);
        _file.Write(bytes);
        return bytes.Length;
    }

    /// <summary>A line as it is written, until the next is asked for.</summary>
    private ReadOnlySpan<byte> Line<T>(T line, JsonTypeInfo<T> type)
    {
        _line.SetLength(0);
        JsonSerializer.Serialize(_line, line, type);
        _line.WriteByte((byte)'\n');
        return _line.GetBuffer().AsSpan(0, (int)_line.Length);
    }
}
