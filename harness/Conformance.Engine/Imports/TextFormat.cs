using System.Text.RegularExpressions;
using Conformance.Engine.Planning;
using Conformance.Machine;

namespace Conformance.Engine.Imports;

/// <summary>
/// Makes modules of WebAssembly's text format. The parser is that of Wasmtime, whose worker's program is asked for it: it is always here,
/// keeps up with proposals, and what text does to it is done to a process of its own.
/// </summary>
internal static partial class TextFormat
{
    private const string Program = "Conformance.Runtimes.Wasmtime";
    private const string Argument = "text-format";

    /// <summary>Its exit code where the text is wrong.</summary>
    private const int Wrong = 2;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <param name="path">Where the text is from, for messages.</param>
    /// <param name="text">UTF-8.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="InputException">The text is wrong: the line and the parser's words.</exception>
    /// <exception cref="EnvironmentException">There is no parser, or it does not end as it should.</exception>
    public static async Task<byte[]> ModuleAsync(string path, byte[] text, CancellationToken cancellation)
    {
        var (program, arguments) = Installation.Find().Worker(Program, out var place) ?? throw new EnvironmentException(
            $"{path} is WebAssembly's text format, and what reads it is not built ({place} is not there): dotnet build Conformance.sln -c Release");
        var folder = SessionFolder.Create("text");
        try
        {
            var (from, to) = (Path.Combine(folder.FullName, "module.wat"), Path.Combine(folder.FullName, "module.wasm"));
            await File.WriteAllBytesAsync(from, text, cancellation).ConfigureAwait(false);
            var run = await ToolRun.StartAsync(program, [.. arguments, Argument, from, to], cancellation,
                new Dictionary<string, string> { ["DOTNET_ROOT"] = Installation.DotnetRoot, ["RUST_BACKTRACE"] = "0" },
                Limit).ConfigureAwait(false);
            return run.Exit switch
            {
                0 => await File.ReadAllBytesAsync(to, cancellation).ConfigureAwait(false),
                Wrong => throw new InputException(ErrorMessage(path, run.Errors)),
                _ => throw new EnvironmentException($"{path}: its text can't be read: {run.LastLine}"),
            };
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The place before the words, as compilers say it; what the parser draws beside them is left out.</summary>
    private static string ErrorMessage(string path, string words) => Place().Match(words) is { Success: true } place
        ? $"{path}:{place.Groups["line"]}:{place.Groups["column"]}: {words[..place.Index].Trim()}"
        : $"{path}: {words.ReplaceLineEndings(" ")}";

    [GeneratedRegex(@"\s*--> .*?:(?<line>\d+):(?<column>\d+)\s")]
    private static partial Regex Place();
}
