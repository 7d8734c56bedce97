namespace Conformance.Model.Modules;

/// <summary>A folder that a guest has from its beginning: a preopened directory of WASI preview 1.</summary>
/// <param name="GuestPath">Its name for the guest.</param>
/// <param name="Folder">The folder, absolute.</param>
/// <param name="ReadOnly">True: the guest may change nothing in it.</param>
public sealed record Preopen(string GuestPath, string Folder, bool ReadOnly = false);
