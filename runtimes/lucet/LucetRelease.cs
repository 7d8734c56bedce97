using System.Collections.Immutable;
using Conformance.Machine;
using Conformance.Protocol;
using Conformance.Runtimes.Hosting;

namespace Conformance.Runtimes.Lucet;

/// <summary>Lucet's compiler and library in a folder, and the C compiler that it takes to give guests host functions.</summary>
/// <param name="Compiler">The program <c>lucetc</c>.</param>
/// <param name="Library">The library <c>liblucet_wasi.so</c>.</param>
/// <param name="Version">What <c>lucetc --version</c> says.</param>
internal sealed record LucetRelease(string Compiler, string Library, string Version)
{
    private const string Variable = "LUCET_DIR";

    public ImmutableArray<SearchedPlace> Places { get; private init; } = [];

    /// <exception cref="RuntimeUnavailableException">It is not there, or what it needs is not.</exception>
    public static LucetRelease Find()
    {
        // Its compiled modules are for Linux on x86-64, whatever they were made on.
        if (!OperatingSystem.IsLinux())
            throw new RuntimeUnavailableException("retired in 2022, its successor is Wasmtime; it ran on Linux", null);
        var folder = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } value ? Path.GetFullPath(value) : null;
        if (folder is null)
            throw new RuntimeUnavailableException($"retired in 2022, its successor is Wasmtime ({Variable} is not set)", null);
        var (compiler, library) = (Path.Combine(folder, "bin", "lucetc"), Path.Combine(folder, "lib", "liblucet_wasi.so"));
        foreach (var file in new[] { compiler, library })
        {
            if (!File.Exists(file))
            {
                throw new RuntimeUnavailableException(
                $"retired in 2022, its successor is Wasmtime ({Variable} is {folder}, and {file} is not there)", null);
            }
        }

        foreach (var tool in new[] { "cc", "ld" })
        {
            if (!Programs.IsOnPath(tool))
            {
                throw new RuntimeUnavailableException($"{tool} is not on PATH",
                "as root on Debian: apt-get install -y --no-install-recommends gcc libc6-dev");
            }
        }

        var version = ToolRun.Run(compiler, ["--version"]);
        if (version.Exit != 0) throw new RuntimeUnavailableException($"{compiler} does not run: {version.Errors}", null);
        return new LucetRelease(compiler, library, version.Output.Split(' ')[^1]) { Places = [new SearchedPlace(Variable, folder, true)] };
    }
}
