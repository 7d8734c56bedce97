using System.Collections.Immutable;
using Conformance.Wasm;

namespace Conformance.Runtimes.Lucet;

/// <summary>The one WASI that Lucet has, of 2019, and what of it a guest of preview 1 can be given.</summary>
/// <seealso href="https://github.com/WebAssembly/WASI/blob/main/legacy/preview0/docs.md"/>
internal static class WasiUnstable
{
    public const string Module = "wasi_unstable";
    public const string Preview1 = "wasi_snapshot_preview1";

    /// <summary>How the ledger marks an import of preview 1.</summary>
    private const string Mark = "bound to wasi_unstable";

    /// <summary>Functions whose types stayed, and whose meaning did not.</summary>
    private static readonly ImmutableDictionary<string, string> Changed = new Dictionary<string, string>
    {
        ["fd_seek"] = "which numbers whence otherwise",
        ["fd_filestat_get"] = "which lays filestat out otherwise",
        ["path_filestat_get"] = "which lays filestat out otherwise",
        ["poll_oneoff"] = "which lays subscriptions out otherwise",
    }.ToImmutableDictionary();

    private static readonly ImmutableDictionary<string, FunctionType> Types = Read();

    /// <summary>
    /// The C symbol of the function that fulfils an import; null where there is none of the name, or the signatures differ.
    /// </summary>
    public static string? Symbol(WasmImport import) =>
        import.Module is Module or Preview1 && Types.TryGetValue(import.Name, out var type)
            && type == import.Type ? $"__wasi_{import.Name}" : null;

    /// <summary>The type of the function of an import's name; null where there is none.</summary>
    public static FunctionType? Type(WasmImport import) =>
        import.Module is Module or Preview1 ? Types.GetValueOrDefault(import.Name) : null;

    /// <summary>What the ledger says of an import that is given another WASI's function; null where it is given its own.</summary>
    public static string? Note(WasmImport import) =>
        import.Module != Preview1 || Symbol(import) is null
            ? null : Changed.TryGetValue(import.Name, out var otherwise) ? $"{Mark}, {otherwise}" : Mark;

    private static ImmutableDictionary<string, FunctionType> Read()
    {
        using var stream = typeof(WasiUnstable).Assembly.GetManifestResourceStream("wasi_unstable.txt")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#').Select(line => line.Split(' ', 2))
            // Lucet's library has no sockets and no signals.
            .Where(parts => !parts[0].StartsWith("sock_", StringComparison.Ordinal) && parts[0] != "proc_raise")
            .ToImmutableDictionary(parts => parts[0], parts => ExternTypeText.Function(parts[1])!);
    }
}
