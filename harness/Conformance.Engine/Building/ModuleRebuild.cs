using System.Collections.Immutable;
using System.Security.Cryptography;
using Conformance.Machine;
using Conformance.Model.Modules;
using Conformance.Model.Runtimes;
using Conformance.Wasm;

namespace Conformance.Engine.Building;

/// <summary>How a rebuilt module stands to the committed one.</summary>
public enum RebuildOutcome
{
    /// <summary>The same bytes.</summary>
    Identical,

    /// <summary>
    /// Other bytes, the same imports and exports, where the manifest says <c>compare = "behaviour"</c>; no runtime was there to compare the
    /// rest on.
    /// </summary>
    SameInterface,

    /// <summary>Other bytes, the same imports, exports and behaviour: what <c>compare = "behaviour"</c> asks for.</summary>
    SameBehaviour,

    /// <summary>It differs where it must not.</summary>
    Different,

    /// <summary>The toolchain is not on this machine.</summary>
    ToolchainMissing,

    /// <summary>The recipe failed.</summary>
    Failed,
}

/// <param name="Outcome">How it stands.</param>
/// <param name="Text">What differs, or the recipe's own words; empty where it is identical.</param>
public sealed record Rebuild(RebuildOutcome Outcome, string Text);

/// <summary>Builds a module anew from its source, in a clean folder, and holds it against the committed one.</summary>
public static class ModuleRebuild
{
    /// <summary>What the recipes say of a toolchain that is not there.</summary>
    private const int NoToolchain = 3;

    private static readonly string[] Binaries = [".wasm", ".br"];

    /// <param name="module">What to build.</param>
    /// <param name="runtimes">To compare behaviour on, where the bytes may differ.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ConformanceException">The module has no recipe.</exception>
    public static async Task<Rebuild> RunAsync(ModuleManifest module,
        ImmutableArray<RuntimeManifest> runtimes, CancellationToken cancellation)
    {
        var source = Path.GetDirectoryName(module.ManifestPath)!;
        if (!File.Exists(Path.Combine(source, "build.sh"))) throw new InputException($"{source}: there is no build.sh");
        var folder = SessionFolder.Create("build");
        try
        {
            var clean = folder.CreateSubdirectory("source").FullName;
            foreach (var file in Directory.GetFiles(source).Where(f => !Binaries.Contains(Path.GetExtension(f))))
                File.Copy(file, Path.Combine(clean, Path.GetFileName(file)));
            var output = Path.Combine(folder.FullName, "built.wasm");
            var run = await ToolRun.StartAsync(Path.Combine(clean, "build.sh"), [output], cancellation).ConfigureAwait(false);
            if (run.Exit is ToolRun.NotFound or NoToolchain) return new Rebuild(RebuildOutcome.ToolchainMissing, run.Words);
            if (run.Exit != 0 || !File.Exists(output))
                return new Rebuild(RebuildOutcome.Failed, run.Words.Length > 0 ? run.Words : $"build.sh ended with exit code {run.Exit}");
            if (LoaderProblem(module, folder.FullName) is { } problem) return new Rebuild(RebuildOutcome.Different, problem);
            return await CompareAsync(module, output, runtimes, cancellation).ConfigureAwait(false);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Holds a build against the committed module.</summary>
    public static async Task<Rebuild> CompareAsync(ModuleManifest module,
        string path, ImmutableArray<RuntimeManifest> runtimes, CancellationToken cancellation)
    {
        var built = await File.ReadAllBytesAsync(path, cancellation).ConfigureAwait(false);
        var sha256 = Sha256.Hex(built);
        var rebuild = Compare(module, built, sha256);
        if (rebuild.Outcome != RebuildOutcome.SameInterface) return rebuild;
        var behaviour = await BehaviourComparison.MakeAsync(module, path, sha256, runtimes, cancellation).ConfigureAwait(false);
        return behaviour switch
        {
            { Differences.IsEmpty: false } => new Rebuild(RebuildOutcome.Different,
                $"{rebuild.Text}; {string.Join("; ", behaviour.Differences)}"),
            { Runtimes.IsEmpty: true } => rebuild with { Text = $"{rebuild.Text}; no runtime is here to compare behaviour on" },
            _ => new Rebuild(RebuildOutcome.SameBehaviour,
                $"{rebuild.Text}, and so is behaviour on {string.Join(", ", behaviour.Runtimes)}"),
        };
    }

    private static Rebuild Compare(ModuleManifest module, byte[] built, string sha256)
    {
        if (sha256 == module.Sha256) return new Rebuild(RebuildOutcome.Identical, "");
        var committed = File.ReadAllBytes(module.WasmPath);
        var first = committed.AsSpan().CommonPrefixLength(built);
        var text = $"{committed.Length} bytes committed, {built.Length} built, the first that differs at 0x{first:x}";
        try
        {
            var (before, after) = (Interface(committed), Interface(built));
            string[] changes = [.. before.Except(after).Select(gone => $"without {gone}"),
                .. after.Except(before).Select(added => $"with {added}")];
            if (changes.Length > 0) return new Rebuild(RebuildOutcome.Different, $"{text}; {string.Join("; ", changes)}");
        }
        catch (WasmFormatException e)
        {
            return new Rebuild(RebuildOutcome.Different, $"{text}; {e.Message}");
        }

        return new Rebuild(module.Build?.Compare == BuildComparison.Behaviour ? RebuildOutcome.SameInterface : RebuildOutcome.Different,
            $"{text}; imports and exports are the same");
    }

    /// <summary>What is wrong with the loader that the recipe wrote beside the module, or null.</summary>
    private static string? LoaderProblem(ModuleManifest module, string folder)
    {
        if (module.Page is not { } page) return null;
        var built = Path.Combine(folder, Path.GetFileName(page.LoaderPath));
        return !File.Exists(built) ? $"build.sh wrote no {Path.GetFileName(built)} beside the module"
            : Sha256.HexOfFile(built) != page.LoaderSha256 ? $"{Path.GetFileName(built)} is another than the committed one"
            : null;
    }

    private static List<string> Interface(byte[] bytes)
    {
        var module = WasmInterfaceReader.Read(bytes);
        return [.. module.Imports.Select(i => $"import {i.Module}::{i.Name} {i.Type}"),
            .. module.Exports.Select(e => $"export {e.Name} {e.Type}")];
    }
}
