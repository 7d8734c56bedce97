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
        _folder = SessionFolder.Create("cell");
        try
        {
            if (scenario.Stdin is { } stdin)
            {
                StdinPath = Path.Combine(_folder.FullName, "stdin");
                File.WriteAllBytes(StdinPath, stdin.AsSpan());
            }

            Preopens = [.. scenario.Preopens.Select((preopen, i) =>
            {
                var copy = _folder.CreateSubdirectory($"preopen-{i}").FullName;
                FolderCopy.Make(preopen.Folder, copy);
                return preopen with { Folder = copy };
            })];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string? StdinPath { get; }

    /// <summary>The scenario's, as this cell's copies.</summary>
    public ImmutableArray<Preopen> Preopens { get; } = [];

    public void Dispose() => _folder?.Delete(recursive: true);
}
