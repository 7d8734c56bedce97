using Conformance.Model.Observations;
using Conformance.Reporting.Jsonl;

namespace Conformance.Tests.CommandLine;

/// <summary>A module is added by copying one folder and changing its manifest: every command knows it then.</summary>
[TestFixture]
public sealed class AddedModuleTests
{
    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase("counter-wat", "ten-increments", "wasmtime")]
    [TestCase("counter-go-js", "ten-clicks", "chromium")]
    public async Task It_is_listed_run_and_reported(string copied, string scenario, string runtime)
    {
        Copy(Path.Combine(Repository.Modules, copied), _folder.Sub("modules", "mine"));
        var manifest = _folder.Sub("modules", "mine", "module.toml");
        File.WriteAllText(manifest,
            File.ReadAllText(manifest).Replace($"id = \"{scenario}\"", "id = \"my-own\"", StringComparison.Ordinal));

        Assert.That((await RunAsync("list", "cells")).Output, Does.Contain($"mine/my-own/{runtime}"));
        var run = await RunAsync("run", "-m", "mine", "-r", runtime, "--server", "embedded", "--out", _folder.Sub("report"));
        var report = ReportReader.Read(_folder.Sub("report", "report.jsonl"));
        Requirement.Present(report.Header);
        Assert.That((run.ExitCode, report.Cells.Single().Verdict, report.Header.Modules.Single().Id),
            Is.EqualTo((0, Verdict.Pass, "mine")), run.Output);
        Assert.That(report.Footer!.Agreements.Single().Scenario, Is.EqualTo("my-own"));
        Assert.That(report.Cells.Single().Observation.Ledger, Is.Not.Empty);
        if (copied == "counter-wat") Assert.That((await RunAsync("modules", "size", "mine")).Output, Does.Contain("│ mine "));
    }

    private Task<CommandResult> RunAsync(params string[] arguments) =>
        Command.RunAsync([.. arguments, "--modules-dir", _folder.Sub("modules")]);

    private static void Copy(string source, string target)
    {
        if (Directory.Exists(target)) Directory.Delete(target, recursive: true);
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
