namespace Conformance.Engine.Installing;

/// <summary>What an entry of an archive is.</summary>
internal enum ReleaseEntryKind
{
    File,
    Folder,

    /// <summary>Of either kind, symbolic or hard.</summary>
    Link,

    /// <summary>A device, a pipe: what no release has.</summary>
    Special,
}

/// <summary>An entry of an archive, whatever the archive's form.</summary>
/// <param name="Name">Its path, as the archive has it.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Target">Of a link, the path that it leads to, from the archive's root; as it stands there.</param>
/// <param name="IsExecutable">Whether its owner may run it.</param>
/// <param name="Content">Of a file, what is in it: to be read before the next entry is asked for.</param>
internal sealed record ReleaseEntry(string Name, ReleaseEntryKind Kind, string? Target, bool IsExecutable, Stream? Content);
