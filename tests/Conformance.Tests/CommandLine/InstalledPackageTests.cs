using System.Xml.Linq;
using System.Xml.Schema;
using Conformance.Model.Observations;
using Conformance.Reporting.Documents;
using Conformance.Reporting.Formats;
using Conformance.Reporting.Jsonl;
using Conformance.Tests.Reports;

namespace Conformance.Tests.CommandLine;

/// <summary>
/// What others get: the packages, made once, installed from a feed of their own, and used in folders that are no checkout.
/// </summary>
[TestFixture]
public sealed class InstalledPackageTests
{
    private readonly TemporaryFolder _folder = new();
    private string _feed = "";

    [OneTimeSetUp]
    public async Task PackAsync()
    {
        _feed = _folder.Sub("feed");
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)).Name;
        await Shell.RunAsync(Repository.Root, "dotnet", "pack",
            "Conformance.sln", "-c", configuration, "--no-build", "-m:1", "-o", _feed, "--nologo", "-v", "quiet");
        // What the machine's cache has of other people's packages is used; ours of an earlier test is not.
        _folder.Write("nuget.config", $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{_folder.Sub("packages")}" /></config>
              <fallbackPackageFolders><add key="known" value="{Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages")}" /></fallbackPackageFolders>
              <packageSources><add key="ours" value="{_feed}" /></packageSources>
            </configuration>
            """);
    }

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void Every_package_is_there_and_none_besides() =>
        Assert.That(Directory.GetFiles(_feed).Select(file => Path.GetFileName(file).Replace(".1.0.0.nupkg", "", StringComparison.Ordinal)),
            Is.EquivalentTo(new[]
        {
            "Conformance.Cli", "Conformance.CounterServer", "Conformance.Engine", "Conformance.Machine",
                "Conformance.Manifests", "Conformance.Model", "Conformance.NUnit", "Conformance.Protocol", "Conformance.Reporting",
            "Conformance.Runtimes", "Conformance.Wasm", "Conformance.Wasmer",
        }));

    [Test]
    public async Task The_tool_is_installed_and_runs_its_own_guests_anywhere()
    {
        var tool = _folder.Sub("tool");
        await Shell.RunAsync(_folder.Path, "dotnet", "tool",
            "install", "Conformance.Cli", "--version", "1.0.0", "--tool-path", tool, "--configfile", _folder.Sub("nuget.config"));
        var elsewhere = Directory.CreateDirectory(_folder.Sub("elsewhere")).FullName;
        var (exit, output) = await Shell.TryAsync(elsewhere, Path.Combine(tool, "conformance"), "run",
            "-m", "counter-wat", "-m", "counter-c", "-r", "wasmtime", "-r", "node", "--server", "embedded", "-f", "html", "-f", "junit");
        Assert.That(exit, Is.Zero, output);
        var report = ReportReader.Read(Path.Combine(elsewhere, "conformance-report", ReportWriter.FileName));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(report.Cells.Select(cell => cell.Verdict),
                Is.EqualTo(new[] { Verdict.Pass, Verdict.Pass, Verdict.Pass, Verdict.Pass }), output);
            Assert.That(report.Cells[0].Repro, Does.StartWith("conformance repro "));
            Assert.That(Directory.GetFiles(Path.Combine(elsewhere, "conformance-report")).Select(Path.GetFileName),
                Is.SupersetOf(new[] { "report.jsonl", "index.html", "junit.xml" }));
        }
    }

    [Test]
    public async Task Somebody_elses_test_project_gets_cells_from_one_attribute()
    {
        var project = CopySample("passes");
        var (exit, output) = await TestAsync(project, "trx;LogFileName=sample.trx");
        var trx = XDocument.Load(Path.Combine(project, "sample.trx")).Root!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(exit, Is.Zero, output);
            Assert.That(Results(trx), Is.SupersetOf(new Dictionary<string, string>
            {
                ["wasmtime · counter-ours · ten increments"] = "Passed",
                ["node · counter-ours · ten increments"] = "Passed",
                ["agreement · counter-ours · ten increments"] = "Passed",
            }));
            Assert.That(Results(trx), Has.Count.EqualTo(4));
            Assert.That(ReportReader.Read(
                Path.Combine(project, "bin", "Debug", "net10.0", "conformance-report", ReportWriter.FileName)).IsComplete, Is.True);
        }
    }

    [Test]
    public async Task And_a_guest_that_is_not_as_expected_fails_there()
    {
        var project = CopySample("fails");
        Edit(project, manifest => manifest.Replace("counts = 10", "counts = 11", StringComparison.Ordinal));
        // The method itself looks closer, and is not content with the agreement.
        var code = Path.Combine(project, "GuestTests.cs");
        File.WriteAllText(code, File.ReadAllText(code).Replace("        if (test.Line",
            "        Assert.That(test.Agreement, Is.Null);\n        if (test.Line", StringComparison.Ordinal));
        var (exit, output) = await TestAsync(project, "trx;LogFileName=sample.trx");
        var trx = XDocument.Load(Path.Combine(project, "sample.trx")).Root!;
        Assert.That(exit, Is.Not.Zero);
        Assert.That(Results(trx)["wasmtime · counter-ours · ten increments"], Is.EqualTo("Failed"));
        Assert.That(Results(trx)["agreement · counter-ours · ten increments"], Is.EqualTo("Failed"));
        Assert.That(output, Does.Contain("counts expected: 11").And.Contain("counts observed: 10").And.Contain(
            "conformance repro counter-ours/ten-increments/wasmtime"));

        // The same results as our own TRX has them fit what Microsoft's logger writes: its files are the schema here.
        var ours = _folder.Sub("ours.trx");
        ReportFormats.WriteFile(ReportFormats.ByName("trx"), new ReportDocument(SampleReport.Everything), ours);
        Assert.That(Against(trx, ours), Is.Empty);
        File.WriteAllText(ours, File.ReadAllText(ours).Replace("<Counters ", "<Counts ", StringComparison.Ordinal));
        Assert.That(Against(trx, ours), Is.Not.Empty, "a check that can fail");
    }

    [Test]
    public async Task And_a_manifest_that_is_wrong_is_one_failing_test_with_file_and_line()
    {
        var project = CopySample("broken");
        Edit(project, manifest => manifest.Replace("counts = 10", "count = 10", StringComparison.Ordinal));
        var (exit, output) = await TestAsync(project, "console;verbosity=normal");
        Assert.That(exit, Is.Not.Zero);
        Assert.That(output, Does.Match(
            @"guests[/\\]counter-ours[/\\]module\.toml:\d+:\d+.*unknown key 'scenarios\.expect\.count'|module\.toml:\d+:\d+.*count"));
    }

    private static Dictionary<string, string> Results(XElement trx) =>
        trx.Descendants(trx.Name.Namespace + "UnitTestResult")
            .ToDictionary(result => result.Attribute("testName")!.Value, result => result.Attribute("outcome")!.Value);

    /// <summary>What is in a file that a schema, inferred from a file of the real logger, does not allow.</summary>
    private static List<string> Against(XElement real, string file)
    {
        var inference = new XmlSchemaInference
        {
            Occurrence = XmlSchemaInference.InferenceOption.Relaxed,
            TypeInference = XmlSchemaInference.InferenceOption.Relaxed,
        };
        using var reader = real.CreateReader();
        var schemas = inference.InferSchema(reader);
        var problems = new List<string>();
        XDocument.Load(file).Validate(schemas, (_, e) => problems.Add(e.Message));
        return problems;
    }

    private static void Edit(string project, Func<string, string> change)
    {
        var path = Path.Combine(project, "guests", "counter-ours", "module.toml");
        File.WriteAllText(path, change(File.ReadAllText(path)));
    }

    private string CopySample(string name)
    {
        var source = Path.Combine(Repository.Root, "tests", "Conformance.Sample");
        var target = _folder.Sub(name);
        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(source, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj")))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return target;
    }

    private static Task<(int Exit, string Output)> TestAsync(string project, string logger) => Shell.TryAsync(project,
        "dotnet", "test", "--nologo", "--results-directory", project, "--logger", logger, "--logger", "console;verbosity=normal");
}
