using System.Collections.Immutable;
using Conformance.Engine.Planning;
using Conformance.Machine;
using Conformance.Model.Modules;

namespace Conformance.Engine.Running;

/// <summary>
/// The files of one cell alone: its stdin and copies of its fixture folders. Most cells have none, and cost nothing here.
/// </summary>
internal sealed class CellWorkspace : IDisposable
{
    private readonly DirectoryInfo? _folder;

    public CellWorkspace(Scenario scenario)
    {
        if (scenario.Stdin is null && scenario.Preopens.IsEmpty) return;
        _folder = Directory.CreateTempSubdirectory("conformance-cell-");
        try
        {
            if (scenario.Stdin is { } stdin)
            {
                StdinPath = Path.Combine(_folder.FullName, "stdin");
                File.WriteAllText(StdinPath, stdin);
            }

            var preopens = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
            foreach (var (guest, source) in scenario.Preopens)
            {
                var copy = _folder.CreateSubdirectory($"preopen-{preopens.Count}").FullName;
                FolderCopy.Make(source, copy);
                preopens[guest] = copy;
            }

            Preopens = preopens.ToImmutable();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string? StdinPath { get; }

    /// <summary>Guest path → this cell's copy.</summary>
    public ImmutableSortedDictionary<string, string> Preopens { get; } = ImmutableSortedDictionary<string, string>.Empty;

    public void Dispose() => _folder?.Delete(recursive: true);
}
