using Conformance.Engine.Running;
using Conformance.Machine;
using Conformance.Manifests;
using Conformance.Model.Modules;
using Conformance.Model.Observations;
using Conformance.Model.Runtimes;

namespace Conformance.Tests.Harness;

/// <summary>A runtime is asked about a guest's imports once, and again only where the answer could be another.</summary>
[Category("Portable")]
[TestFixture]
public sealed class KeptLedgerTests
{
    private TemporaryFolder _folder = null!;
    private RuntimeManifest _runtime = null!;
    private string _variable = "";

    [SetUp]
    public void Prepare()
    {
        _folder = new TemporaryFolder();
        _variable = $"OUR_TEST_{Guid.NewGuid():n}";
        _runtime = RuntimeManifestReader.Read(_folder.Write("runtimes/tells-what-it-is-asked/runtime.toml",
            $"environment = [\"{_variable}\"]\n{Fakes.Toml("tells-what-it-is-asked")}"));
    }

    [TearDown]
    public void RemoveFolder()
    {
        Environment.SetEnvironmentVariable(_variable, null);
        _folder.Dispose();
    }

    [Test]
    public async Task The_next_run_has_the_answers_of_the_last_one()
    {
        var first = await RunAsync();
        var second = await RunAsync();
        Assert.That(Asked(), Is.EqualTo(1));
        Assert.That(first.Ledger, Is.Not.Empty);
        Assert.That(second.Ledger, Is.EqualTo(first.Ledger));
        Assert.That(second.Counts, Is.EqualTo(new Counts(10, 10, 10)));
    }

    [TestCase("its manifest")]
    [TestCase("its worker")]
    [TestCase("code beside it that it may share")]
    [TestCase("the memory that guests have")]
    [TestCase("a variable that its manifest names")]
    public async Task Where_what_answers_is_another_it_is_asked_again(string changed)
    {
        await RunAsync();
        var memory = new RunOptions().MemoryBytes;
        switch (changed)
        {
            case "a variable that its manifest names": Environment.SetEnvironmentVariable(_variable, "set"); break;
            case "its manifest":
                var manifest = _runtime.ManifestPath;
                await File.WriteAllTextAsync(manifest, "# another\n" + await File.ReadAllTextAsync(manifest));
                break;
            case "its worker": _folder.Write("runtimes/tells-what-it-is-asked/worker.js", "// another"); break;
            case "code beside it that it may share": _folder.Write("runtimes/shared/deep/code.js", "// another"); break;
            default: memory /= 2; break;
        }

        await RunAsync(memory: memory);
        await RunAsync(memory: memory);
        Assert.That(Asked(), Is.EqualTo(2), "once again, and not always");
    }

    [Test]
    public async Task Where_another_question_is_asked_the_answers_are_not_taken()
    {
        var module = Fakes.CounterC;
        await RunAsync(module);
        await RunAsync(module with { Imports = [.. module.Imports.Skip(1).Append(module.Imports[0] with { Name = "another" })] });
        await RunAsync(Repository.Module("counter-zig"));
        Assert.That(Asked(), Is.EqualTo(3));
        await RunAsync(module);
        Assert.That(Asked(), Is.EqualTo(3), "each is kept for itself");
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task What_was_damaged_is_asked_again(bool isCut)
    {
        var first = await RunAsync();
        foreach (var entry in CacheInventory.Read(_folder.Sub("cache")).Where(entry => entry.Kind == "ledgers"))
        {
            var text = await File.ReadAllTextAsync(entry.Path);
            // Still JSON, and another answer.
            await File.WriteAllTextAsync(entry.Path, isCut ? text[..(text.Length / 2)] : text.Replace("\"host\"", "\"wasi\""));
        }

        Assert.That((await RunAsync()).Ledger, Is.EqualTo(first.Ledger));
        await RunAsync();
        Assert.That(Asked(), Is.EqualTo(2));
    }

    private async Task<Observation> RunAsync(ModuleManifest? module = null, long? memory = null)
    {
        var options = new RunOptions { CacheFolder = _folder.Sub("cache") };
        var run = await new RecordedRun().RunAsync(
            Fakes.Plan(module ?? Fakes.CounterC, _runtime), options with { MemoryBytes = memory ?? options.MemoryBytes });
        return run.Cells[0].Observation;
    }

    private int Asked() => File.ReadAllLines(_folder.Sub("runtimes/asked")).Length;
}
