using System.Buffers;
using System.Text.Json;
using Conformance.Model;
using Conformance.Model.Observations;
using Conformance.Model.Reports;
using Microsoft.Win32.SafeHandles;

namespace Conformance.Reporting.Jsonl;

/// <summary>
/// Cells that are in a report's file: the first are held, so that a small report is read once, and of the others only where they are. The
/// file stays open for as long as somebody has the list.
/// </summary>
internal sealed class RecordedCells : CellList
{
    /// <summary>A matrix of all guests on all runtimes has a few hundred.</summary>
    private const int Most = 500;

    private readonly List<CellLine> _held = [];
    private readonly List<Place> _places = [];
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private SafeFileHandle? _file;
    private long _origin;

    public override int Length => _places.Count;

    public override CellLine this[int index] => index < _held.Count ? _held[index] : Read(_places[index]);

    public override CellId IdOf(int index) => _places[index].Id;

    public override Verdict VerdictOf(int index) => _places[index].Verdict;

    /// <param name="cell">The cell.</param>
    /// <param name="position">Where its line begins, from what <see cref="ReadFrom"/> calls the origin.</param>
    /// <param name="length">The line's, in bytes.</param>
    public void Add(CellLine cell, long position, int length)
    {
        if (_held.Count < Most) _held.Add(cell);
        // The ids of modules and runtimes are the same few, and each line has its own copy.
        var id = new CellId(new RowId(Shared(cell.Module), cell.Scenario), Shared(cell.Runtime));
        _places.Add(new Place(id, cell.Verdict, position, length));
    }

    /// <summary>Where the lines are to be read.</summary>
    /// <param name="path">The report's file.</param>
    /// <param name="origin">The position in it that places count from.</param>
    public void ReadFrom(string path, long origin)
    {
        _file?.Dispose();
        _file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        _origin = origin;
    }

    private CellLine Read(Place place)
    {
        var line = ArrayPool<byte>.Shared.Rent(place.Length);
        try
        {
            var bytes = line.AsSpan(0, place.Length);
            for (var read = 0; read < bytes.Length;)
            {
                var more = RandomAccess.Read(_file!, bytes[read..], _origin + place.Position + read);
                if (more == 0) throw new IOException($"the line of the cell {place.Id} is not in its report any more");
                read += more;
            }

            return JsonSerializer.Deserialize(bytes, ModelJson.Readable.CellLine)!;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(line);
        }
    }

    private string Shared(string name)
    {
        if (_names.TryGetValue(name, out var known)) return known;
        return _names[name] = name;
    }

    private readonly record struct Place(CellId Id, Verdict Verdict, long Position, int Length);
}
