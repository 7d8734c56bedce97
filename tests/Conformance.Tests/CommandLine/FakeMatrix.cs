using Conformance.Tests.Harness;

namespace Conformance.Tests.CommandLine;

/// <summary>
/// Folders of modules and fake runtimes for the command: what each runtime does can change between one run and the next, as it does between
/// nights.
/// </summary>
internal sealed class FakeMatrix : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <param name="modules">Counter guests, with a scenario each.</param>
    public FakeMatrix(params string[] modules)
    {
        var guest = Path.Combine(Repository.Root, "tests", "Conformance.Sample", "guests", "counter-ours");
        foreach (var module in modules)
        {
            var manifest = File.ReadAllText(Path.Combine(guest, "module.toml")).Replace("\"freestanding\"",
                "\"wasi-command\"", StringComparison.Ordinal).Replace("result = \"10\"", "", StringComparison.Ordinal);
            _folder.Write($"modules/{module}/module.toml", manifest);
            File.Copy(Path.Combine(guest, "counter-ours.wasm"), _folder.Sub("modules", module, "counter-ours.wasm"));
        }
    }

    /// <summary>The options that make the command use these folders and no container.</summary>
    public string[] Folders => ["--modules-dir", _folder.Sub("modules"), "--runtimes-dir", _folder.Sub("runtimes"), "--server", "embedded"];

    public string Sub(params string[] names) => _folder.Sub(names);

    /// <summary>A runtime, and what it does from now on.</summary>
    public void Runtime(string id, string behaviour) => _folder.Write($"runtimes/{id}/runtime.toml", Fakes.Toml(behaviour));

    public void Dispose() => _folder.Dispose();
}
