
namespace Conformance.Tests.CommandLine;

/// <summary>Nothing of WAMR, Lucet and all commands is on the machine: told, and no failure; but for who requires them.</summary>
[Category("Portable")]
[TestFixture]
public sealed class AbsentRuntimesTests
{
    private const int Pass = 0;
    private const int Environment = 3;

    private static readonly string[] Absent = ["iwasm", "lucet", "node-cli", "wamr", "wasmedge", "wasmer-cli", "wasmtime-cli", "wazero"];

    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task All_absent_at_once_is_green_and_each_cell_has_its_remedy()
    {
        var result = await Command.RunAsync(Nothing(), Arguments([.. Absent, "wasmtime"]));
        Assert.That(result.ExitCode, Is.EqualTo(Pass), result.Output + result.Error);
        Assert.That(result.Output, Does.Contain($"{Absent.Length + 1} cells").And.Contain($"1 pass, {Absent.Length} unavailable"));
        foreach (var runtime in Absent) Assert.That(result.Output, Does.Match($"unavailable: {runtime}: .+; to have it: .+"));
        Assert.That(result.Output, Does.Contain("retired in 2022, its successor is Wasmtime"));
    }

    [TestCaseSource(nameof(Absent))]
    public async Task Under_a_requirement_it_is_red(string runtime)
    {
        var environment = Nothing();
        environment["CONFORMANCE_REQUIRE"] = runtime;
        var result = await Command.RunAsync(environment, Arguments([runtime, "wasmtime"]));
        Assert.That(result.ExitCode, Is.EqualTo(Environment), result.Output + result.Error);
        Assert.That(result.Error, Does.StartWith($"conformance: {runtime} is required and unavailable: "));
    }

    /// <summary>An environment that names no library, with no program on PATH.</summary>
    private Dictionary<string, string?> Nothing() => new()
    {
        ["PATH"] = Directory.CreateDirectory(_folder.Sub("nothing")).FullName,
        ["WAMR_LIBRARY"] = null,
        ["LUCET_DIR"] = null,
        ["CONFORMANCE_HOME"] = _folder.Sub("home")
    };

    private string[] Arguments(string[] runtimes) =>
        ["run", "--all", "-m", "counter-wat", .. runtimes.SelectMany(runtime => new[] { "-r", runtime }),
            "--server", "embedded", "--out", _folder.Sub("report")];
}
