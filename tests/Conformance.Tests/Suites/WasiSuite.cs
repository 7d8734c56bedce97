using System.Collections.Immutable;
using System.Text.Json;
using Conformance.Machine;
using Conformance.Model.Modules;

namespace Conformance.Tests.Suites;

/// <summary>
/// The programs of WASI's own test suite: each is <c>NAME.wasm</c>, with <c>NAME.json</c> beside it where it needs or is to give something.
/// </summary>
/// <seealso href="https://github.com/WebAssembly/wasi-testsuite/blob/main/doc/specification.md"/>
internal static class WasiSuite
{
    /// <summary>Names the folder of the suite, which is not a part of the project.</summary>
    public const string Variable = "CONFORMANCE_WASI_SUITE";

    public static ImmutableArray<ModuleManifest> Read()
    {
        var folder = Environment.GetEnvironmentVariable(Variable);
        if (!Directory.Exists(folder)) Requirement.Missing("wasi-testsuite", $"{Variable} names no folder with its programs");
        return [.. Directory.EnumerateFiles(folder!, "*.wasm", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Read)];
    }

    private static ModuleManifest Read(string wasm)
    {
        var path = Path.ChangeExtension(wasm, ".json");
        using var json = JsonDocument.Parse(File.Exists(path) ? File.ReadAllText(path) : "{}");
        var (args, env, preopens, expect) = (ImmutableArray<string>.Empty, ImmutableSortedDictionary.CreateBuilder<string, string>(),
            ImmutableArray.CreateBuilder<Preopen>(), new Expectation { Exit = 0 });
        var here = Path.GetDirectoryName(wasm)!;
        foreach (var (name, value) in json.RootElement.EnumerateObject().Select(property => (property.Name, property.Value)))
        {
            if (name == "args") args = [.. value.EnumerateArray().Select(arg => arg.GetString()!)];
            else if (name == "env") env.AddRange(value.EnumerateObject().Select(pair => KeyValuePair.Create(pair.Name, pair.Value.GetString()!)));
            else if (name == "dirs") preopens.AddRange(value.EnumerateArray().Select(folder => Folder(folder.GetString()!, folder.GetString()!)));
            else if (name == "root") preopens.Add(Folder("/", value.GetString()!));
            else if (name == "exit_code") expect = expect with { Exit = value.GetInt32() };
            else if (name == "stdout") expect = expect with { Stdout = value.GetString() };
            else if (name == "stderr") expect = expect with { Stderr = value.GetString() };
            else throw new InvalidDataException($"{path}: nobody has told this reader what \"{name}\" is");
        }

        Preopen Folder(string guestPath, string folder) => new(guestPath, Path.GetFullPath(Path.Combine(here, folder)));

        var id = Path.GetFileNameWithoutExtension(wasm);
        return new ModuleManifest
        {
            Id = id,
            ManifestPath = File.Exists(path) ? path : wasm,
            Title = id,
            WasmPath = wasm,
            WasmLine = 1,
            Sha256 = Sha256.HexOfFile(wasm),
            Kind = ModuleKind.WasiCommand,
            Toolchain = Path.GetFileName(Path.GetDirectoryName(here)!),
            Proposals = [],
            Imports = [],
            Definitions = [],
            Scenarios =
            [
                new Scenario
                {
                    Id = "only",
                    Title = id,
                    Entry = "_start",
                    Args = args,
                    Env = env.ToImmutable(),
                    Preopens = preopens.ToImmutable(),
                    GuestCount = GuestCountSource.Stdout,
                    Expect = expect,
                },
            ],
        };
    }
}
